internal import ExporterCommand

/// Reads PromQL: strictly, but with variables of Grafana where a name, a number or a time may stand.
struct PromParser {
    private let tokens: [PromToken]
    private var position = 0
    private var depth = 0

    /// Reads a whole expression.
    static func expression(_ text: String) throws(PromError) -> PromExpression {
        var parser = PromParser(tokens: try PromLexer.tokens(of: text))
        let expression = try parser.binary(0)
        guard parser.token.kind == .end else { throw parser.unexpected("an operator") }
        return expression
    }

    /// Reads an instant vector selector and nothing else.
    static func selector(_ text: String) throws(PromError) -> PromSelector {
        let expression = try expression(text)
        guard case .selector(let selector) = expression, !selector.hasRange, !selector.hasVariableName else {
            throw PromError(text: "there must be a name and matchers, without functions and ranges", offset: 0)
        }
        return selector
    }

    private init(tokens: [PromToken]) { self.tokens = tokens }

    // MARK: - Operators

    /// Binding of each operator; `^` alone binds to the right.
    private static let precedence: [String: Int] = [
        "or": 1, "and": 2, "unless": 2, "==": 3, "!=": 3, "<=": 3, "<": 3, ">=": 3, ">": 3, "+": 4, "-": 4, "*": 5,
        "/": 5, "%": 5, "atan2": 5, "^": 7,
    ]

    private mutating func binary(_ minimum: Int) throws(PromError) -> PromExpression {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 100 else { throw PromError(text: "the expression is nested too deeply", offset: token.offset) }
        var left = try unary()
        while let strength = Self.precedence[token.text.lowercased()], strength >= minimum,
            token.kind == .sign || token.kind == .name
        {
            let sign = take()
            let matching = try self.matching()
            let right = try binary(sign.text == "^" ? strength : strength + 1)
            left = .binary(PromName(text: sign.text.lowercased(), offset: sign.offset), left, right, matching)
        }
        return left
    }

    private mutating func unary() throws(PromError) -> PromExpression {
        guard isSign("-") || isSign("+") else { return try postfix(try primary()) }
        _ = take()
        return .unary(try binary(6))
    }

    private mutating func matching() throws(PromError) -> PromMatching {
        var matching = PromMatching()
        if skip(word: "bool") { matching.isBool = true }
        if isWord("on") || isWord("ignoring") {
            matching.isOn = take().text.lowercased() == "on"
            matching.labels = try labels()
        }
        if isWord("group_left") || isWord("group_right") {
            matching.group = take().text.lowercased()
            if isSign("(") { matching.included = try labels() }
        }
        return matching
    }

    // MARK: - Terms

    private mutating func primary() throws(PromError) -> PromExpression {
        switch token.kind {
        case .number:
            try checkNumber(take())
            return .number
        case .string: return .string(take().text)
        case .sign where isSign("("):
            _ = take()
            let inner = try binary(0)
            try expect(")")
            return inner
        case .sign where isSign("{"): return .selector(try selector(nil))
        case .name: return try named()
        case .variable:
            let variable = take()
            if isSign("(") { return try call(PromName(text: variable.text, offset: variable.offset)) }
            var selector = PromSelector(name: nil, hasVariableName: true, offset: variable.offset)
            if isSign("{") { selector.matchers = try matchers() }
            return isSign("[") || !selector.matchers.isEmpty ? .selector(selector) : .variable
        default: throw unexpected("a metric, a function or a number")
        }
    }

    private mutating func named() throws(PromError) -> PromExpression {
        let word = take()
        let name = PromName(text: word.text.lowercased(), offset: word.offset)
        if PromFunctions.aggregations.contains(name.text), isSign("(") || isWord("by") || isWord("without") {
            return try aggregation(name)
        }
        if isSign("(") { return try call(PromName(text: word.text, offset: word.offset)) }
        if ["inf", "nan"].contains(name.text) { return .number }
        return .selector(try selector(word))
    }

    private mutating func aggregation(_ name: PromName) throws(PromError) -> PromExpression {
        var grouping = try self.grouping()
        let arguments = try self.arguments()
        if grouping == nil { grouping = try self.grouping() }
        return .aggregation(name, grouping, arguments)
    }

    private mutating func grouping() throws(PromError) -> PromGrouping? {
        guard isWord("by") || isWord("without") else { return nil }
        let isWithout = take().text.lowercased() == "without"
        return PromGrouping(isWithout: isWithout, labels: try labels())
    }

    private mutating func call(_ name: PromName) throws(PromError) -> PromExpression {
        guard PromFunctions.all.contains(name.text) || name.text.contains("$") else {
            let hint = Nearest.hint(
                name.text, among: Array(PromFunctions.all.union(PromFunctions.aggregations)).sorted())
            throw PromError(text: "there is no function \(name.text)\(hint)", offset: name.offset)
        }
        return .call(name, try arguments())
    }

