/// Commands for several logical databases as one connection sends them: with a `SELECT` wherever the database changes, and
/// one at the end that goes back.
///
/// What follows a `SELECT` that fails has run in another database than it was meant for: its answer is thrown away.
struct DatabaseRoute {
    /// As they go over the wire.
    let commands: [RedisCommand]
    /// Which of them are a `SELECT` of ours.
    private let isTurn: [Bool]

    /// - Parameter home: database of the connection before and after.
    init(_ wanted: [RedisCommand], home: Int) {
        var commands: [RedisCommand] = []
        var isTurn: [Bool] = []
        var current = home
        func turn(to database: Int) {
            guard database != current else { return }
            current = database
            commands.append(["SELECT", String(database)])
            isTurn.append(true)
        }
        for command in wanted {
            turn(to: command.database ?? home)
            commands.append(command)
            isTurn.append(false)
        }
        turn(to: home)
        self.commands = commands
        self.isTurn = isTurn
    }

    /// The answers to the commands that were wanted, in their order.
    func answers(in replies: [CommandReply]) -> [CommandReply] {
        var answers: [CommandReply] = []
        var failure: RedisError?
        for (reply, isTurn) in zip(replies, isTurn) {
            if isTurn {
                failure = nil
                if case .failure(let error) = reply.result { failure = error }
            } else {
                answers.append(failure.map { CommandReply(.failure($0), took: reply.duration) } ?? reply)
            }
        }
        return answers
    }

    /// True when the way back was refused: the connection stands in a database that nobody expects.
    func isStray(after replies: [CommandReply]) -> Bool {
        guard isTurn.last == true, let last = replies.last, case .failure(let error) = last.result else { return false }
        return error.kind != .connection && error.kind != .timeout && error.kind != .cancelled
    }
}
