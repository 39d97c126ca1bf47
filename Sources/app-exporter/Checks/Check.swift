internal import ExporterKit
internal import TLSClient

/// A question to a target, and what its answer must be like: a plain value of settings.
///
/// Who asks it, and when, is none of its business: the schedule does, `/probe` does, and so does a step of a flow.
protocol Check: Sendable {
    /// Value of the label `kind`.
    static var kind: CheckKind { get }
    /// What this kind may tell, besides whether it passed.
    static var families: [CheckFamily] { get }
    /// Where it leads, without credentials.
    var target: String { get }
    /// Asks once. Never throws, ends by the deadline, and at once when its task is cancelled.
    func run(until deadline: ContinuousClock.Instant) async -> CheckResult
}

/// Kinds of checks; a label value.
enum CheckKind: String, Sendable, CaseIterable {
    case http
    case tls
    case tcp
    case dns
    case postgres
    case redis
    case flow
}

/// How a check ended; a label value.
enum CheckOutcome: String, Sendable, CaseIterable {
    case ok
    case timeout
    /// The name of the target has no address.
    case dns
    case connect
    case tls
    /// Not the expected status or response code.
    case status
    /// Not the expected text, header, record or value.
    case body
    /// Slower than `within`.
    case slow
    case redirect
    case error
}

/// Whether a check passed, and why not.
struct Verdict: Sendable {
    let outcome: CheckOutcome
    /// What was expected and what came; `nil` when it passed.
    let error: CollectorError?

    static let passed = Verdict(outcome: .ok, error: nil)

    /// - Parameter text: names the target, what was expected and what came.
    static func failed(_ outcome: CheckOutcome, _ reason: CollectorError.Reason, _ text: String) -> Verdict {
        Verdict(outcome: outcome, error: CollectorError(reason, text))
    }

    var hasPassed: Bool { error == nil }
}

/// A metric of checks, with the labels that its own series carry.
struct CheckFamily: Sendable {
    let descriptor: MetricDescriptor
    /// Besides those of the check itself.
    let labels: [String]
    /// Series of one check at most.
    let most: Int
}

/// What one run of a check found.
struct CheckResult: Sendable {
    /// A value, and those of its family's own labels.
    struct Finding: Sendable {
        let family: CheckFamily
        let value: Double
        let labels: [String]
    }

    var verdict = Verdict.passed
    /// What the last TLS handshake showed.
    var handshake: TLSHandshake?
    /// What a conversation told, as labels.
    var heard: [LabelPair] = []
    private(set) var findings: [Finding] = []

    /// Notes a value; `nil` notes nothing.
    mutating func add(_ family: CheckFamily, _ value: Double?, _ labels: String...) {
        guard let value else { return }
        findings.append(Finding(family: family, value: value, labels: labels))
    }

    /// Notes a value with labels in a list.
    mutating func add(_ family: CheckFamily, _ value: Double, values labels: [String]) {
        findings.append(Finding(family: family, value: value, labels: labels))
    }

    /// Notes a value in place of what was noted before.
    mutating func set(_ family: CheckFamily, _ value: Double) {
        findings.removeAll { $0.family.descriptor.name == family.descriptor.name }
        findings.append(Finding(family: family, value: value, labels: []))
    }

    /// Notes yes or no; `nil` notes nothing.
    mutating func add(_ family: CheckFamily, _ holds: Bool?) {
        add(family, holds.map { $0 ? 1 : 0 })
    }

    /// All findings as metrics.
    ///
    /// - Parameter labels: on every series, before the family's own; empty for `/probe`.
    func write(_ labels: [LabelPair], into sink: inout MetricSink) {
        for finding in findings {
            var pairs = labels.map { (name: $0.name, value: $0.value) }
            for (name, value) in zip(finding.family.labels, finding.labels) { pairs.append((name, value)) }
            sink.add(finding.family.descriptor, finding.value, LabelSet(checking: pairs) ?? .empty)
        }
    }
}

extension Check {
    /// Asks once, and notes besides whether it passed and how long it took.
    func result(until deadline: ContinuousClock.Instant) async -> (result: CheckResult, took: Duration) {
        let began = ContinuousClock.now
        var result = await run(until: deadline)
        let took = began.duration(to: .now)
        result.add(CheckMetrics.success, result.verdict.hasPassed)
        result.add(CheckMetrics.duration, took.seconds)
        return (result, took)
    }
}

extension Duration {
    /// For a message: `312ms`.
    var formatted: String { "\(Int((seconds * 1000).rounded()))ms" }
}