    private mutating func arguments() throws(PromError) -> [PromExpression] {
        try expect("(")
        var arguments: [PromExpression] = []
        while !isSign(")") {
            arguments.append(try binary(0))
            guard isSign(",") else { break }
            _ = take()
        }
        try expect(")")
        return arguments
    }

    // MARK: - Selectors

    private mutating func selector(_ word: PromToken?) throws(PromError) -> PromSelector {
        var selector = PromSelector(name: word?.text, offset: word?.offset ?? token.offset)
        if isSign("{") { selector.matchers = try matchers() }
        return selector
    }

    private mutating func matchers() throws(PromError) -> [PromSelector.Matcher] {
        try expect("{")
        var matchers: [PromSelector.Matcher] = []
        while !isSign("}") {
            guard [.name, .string, .variable].contains(token.kind) else { throw unexpected("the name of a label") }
            let label = take()
            guard ["=", "!=", "=~", "!~"].contains(token.text), token.kind == .sign else {
                // `$filters` stands for matchers; `{"name"}` for the metric itself.
                guard label.kind != .name else { throw unexpected("=, !=, =~ or !~") }
                if isSign(",") { _ = take() }
                continue
            }
            let sign = take()
            guard token.kind == .string || token.kind == .variable else { throw unexpected("a value in quotes") }
            matchers.append(
                .init(
                    label: PromName(text: label.text, offset: label.offset), sign: sign.text, value: take().text))
            guard isSign(",") else { break }
            _ = take()
        }
        try expect("}")
        return matchers
    }

    private mutating func labels() throws(PromError) -> [PromName] {
        try expect("(")
        var labels: [PromName] = []
        while !isSign(")") {
            guard token.kind == .name || token.kind == .variable else { throw unexpected("the name of a label") }
            let label = take()
            if label.kind == .name { labels.append(PromName(text: label.text, offset: label.offset)) }
            guard isSign(",") else { break }
            _ = take()
        }
        try expect(")")
        return labels
    }

    /// `[5m]`, `[5m:1m]`, `offset 1h`, `@ end()`.
    private mutating func postfix(_ expression: PromExpression) throws(PromError) -> PromExpression {
        var expression = expression
        while true {
            if isSign("[") {
                _ = take()
                try time()
                if isSign(":") {
                    _ = take()
                    if !isSign("]") { try time() }
                    expression = .subquery(expression)
                } else if case .selector(var selector) = expression {
                    selector.hasRange = true
                    expression = .selector(selector)
                } else if case .variable = expression {
                } else {
                    throw PromError(
                        text: "only a metric can have a range; write [5m:] for a subquery", offset: token.offset)
                }
                try expect("]")
            } else if skip(word: "offset") {
                if isSign("-") { _ = take() }
                try time()
            } else if isSign("@") {
                _ = take()
                if token.kind == .name {
                    _ = take()
                    try expect("(")
                    try expect(")")
                } else {
                    try time()
                }
            } else {
                return expression
            }
        }
    }

    private mutating func time() throws(PromError) {
        guard token.kind == .number || token.kind == .variable || token.kind == .name else {
            throw unexpected("a time such as 5m")
        }
        let word = take()
        if word.kind == .number { try checkNumber(word) }
        // `5$x` and `${x}m` are cut in two.
        if token.kind == .variable || (token.kind == .name && word.kind == .variable) { _ = take() }
    }

    private func checkNumber(_ token: PromToken) throws(PromError) {
        let text = token.text.replacing("_", with: "")
        let isHex = text.lowercased().hasPrefix("0x")
        guard
            Double(text) != nil || (isHex && UInt64(text.dropFirst(2), radix: 16) != nil)
                || DurationText.parse(text.hasSuffix("y") ? "\(text.dropLast())w" : text) != nil
        else { throw PromError(text: "`\(token.text)` is neither a number nor a time", offset: token.offset) }
    }

    // MARK: - Tokens

    private var token: PromToken { tokens[position] }

    private mutating func take() -> PromToken {
        defer { position = min(position + 1, tokens.count - 1) }
        return tokens[position]
    }

    private func isSign(_ text: String) -> Bool { token.kind == .sign && token.text == text }
    private func isWord(_ text: String) -> Bool { token.kind == .name && token.text.lowercased() == text }

    private mutating func skip(word: String) -> Bool {
        guard isWord(word) else { return false }
        _ = take()
        return true
    }

    private mutating func expect(_ text: String) throws(PromError) {
        guard isSign(text) else { throw unexpected("`\(text)`") }
        _ = take()
    }

    private func unexpected(_ wanted: String) -> PromError {
        let found = token.kind == .end ? "the expression ends" : "there is `\(Shown.clipped(token.text))`"
        return PromError(text: "\(found) where \(wanted) should be", offset: token.offset)
    }
}
