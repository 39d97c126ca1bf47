import Synchronization

@testable import ExporterKit

/// A server below the wire: answers are a function of the question.
final class FakeServer: SessionProvider {
    struct Session: QuerySession {
        let owner: FakeServer
        var server: ServerVersion { ServerVersion(15) }
        var heartbeat: String? { owner.heartbeat }

        func ask(_ questions: [String], until deadline: Deadline) async -> [Reply<Double>] {
            owner.asked.withLock { $0.append(questions) }
            return questions.map { Reply(owner.answer($0), took: .milliseconds(5)) }
        }
    }

    let asked = Mutex<[[String]]>([])
    let down: Mutex<CollectorError?>
    let heartbeat: String?
    let answer: @Sendable (String) -> Result<Double, CollectorError>

    init(
        down: CollectorError? = nil, heartbeat: String? = nil,
        answer: @escaping @Sendable (String) -> Result<Double, CollectorError>
    ) {
        self.down = Mutex(down)
        self.heartbeat = heartbeat
        self.answer = answer
    }

    func open(until deadline: Deadline) async throws(CollectorError) -> Session {
        if let error = down.withLock({ $0 }) { throw error }
        return Session(owner: self)
    }
}

/// Asks its questions and gives one gauge per answer.
struct FakeQueryCollector: QueryCollector {
    typealias Session = FakeServer.Session
    let descriptor: CollectorDescriptor
    let questions: [String]
    var metrics: [MetricDescriptor] { questions.map { MetricDescriptor("fake_\($0)", "Fake.", kind: .gauge) } }

    init(_ name: String, asks questions: [String]) {
        self.descriptor = CollectorDescriptor(name, "Fake.")
        self.questions = questions
    }

    func questions(for server: ServerVersion) -> [String] { questions }

    func decode(
        _ replies: [Reply<Double>], from server: ServerVersion, into sink: inout MetricSink
    ) throws(CollectorError) {
        for (reply, metric) in zip(replies, metrics) { sink.add(metric, try reply.result.get()) }
    }
}

/// Runs code of the test.
struct FakeCollector: Collector {
    typealias Session = FakeServer.Session
    let descriptor: CollectorDescriptor
    let metrics: [MetricDescriptor] = []
    let body: @Sendable (inout MetricSink) async throws(CollectorError) -> Void

    init(_ name: String, _ body: @escaping @Sendable (inout MetricSink) async throws(CollectorError) -> Void) {
        self.descriptor = CollectorDescriptor(name, "Fake.")
        self.body = body
    }

    func collect(
        from session: FakeServer.Session, until deadline: Deadline, into sink: inout MetricSink
    ) async throws(CollectorError) {
        try await body(&sink)
    }
}

/// Exposition of a source, without the metrics whose value is a time.
func text(of source: some MetricSource, _ filter: CollectorFilter = .all) async -> String {
    let families = await source.families(for: ScrapeRequest(filter: filter, deadline: .after(.seconds(5))))
    let stable = FamilyMerge(families).families.filter { !$0.descriptor.name.hasSuffix("duration_seconds") }
    return String(decoding: ExpositionFormat.text004.encode(stable), as: UTF8.self)
        .split(separator: "\n").filter { !$0.hasPrefix("#") }.joined(separator: "\n")
}
