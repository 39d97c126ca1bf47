internal import ExporterKit
internal import RedisClient
internal import Synchronization

/// The conversation of one scrape.
struct RedisSession: QuerySession {
    let server: RedisServer
    private let provider: RedisSessionProvider
    /// What was asked together with `INFO`, because the scrape before had asked it.
    private let prefetched: [RedisCommand: Reply<RedisValue>]
    /// Everything asked so far in this scrape.
    private let asked = AskedQuestions()

    /// Looks after the keys of the server; `nil` when none are asked for.
    var keys: KeyScanner? { provider.keys }

    init(_ server: RedisServer, _ provider: RedisSessionProvider, prefetched: [RedisCommand: Reply<RedisValue>]) {
        self.server = server
        self.provider = provider
        self.prefetched = prefetched
    }

    /// Equal questions are asked once. Only what is not known already costs a round trip.
    func ask(_ questions: [RedisCommand], until deadline: Deadline) async -> [Reply<RedisValue>] {
        var wanted: [RedisCommand] = []
        var known: Set<RedisCommand> = []
        for question in questions where known.insert(question).inserted { wanted.append(question) }
        provider.expect(asked.adding(wanted))
        let missing = wanted.filter { prefetched[$0] == nil }
        let replies = await provider.ask(missing, until: deadline).merging(prefetched) { new, _ in new }
        return questions.map { question in
            replies[question]
                ?? Reply(.failure(CollectorError(.decode, "\(question): no reply to this command")), took: .zero)
        }
    }
}

extension RedisSession {
    /// Every command asked of the server so far, and whether it answers.
    var support: [(command: String, isSupported: Bool)] { provider.support }
}

/// The questions of one scrape, each once, in the order in which they were first asked.
private final class AskedQuestions: Sendable {
    private let questions = Mutex((inOrder: [RedisCommand](), known: Set<RedisCommand>()))

    /// - Returns: all of them.
    func adding(_ more: [RedisCommand]) -> [RedisCommand] {
        questions.withLock { questions in
            for question in more where questions.known.insert(question).inserted { questions.inOrder.append(question) }
            return questions.inOrder
        }
    }
}
