internal import ExporterCommand
internal import ExporterKit

extension ConfigurationReader {
    /// Commands that one `for` may expand to.
    private static let maximumExpansion = 1_000

    /// `commands:` of a Redis group.
    mutating func redisQuestions(
        _ map: inout YAMLMapping, fixed: [(name: String, value: String)]
    ) throws(ConfigurationError) -> [RedisQuestion] {
        var questions: [RedisQuestion] = []
        for node in try map.sequence("commands") {
            var command = try node.mapping("a command")
            let run = try command.node("run")
            var variables: [(name: String, values: [String])] = []
            if let node = command.optionalNode("for") { variables = try self.variables(node) }
            let calls = try expand(run, variables)
            let rule = try rule(&command, at: node, labels: variables.map(\.name), fixed: fixed)
            try command.finish()
            questions.append(RedisQuestion(rule: rule, commands: calls))
        }
        return questions
    }

    /// `{ queue: [a, b] }`
    private func variables(_ node: YAMLNode) throws(ConfigurationError) -> [(name: String, values: [String])] {
        var variables: [(name: String, values: [String])] = []
        for entry in try node.entries() {
            try entry.checkLabelName()
            let values = try entry.value.strings()
            guard !values.isEmpty, Set(values).count == values.count else {
                throw entry.value.error("for: \(entry.key) needs a list of different values")
            }
            variables.append((entry.key, values))
        }
        let count = variables.reduce(1) { min($0 * $1.values.count, Self.maximumExpansion + 1) }
        guard count <= Self.maximumExpansion else {
            throw node.error("for gives more than \(Self.maximumExpansion) commands; use shorter lists")
        }
        return variables
    }

    /// Every combination of the variables' values.
    private func expand(
        _ node: YAMLNode, _ variables: [(name: String, values: [String])]
    ) throws(ConfigurationError) -> [RedisCall] {
        let words = try node.sequence()
        guard !words.isEmpty else { throw node.error("run needs a command such as [LLEN, \"my:list\"]") }
        var combinations: [[LabelPair]] = [[]]
        for variable in variables {
            combinations = combinations.flatMap { prefix in
                variable.values.map { prefix + [LabelPair(name: variable.name, value: $0)] }
            }
        }
        var calls: [RedisCall] = []
        for combination in combinations {
            var call: [RedisWord] = []
            for word in words { call.append(try redisWord(word, combination)) }
            calls.append(RedisCall(words: call, labels: combination))
        }
        try checkUse(of: variables.map(\.name), in: words, at: node)
        try checkCommand(words, at: node)
        return calls
    }

    private func checkUse(of names: [String], in words: [YAMLNode], at node: YAMLNode) throws(ConfigurationError) {
        for name in names {
            var isUsed = false
            for word in words where try word.string().contains("{\(name)}") { isUsed = true }
            guard isUsed else { throw node.error("for names \(name), but the command does not use {\(name)}") }
        }
    }

    /// Commands of a group are sent again and again, on every schedule: only such that read.
    private func checkCommand(_ words: [YAMLNode], at node: YAMLNode) throws(ConfigurationError) {
        guard let first = words.first else { return }
        let name = try first.string().uppercased()
        guard Self.readingCommands.contains(name) else {
            throw first.error(
                "\(name) is not one of the commands that only read; use one of "
                    + Self.readingCommands.sorted().joined(separator: ", "))
        }
        if name == "MEMORY", try words.dropFirst().first?.string().uppercased() != "USAGE" {
            throw first.error("of MEMORY only MEMORY USAGE reads; write [MEMORY, USAGE, KEY]")
        }
    }

    static let readingCommands: Set<String> = [
        "BITCOUNT", "DBSIZE", "EXISTS", "GET", "GETBIT", "HGET", "HLEN", "HSTRLEN", "LLEN", "MEMORY", "OBJECT",
        "PFCOUNT",
        "PTTL", "SCARD", "SINTERCARD", "SISMEMBER", "STRLEN", "TTL", "XLEN", "ZCARD", "ZCOUNT", "ZINTERCARD",
        "ZLEXCOUNT",
        "ZRANK", "ZSCORE", "EXPIRETIME", "EVAL_RO", "EVALSHA_RO", "FCALL_RO",
    ]

    /// Puts values in, then reads `now±seconds`.
    private func redisWord(_ node: YAMLNode, _ labels: [LabelPair]) throws(ConfigurationError) -> RedisWord {
        let template = try node.string()
        var text = template
        for label in labels { text = text.replacing("{\(label.name)}", with: label.value) }
        guard template.hasPrefix("now+") || template.hasPrefix("now-") else { return .text(text) }
        guard let offset = Int64(text.dropFirst(3)) else {
            throw node.error("`\(text)` must be now+SECONDS or now-SECONDS")
        }
        return .now(offset: offset)
    }
}
