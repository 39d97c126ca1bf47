internal import CurlClient
internal import ExporterCommand
internal import ExporterKit

extension ConfigurationReader {
    /// An HTTP group: `get:` or `post:`, `items:`, `paging:`, `metrics:`.
    mutating func json(
        _ map: inout YAMLMapping, fixed: [(name: String, value: String)]
    ) throws(ConfigurationError) -> JSONQuestion {
        let request = try request(&map)
        var paging: Paging?
        if let node = map.optionalNode("paging") { paging = try self.paging(node) }
        let items = try map.optionalNode("items")?.jq() ?? JqProgram(known: ".")
        var metrics: [JSONMetric] = []
        for node in try map.sequence("metrics") { metrics.append(try jsonMetric(node, fixed: fixed)) }
        return JSONQuestion(request: request, paging: paging, items: items, metrics: metrics)
    }

    private func request(_ map: inout YAMLMapping) throws(ConfigurationError) -> SourceRequest {
        let (get, post) = (map.optionalNode("get"), map.optionalNode("post"))
        guard let node = get ?? post, get == nil || post == nil else {
            throw map.error("an http group needs either get: PATH or post: PATH")
        }
        let path = try node.string()
        guard path.hasPrefix("/") else {
            throw node.error("\(get == nil ? "post" : "get") must be a path that begins with /, not `\(path)`")
        }
        var request = SourceRequest(method: get == nil ? .post : .get, path: path)
        if let body = map.optionalNode("json") {
            guard get == nil else { throw body.error("json is the body of post; a GET has none") }
            request.body = Array(body.json.utf8)
        }
        return request
    }

    /// `{ next: JQ, parameter: NAME }`, `{ link: true }` or `{ page: NAME, first: 1 }`, with `more` and `max_pages`.
    private func paging(_ node: YAMLNode) throws(ConfigurationError) -> Paging {
        var map = try node.mapping("paging")
        let next = map.optionalNode("next")
        let parameter = map.optionalNode("parameter")
        let link = try map.optionalBool("link") ?? false
        let page = try map.optionalString("page")
        let first = try map.optionalInt("first", in: 0...1)
        let more = try map.optionalNode("more")?.jq()
        let most = try map.optionalInt("max_pages", in: 1...10_000) ?? 20
        try map.finish()
        guard [next != nil, link, page != nil].filter({ $0 }).count == 1 else {
            throw node.error("paging needs exactly one of next: JQ, link: true and page: PARAMETER")
        }
        if let parameter, next == nil { throw parameter.error("parameter belongs to next") }
        if first != nil, page == nil { throw node.error("first belongs to page") }
        let way: Paging.Way
        if let next {
            way = .next(try next.jq(), parameter: try parameter?.string())
        } else if let page {
            way = .number(parameter: page, first: first ?? 1)
        } else {
            way = .link
        }
        return Paging(way: way, more: more, maximumPages: most)
    }

    private mutating func jsonMetric(
        _ node: YAMLNode, fixed: [(name: String, value: String)]
    ) throws(ConfigurationError) -> JSONMetric {
        var map = try node.mapping("a metric")
        let reduction = try map.optionalChoice("reduce", of: Reduction.allCases.map(\.rawValue)).flatMap(Reduction.init)
        let valueNode = map.optionalNode("value")
        if valueNode == nil, reduction != .count {
            throw node.error("value is missing in a metric; write a jq expression, or reduce: count")
        }
        if let valueNode, reduction == .count {
            throw valueNode.error("reduce: count counts items and takes no value; remove it")
        }
        var labels: [(name: String, value: JqProgram)] = []
        if let node = map.optionalNode("labels") {
            for entry in try node.entries() {
                try entry.checkLabelName()
                labels.append((entry.key, try entry.value.jq()))
            }
        }
        let rule = try rule(&map, at: node, labels: labels.map(\.name), fixed: fixed)
        try map.finish()
        return JSONMetric(rule: rule, value: try valueNode?.jq(), labels: labels, reduction: reduction)
    }
}

extension YAMLNode {
    /// The value as JSON: unquoted numbers, booleans and nulls are what they look like, everything else is text.
    var json: String {
        switch content {
        case .scalar(let scalar):
            guard scalar.isPlain else { return Self.quoted(scalar.text) }
            if isNull { return "null" }
            if scalar.text == "true" || scalar.text == "false" { return scalar.text }
            return Self.isNumber(scalar.text) ? scalar.text : Self.quoted(scalar.text)
        case .sequence(let items): return "[\(items.map(\.json).joined(separator: ","))]"
        case .mapping(let entries):
            return "{\(entries.map { "\(Self.quoted($0.key)):\($0.value.json)" }.joined(separator: ","))}"
        }
    }

    /// Whether JSON has a number that is written so: no sign but a minus, no leading zeros, no bare point.
    private static func isNumber(_ text: String) -> Bool {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard let first = digits.first, first.isASCII, first.isNumber, let last = digits.last, last.isNumber,
            digits.allSatisfy({ "0123456789.eE+-".contains($0) }), !digits.contains(".e"), !digits.contains(".E")
        else { return false }
        let isPadded = first == "0" && digits.dropFirst().first?.isNumber == true
        return !isPadded && Double(text) != nil
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case ..<" ":
                let hex = String(scalar.value, radix: 16)
                quoted += "\\u\(String(repeating: "0", count: 4 - hex.count))\(hex)"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
