internal import CurlClient
internal import ExporterKit

/// One run of a flow: what it knows so far, and how its steps went.
struct FlowRun: Sendable {
    private let flow: Flow
    private var values = FlowVariables()
    private var cookies: [String]?
    /// Steps that were taken, and whether they passed.
    private(set) var results: [(step: String, isPassed: Bool)] = []
    /// The first failure.
    private(set) var failure: (step: String, verdict: Verdict)?
    /// False when a clean-up step failed.
    private(set) var isCleanedUp = true

    /// - Parameter cookies: `[]` for an empty jar, `nil` for none.
    init(_ flow: Flow, cookies: [String]?) {
        self.flow = flow
        self.cookies = cookies
    }

    func hasTaken(_ step: FlowStep) -> Bool { results.contains { $0.step == step.name } }

    /// Takes a step and notes how it went. After a failure, a step whose variables were never found has nothing to clean up
    /// and is left out.
    mutating func take(_ step: FlowStep, until limit: ContinuousClock.Instant) async {
        if failure != nil, step.variables.contains(where: { !values.has($0) }) { return }
        if step.think > .zero { try? await Task.sleep(until: min(.now + step.think, limit), clock: .continuous) }
        guard !Task.isCancelled else { return }
        let began = ContinuousClock.now
        let verdict = await verdict(on: step, until: step.timeout.map { min(began + $0, limit) } ?? limit)
        guard verdict.error?.reason != .cancelled else { return }
        flow.metrics.observe(step.name, of: flow.name, took: began.duration(to: .now))
        results.append((step.name, verdict.outcome == .ok))
        guard verdict.outcome != .ok else { return }
        if failure == nil { failure = (step.name, verdict) }
        if step.isAlways { isCleanedUp = false }
    }

    private mutating func verdict(on step: FlowStep, until deadline: ContinuousClock.Instant) async -> Verdict {
        let began = ContinuousClock.now
        let judge = FlowJudge(step: step, target: flow.configuration.target)
        let answer: HTTPAnswer
        do throws(FlowTrouble) {
            var call = try step.call(of: flow.configuration, with: values)
            call.cookies = cookies
            do throws(CurlError) { answer = try await flow.client.answer(to: call, until: deadline) } catch {
                return judge.named(Verdict(error))
            }
        } catch {
            return judge.unsent(error)
        }
        cookies = answer.cookies
        if let verdict = judge.verdict(on: answer, took: began.duration(to: .now)) { return verdict }
        guard step.expectation.json != nil || !step.extractions.isEmpty else { return .passed }
        // Also what is not written as jq comes out there, so that a body is parsed once.
        let read = await flow.worker.run(until: deadline) { () -> Result<[FlowVariables.Value], CollectorError> in
            judge.read(answer)
        }
        switch read {
        case .success(let found):
            for (extraction, value) in zip(step.extractions, found) { values.set(extraction.variable, value) }
            return .passed
        case .failure(let error):
            return Verdict(outcome: error.reason == .timeout ? .timeout : .body, error: error)
        }
    }
}
