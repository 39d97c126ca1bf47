internal import ExporterKit
internal import RedisClient

/// The answer to one command.
typealias KeyReply = Result<RedisValue, CollectorError>

/// Somebody who can be asked about keys: the session of a scrape, or the connection of a walk.
protocol KeyAsking {
    /// Asks in one round trip.
    ///
    /// - Returns: one reply per command, in their order.
    /// - Throws: why the server cannot be asked at all.
    mutating func ask(_ commands: [RedisCommand]) async throws(CollectorError) -> [KeyReply]
}

extension KeyAsking {
    /// Asks every probe what it wants to know, all in one round trip, until none wants more. Each reply goes to the probe
    /// whose command it answers.
    mutating func settle(_ probes: inout [some KeyProbing]) async throws(CollectorError) {
        var open = Array(probes.indices)
        while !open.isEmpty {
            let questions = open.map { probes[$0].questions }
            var replies = try await ask(questions.flatMap(\.self))[...]
            for (index, questions) in zip(open, questions) {
                probes[index].take(Array(replies.prefix(questions.count)))
                replies = replies.dropFirst(questions.count)
            }
            open.removeAll { probes[$0].questions.isEmpty }
        }
    }
}

/// What is found out about one key, step by step.
protocol KeyProbing {
    /// What to ask next; empty when all is known.
    var questions: [RedisCommand] { get }

    /// The replies to `questions`, in their order. Afterwards there are other questions, or none.
    mutating func take(_ replies: [KeyReply])
}

/// The session of a scrape, by its deadline.
struct SessionAsker: KeyAsking {
    let session: RedisSession
    let deadline: Deadline

    mutating func ask(_ commands: [RedisCommand]) async throws(CollectorError) -> [KeyReply] {
        await session.ask(commands, until: deadline).map(\.result)
    }
}

extension CollectorError {
    /// The server cannot be asked, so there is no sense in asking more.
    var isFatal: Bool {
        switch reason {
        case .connection, .authentication, .tls, .timeout, .cancelled: true
        case .locked, .permission, .unsupported, .query, .decode, .noData: false
        }
    }

    /// The server refuses for now: it loads its data, is busy with a script, or has lost its primary or its cluster.
    var isPassing: Bool {
        ["LOADING ", "BUSY ", "MASTERDOWN ", "CLUSTERDOWN ", "TRYAGAIN "].contains { message.suffix(from: $0) != nil }
    }
}
