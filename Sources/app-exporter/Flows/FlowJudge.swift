internal import CurlClient
internal import ExporterCommand
internal import ExporterKit

/// Judges the answer to a step. What it says has nothing of the answer in it, which may hold secrets.
struct FlowJudge: Sendable {
    let step: FlowStep
    /// The flow's base, as it may be shown.
    let target: String

    /// - Returns: `nil` when status, headers, body and time are as they should be.
    func verdict(on answer: HTTPAnswer, took: Duration) -> Verdict? {
        let expected = step.expectation
        guard expected.accepts(answer.status) else {
            return failed(
                .status, .query, "the server answered \(answer.status), expected was \(expected.wantedStatus)")
        }
        for header in step.expectedHeaders {
            guard let value = answer.header(header.name) else {
                return failed(.body, .decode, "the answer has no header \(header.name)")
            }
            guard value.utf8.hasPart(header.text.utf8) else {
                return failed(.body, .decode, "the header \(header.name) does not contain `\(header.text)`")
            }
        }
        if let text = expected.body, !answer.body.hasPart(text.utf8) {
            return failed(.body, .decode, "the body does not contain `\(text)`")
        }
        if let within = expected.within, took > within {
            return failed(
                .slow, .timeout, "the answer took \(took.formatted), allowed are \(DurationText.format(within))")
        }
        return nil
    }

    /// Checks by `expect: json` and takes values out of an answer. Runs on one thread from beginning to end.
    func read(_ answer: HTTPAnswer) -> Result<[FlowVariables.Value], CollectorError> {
        do throws(CollectorError) {
            var parsed: JqValue?
            func body() throws(CollectorError) -> JqValue {
                if let parsed { return parsed }
                do throws(JqError) {
                    let value = try JqValue(parsing: answer.body)
                    parsed = value
                    return value
                } catch {
                    throw trouble("the body is not JSON")
                }
            }
            if let json = step.expectation.json {
                guard let outputs = try? json.outputs(of: try body(), limit: 10_000) else {
                    throw trouble("`\(json.source)` cannot be worked out from the body")
                }
                guard !outputs.isEmpty, outputs.allSatisfy(\.scalar.isTrue) else {
                    throw trouble("`\(json.source)` is not true of the body")
                }
            }
            var values: [FlowVariables.Value] = []
            for extraction in step.extractions {
                switch extraction.place {
                case .body(let program): values.append(try value(program, of: body(), extraction, in: "the body"))
                case .header(let name, let program):
                    guard let text = answer.header(name) else { throw trouble("the answer has no header \(name)") }
                    guard let program else {
                        values.append(FlowVariables.Value(text))
                        continue
                    }
                    values.append(
                        try value(program, of: JqValue(text: text), extraction, in: "the header \(name)"))
                }
            }
            return .success(values)
        } catch {
            return .failure(error)
        }
    }

    private func value(
        _ program: JqProgram, of input: JqValue, _ extraction: FlowStep.Extraction, in place: String
    ) throws(CollectorError) -> FlowVariables.Value {
        guard let outputs = try? program.outputs(of: input, limit: 1) else {
            throw trouble("`\(program.source)` for \(extraction.variable) cannot be worked out from \(place)")
        }
        guard let value = outputs.first.flatMap({ FlowVariables.Value($0.scalar) }) else {
            throw trouble(
                "`\(program.source)` for \(extraction.variable) gives no text, number or boolean of \(place)")
        }
        return value
    }

    // MARK: - Words

    func unsent(_ trouble: FlowTrouble) -> Verdict {
        let text =
            switch trouble {
            case .missing(let name): "{\(name)} has no value, because no step before gave it one"
            case .secret(let text): text
            case .astray(let name): "{\(name)} leads to another host than the base's, or is no path; it is not followed"
            case .address: "no URL comes out of it; check base and path"
            }
        return failed(.error, .query, text)
    }

    /// The verdict with the step in front.
    func named(_ verdict: Verdict) -> Verdict {
        guard let error = verdict.error else { return verdict }
        return Verdict(
            outcome: verdict.outcome, error: CollectorError(error.reason, "step \(step.name): \(error.message)"))
    }

    private func failed(_ outcome: CheckOutcome, _ reason: CollectorError.Reason, _ text: String) -> Verdict {
        Verdict(outcome: outcome, error: trouble(text, reason))
    }

    private func trouble(_ text: String, _ reason: CollectorError.Reason = .decode) -> CollectorError {
        CollectorError(reason, "step \(step.name): \(step.shownName(base: target)): \(text)")
    }
}

extension CheckConfiguration.Expectation {
    func accepts(_ status: Int) -> Bool {
        statuses.isEmpty ? (200..<300).contains(status) : statuses.contains(status)
    }

    /// For a message.
    var wantedStatus: String {
        statuses.isEmpty ? "2xx" : statuses.map(String.init).joined(separator: " or ")
    }
}

extension Collection where Element == UInt8 {
    /// True when the bytes are somewhere in these.
    func hasPart(_ part: some Collection<UInt8>) -> Bool {
        guard let first = part.first else { return true }
        var rest = self[...]
        while let start = rest.firstIndex(of: first) {
            rest = rest[start...]
            if rest.starts(with: part) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}
