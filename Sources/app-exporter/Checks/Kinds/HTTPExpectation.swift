internal import CurlClient
internal import ExporterCommand
internal import ExporterKit

/// What an answer must be like. Flows judge their steps by it too.
struct HTTPExpectation: Sendable {
    /// A rule about a header of the answer.
    struct HeaderRule: Sendable {
        let name: String
        let rule: TextRule
        /// The rule is kept when there is no such header.
        var mayBeAbsent = false
    }

    /// Empty for any 2xx.
    var statuses: [ClosedRange<Int>] = []
    var headers: [HeaderRule] = []
    var body: [TextRule] = []
    /// Every output of each must be true, and there must be one.
    var json: [JqProgram] = []
    var within: Duration?
    /// Empty for any; 1.1, 2.0 and so on.
    var versions: [Double] = []
    /// Whether the last answer must have come over TLS, or must not.
    var tls: Bool?
    /// Whether messages may say what the answer holds instead. Answers to flows hold tokens.
    var showsAnswers = true

    /// Judges an answer: status, headers, body, version, TLS, time, in this order.
    ///
    /// - Parameters:
    ///   - name: `GET https://host/path`, for messages.
    ///   - worker: runs jq and regular expressions, which take their time on large bodies.
    func verdict(
        on answer: HTTPAnswer, of name: String, took: Duration, worker: JqWorker,
        until deadline: ContinuousClock.Instant
    ) async -> Verdict {
        if let verdict = statusVerdict(answer, name) { return verdict }
        if let verdict = headerVerdict(answer, name) { return verdict }
        if !body.isEmpty || !json.isEmpty {
            let (rules, programs, text, isShown) = (body, json, answer.body, showsAnswers)
            let judged = await worker.run(until: deadline) { () -> Result<Verdict, CollectorError> in
                .success(Self.bodyVerdict(rules, programs, text, name, isShown: isShown))
            }
            switch judged {
            case .success(let verdict): if !verdict.hasPassed { return verdict }
            case .failure(let error): return .failed(.body, error.reason, "\(name): \(error.message)")
            }
        }
        if let verdict = connectionVerdict(answer, name) { return verdict }
        if let within, took > within {
            return .failed(
                .slow, .timeout,
                "\(name): the answer took \(took.formatted), allowed are \(DurationText.format(within))")
        }
        return .passed
    }

    private func statusVerdict(_ answer: HTTPAnswer, _ name: String) -> Verdict? {
        let allowed = statuses.isEmpty ? [200...299] : statuses
        guard !allowed.contains(where: { $0.contains(answer.status) }) else { return nil }
        let wanted = allowed.map(Self.text(of:)).joined(separator: " or ")
        return .failed(.status, .query, "\(name): the server answered \(answer.status), expected was \(wanted)")
    }

    /// `200`, `2xx` or `200-204`.
    private static func text(of range: ClosedRange<Int>) -> String {
        if range.count == 1 { return "\(range.lowerBound)" }
        if range.lowerBound % 100 == 0, range.count == 100 { return "\(range.lowerBound / 100)xx" }
        return "\(range.lowerBound)-\(range.upperBound)"
    }

    private func headerVerdict(_ answer: HTTPAnswer, _ name: String) -> Verdict? {
        for header in headers {
            let wanted = header.name.lowercased()
            let values = answer.headers.filter { $0.name.lowercased() == wanted }.map(\.value)
            if values.isEmpty {
                guard header.rule.isWanted, !header.mayBeAbsent else { continue }
                return .failed(.body, .decode, "\(name): the answer has no header \(header.name)")
            }
            let violations = values.map { header.rule.violation(by: Array($0.utf8)) }
            // One right value is enough; of unwanted ones there must be none.
            let broken = header.rule.isWanted ? violations.allSatisfy { $0 != nil } : violations.contains { $0 != nil }
            guard broken, let expected = violations.lazy.compactMap({ $0 }).first else { continue }
            let shown =
                wanted == "set-cookie" || !showsAnswers ? "" : ", but it is `\(OneLine.clipped(values[0].utf8))`"
            return .failed(.body, .decode, "\(name): the header \(header.name) was expected \(expected)\(shown)")
        }
        return nil
    }

    /// The body itself is not repeated: it may be somebody's secret.
    private static func bodyVerdict(
        _ rules: [TextRule], _ programs: [JqProgram], _ body: [UInt8], _ name: String, isShown: Bool
    ) -> Verdict {
        for rule in rules {
            guard let expected = rule.violation(by: body) else { continue }
            return .failed(.body, .decode, "\(name): the body (\(body.count) bytes) was expected \(expected)")
        }
        guard !programs.isEmpty else { return .passed }
        do throws(JqError) {
            let document = try JqValue(parsing: body)
            for program in programs {
                let outputs = try program.outputs(of: document, limit: 10_000)
                guard !outputs.isEmpty, outputs.allSatisfy({ $0.scalar.isTrue }) else {
                    return .failed(.body, .decode, "\(name): `\(program.source)` is not true of the body")
                }
            }
            return .passed
        } catch {
            let words = isShown ? "\(error)" : "it is not JSON, or an expression cannot be worked out from it"
            return .failed(.body, .decode, "\(name): the body: \(words)")
        }
    }

    private func connectionVerdict(_ answer: HTTPAnswer, _ name: String) -> Verdict? {
        if !versions.isEmpty, !versions.contains(answer.version) {
            let wanted = versions.map { "\($0)" }.joined(separator: " or ")
            return .failed(
                .error, .query, "\(name): the answer is HTTP \(answer.version), expected was HTTP \(wanted)")
        }
        if let tls, tls != answer.usedTLS {
            return .failed(
                .tls, .tls,
                "\(name): the last answer came \(answer.usedTLS ? "over" : "without") TLS, "
                    + "expected was the opposite")
        }
        return nil
    }
}

/// Bytes of somebody else for a message: one line, printable, not long.
enum OneLine {
    static func clipped(_ bytes: some Collection<UInt8>, to length: Int = 80) -> String {
        let shown = String(decoding: bytes.prefix(length), as: UTF8.self).unicodeScalars
            .map { $0.properties.generalCategory == .control ? " " : String($0) }.joined()
        return bytes.count > length ? shown + "..." : shown
    }
}
