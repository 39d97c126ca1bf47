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
        let words = FlowWords(step, target: flow.configuration.target)
        let answer: HTTPAnswer
        do throws(FlowTrouble) {
            var call = try step.call(of: flow.configuration, with: values)
            call.cookies = cookies
            do throws(CurlError) { answer = try await flow.client.answer(to: call, until: deadline) } catch {
                return words.verdict(on: error)
            }
        } catch {
            return words.verdict(on: error)
        }
        cookies = answer.cookies
        let verdict = await step.expectation.verdict(
            on: answer, of: words.name, took: began.duration(to: .now), worker: flow.worker, until: deadline)
        guard !step.extractions.isEmpty else { return verdict }
        // Also out of an answer that is not as it should be: what was made must be cleaned up.
        let extraction = FlowExtraction(step.extractions, words)
        let read = await flow.worker.run(until: deadline) { () -> Result<FlowExtraction.Found, CollectorError> in
            .success(extraction.run(on: answer))
        }
        switch read {
        case .success(let found):
            for (variable, value) in found.values { values.set(variable, value) }
            guard verdict.hasPassed, let trouble = found.trouble else { return verdict }
            return Verdict(outcome: .body, error: trouble)
        case .failure(let error): return verdict.hasPassed ? Verdict(outcome: .timeout, error: error) : verdict
        }
    }
}
