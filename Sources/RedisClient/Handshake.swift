/// A command that makes a new connection usable, and what its refusal means.
struct HandshakeStep {
    let command: RedisCommand

    /// What a new connection begins with. The same write carries the questions.
    static func steps(for options: RedisOptions, named: Bool) -> [HandshakeStep] {
        var steps: [HandshakeStep] = []
        if let password = options.password {
            steps.append(
                HandshakeStep(command: RedisCommand(["AUTH"] + [options.username, password].compactMap(\.self))))
        }
        if options.database != 0 { steps.append(HandshakeStep(command: ["SELECT", String(options.database)])) }
        if options.readsReplica { steps.append(HandshakeStep(command: ["READONLY"])) }
        if named, let name = options.clientName { steps.append(HandshakeStep(command: ["CLIENT", "SETNAME", name])) }
        return steps
    }

    /// The name is a courtesy: a server that refuses it is used without.
    var isOptional: Bool { command.verb == "CLIENT" }

    /// Why the connection cannot be used after this reply; `nil` when it can.
    func error(in reply: RedisValue, at endpoint: RedisOptions.Endpoint) -> RedisError? {
        guard case .error(let text) = reply else { return nil }
        if RedisError.Kind(reply: text) == .connection { return RedisError(reply: text, to: command, at: endpoint) }
        guard !isOptional else { return nil }
        if command.verb == "AUTH" { return RedisError(refusedAuth: text, at: endpoint) }
        return RedisError(reply: text, to: command, at: endpoint)
    }
}
