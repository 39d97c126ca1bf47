internal import CurlClient
internal import ExporterCommand
internal import ExporterKit

/// Asks a URL as a user would, over a fresh connection, and judges the answer.
struct HTTPCheck: ScheduledWork {
    let configuration: CheckConfiguration
    let client: CurlClient
    let metrics: CheckMetrics
    let time: Timekeeper
    private let worker: JqWorker

    init(_ configuration: CheckConfiguration, client: CurlClient, metrics: CheckMetrics, time: Timekeeper) {
        self.configuration = configuration
        self.client = client
        self.metrics = metrics
        self.time = time
        worker = JqWorker(configuration.name)
        metrics.announce(configuration.name, configuration.target)
    }

    var name: String { configuration.name }
    var kind: WorkKind { .check }
    var timing: Timing { configuration.timing }
    var target: String? { configuration.target }
    var planned: [PlannedFamily] { CheckMetrics.planned }

    func run(until deadline: ContinuousClock.Instant) async -> Findings {
        let began = ContinuousClock.now
        var findings = Findings()
        var verdict = Verdict.passed
        var sink = MetricSink()
        do throws(CurlError) {
            let answer = try await client.answer(to: try call(), until: deadline)
            verdict = await judge(answer, took: began.duration(to: .now), until: deadline)
            describe(answer, into: &sink)
        } catch {
            guard error.kind != .cancelled else { return .failed(CollectorError(error)) }
            verdict = Verdict(error)
            describe(error, into: &sink)
        }
        let took = began.duration(to: .now)
        sink.add(CheckMetrics.success, verdict.outcome == .ok ? 1 : 0, labels())
        sink.add(CheckMetrics.duration, took.seconds, labels())
        sink.add(CheckMetrics.failedByBody, verdict.outcome == .body ? 1 : 0, labels())
        metrics.count(verdict.outcome, name, configuration.target, took: took, at: time.unixSeconds())
        findings.families[0] = sink.families
        findings.error = verdict.error
        return findings
    }

    private func call() throws(CurlError) -> HTTPCall {
        do throws(ConfigurationError) {
            var call = HTTPCall(try configuration.url.value)
            try configuration.access.apply(to: &call)
            call.maximumRedirects = configuration.maximumRedirects
            call.maximumBodyBytes = configuration.maximumBodyBytes
            call.usesFreshConnection = true
            return call
        } catch {
            throw CurlError(.configuration, "\(error)")
        }
    }

    // MARK: - Judging

    private func judge(
        _ answer: HTTPAnswer, took: Duration, until deadline: ContinuousClock.Instant
    ) async -> Verdict {
        let expected = configuration.expectation
        let isExpected =
            expected.statuses.isEmpty ? (200..<300).contains(answer.status) : expected.statuses.contains(answer.status)
        guard isExpected else {
            let wanted =
                expected.statuses.isEmpty ? "2xx" : expected.statuses.map(String.init).joined(separator: " or ")
            return failed(.status, .query, "the server answered \(answer.status), expected was \(wanted)")
        }
        if let text = expected.body, !contains(answer.body, text) {
            return failed(.body, .decode, "the body does not contain `\(text)`")
        }
        if let json = expected.json {
            let holds = await worker.run(until: deadline) { () -> Result<Bool, CollectorError> in
                Self.holds(json, in: answer.body)
            }
            switch holds {
            case .success(true): break
            case .success(false): return failed(.body, .decode, "`\(json.source)` is not true of the body")
            case .failure(let error): return failed(.body, error.reason, error.message)
            }
        }
        if let within = expected.within, took > within {
            let allowed = DurationText.format(within)
            return failed(.slow, .timeout, "the answer took \(took.formatted), allowed are \(allowed)")
        }
        return .passed
    }

    private func failed(_ outcome: CheckOutcome, _ reason: CollectorError.Reason, _ text: String) -> Verdict {
        Verdict(outcome: outcome, error: CollectorError(reason, "GET \(configuration.target): \(text)"))
    }

    /// True when the expression gives something and nothing of it is false or null.
    private static func holds(_ json: JqProgram, in body: [UInt8]) -> Result<Bool, CollectorError> {
        do throws(JqError) {
            let outputs = try json.outputs(of: JqValue(parsing: body), limit: 10_000)
            return .success(!outputs.isEmpty && outputs.allSatisfy { $0.scalar.isTrue })
        } catch {
            return .failure(CollectorError(.decode, "the body: \(error)"))
        }
    }

    private func contains(_ body: [UInt8], _ text: String) -> Bool {
        let needle = Array(text.utf8)
        guard let first = needle.first else { return true }
        guard body.count >= needle.count else { return false }
        return (0...(body.count - needle.count)).contains { start in
            body[start] == first && body[start..<(start + needle.count)].elementsEqual(needle)
        }
    }

    // MARK: - Describing

    private func labels(_ extra: (name: String, value: String)? = nil) -> LabelSet {
        var pairs = [("probe", name), ("kind", "http"), ("target", configuration.target)]
        if let extra { pairs.append((extra.name, extra.value)) }
        return LabelSet(checking: pairs.map { (name: $0.0, value: $0.1) }) ?? .empty
    }

    private func describe(_ answer: HTTPAnswer, into sink: inout MetricSink) {
        sink.add(CheckMetrics.status, Double(answer.status), labels())
        describe(answer.timings, into: &sink)
        sink.add(CheckMetrics.version, answer.version, labels())
        sink.add(CheckMetrics.redirects, Double(answer.redirects), labels())
        sink.add(CheckMetrics.contentLength, Double(answer.declaredBodyBytes ?? -1), labels())
        sink.add(CheckMetrics.ssl, answer.usedTLS ? 1 : 0, labels())
        guard answer.usedTLS else { return }
        sink.add(CheckMetrics.verified, 1, labels())
        sink.add(CheckMetrics.earliestExpiry, answer.certificates.compactMap(\.expiry).min(), labels())
        sink.add(CheckMetrics.leafExpiry, answer.certificates.first?.expiry, labels())
    }

    private func describe(_ error: CurlError, into sink: inout MetricSink) {
        sink.add(CheckMetrics.status, 0, labels())
        describe(error.timings, into: &sink)
        if error.kind == .tls { sink.add(CheckMetrics.verified, 0, labels()) }
    }

    private func describe(_ timings: HTTPTimings, into sink: inout MetricSink) {
        let phases = [
            ("resolve", timings.resolve), ("connect", timings.connect), ("tls", timings.tls),
            ("processing", timings.processing), ("transfer", timings.transfer),
        ]
        for (phase, duration) in phases { sink.add(CheckMetrics.phase, duration.seconds, labels(("phase", phase))) }
    }
}

/// Whether a check passed, and why not.
private struct Verdict {
    let outcome: CheckOutcome
    var error: CollectorError?

    static let passed = Verdict(outcome: .ok)

    init(outcome: CheckOutcome, error: CollectorError? = nil) {
        self.outcome = outcome
        self.error = error
    }

    init(_ error: CurlError) {
        outcome =
            switch error.kind {
            case .resolve: .dns
            case .connect: .connect
            case .tls: .tls
            case .timeout: .timeout
            case .protocol where error.message.contains("redirects"): .redirect
            case .tooLarge: .body
            case .protocol, .configuration, .cancelled: .error
            }
        self.error = CollectorError(error)
    }
}

extension Duration {
    /// For a message: `312ms`.
    var formatted: String { "\(Int((seconds * 1000).rounded()))ms" }
}
