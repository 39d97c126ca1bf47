internal import CurlClient
internal import ExporterKit

/// Takes values out of an answer. What it says has nothing of the answer in it, which may hold secrets.
struct FlowExtraction: Sendable {
    private let extractions: [FlowStep.Extraction]
    private let words: FlowWords

    init(_ extractions: [FlowStep.Extraction], _ words: FlowWords) {
        self.extractions = extractions
        self.words = words
    }

    /// What was found.
    struct Found: Sendable {
        /// Also when others are missing: a clean-up step may need no more than these.
        var values: [(variable: String, value: FlowVariables.Value)] = []
        /// The first that is missing.
        var trouble: CollectorError?
    }

    /// Runs on one thread from beginning to end.
    func run(on answer: HTTPAnswer) -> Found {
        var found = Found()
        var body: Result<JqValue, CollectorError>?
        for extraction in extractions {
            do throws(CollectorError) {
                let value: FlowVariables.Value
                switch extraction.place {
                case .body(let program):
                    let parsed = body ?? document(answer)
                    body = parsed
                    value = try self.value(program, of: parsed.get(), extraction.variable, in: "the body")
                case .header(let name, let program):
                    guard let text = answer.header(name) else {
                        throw words.trouble("the answer has no header \(name)")
                    }
                    guard let program else {
                        value = FlowVariables.Value(text)
                        break
                    }
                    let header = JqValue(text: text)
                    value = try self.value(program, of: header, extraction.variable, in: "the header \(name)")
                }
                found.values.append((extraction.variable, value))
            } catch {
                found.trouble = found.trouble ?? error
            }
        }
        return found
    }

    private func document(_ answer: HTTPAnswer) -> Result<JqValue, CollectorError> {
        do throws(JqError) { return .success(try JqValue(parsing: answer.body)) } catch {
            return .failure(words.trouble("the body is not JSON"))
        }
    }

    private func value(
        _ program: JqProgram, of input: JqValue, _ variable: String, in place: String
    ) throws(CollectorError) -> FlowVariables.Value {
        guard let outputs = try? program.outputs(of: input, limit: 1) else {
            throw words.trouble("`\(program.source)` for \(variable) cannot be worked out from \(place)")
        }
        guard let value = outputs.first.flatMap({ FlowVariables.Value($0.scalar) }) else {
            throw words.trouble("`\(program.source)` for \(variable) gives no text, number or boolean of \(place)")
        }
        return value
    }
}

/// Names a step in messages.
struct FlowWords: Sendable {
    /// `step login: POST https://host/path`
    let name: String
    private let step: String

    /// - Parameter target: the flow's base, as it may be shown.
    init(_ step: FlowStep, target: String) {
        self.step = step.name
        name = "step \(step.name): \(step.shownName(base: target))"
    }

    func trouble(_ text: String) -> CollectorError { CollectorError(.decode, "\(name): \(text)") }

    func verdict(on error: CurlError) -> Verdict {
        let verdict = Verdict(error)
        let reason = verdict.error?.reason ?? .connection
        return .failed(verdict.outcome, reason, "step \(step): \(error.message)")
    }

    func verdict(on trouble: FlowTrouble) -> Verdict {
        let text =
            switch trouble {
            case .missing(let name): "{\(name)} has no value, because no step before gave it one"
            case .secret(let text): text
            case .astray(let name): "{\(name)} leads to another host than the base's, or is no path; it is not followed"
            case .address: "no URL comes out of it; check base and path"
            }
        return .failed(.error, .query, "\(name): \(text)")
    }
}
