internal import ExporterKit
internal import TLSClient

/// One step of a conversation: wait for a line, check bytes, answer, go over to TLS; in this order, each if wanted.
struct DialogueStep: Sendable {
    /// Lines are read until one matches.
    var expect: Pattern?
    /// The next bytes must be these.
    var expectBytes: [UInt8] = []
    /// Sent with a line feed at its end; `$1` and `${1}` are groups of what was expected, `$$` is a dollar.
    var send: String?
    /// Sent as they are.
    var sendBytes: [UInt8] = []
    var startsTLS = false
    /// What is told of the groups: name of a label, and its value with `${1}` and the like.
    var labels: [(name: String, value: String)] = []
}

/// A conversation over an open connection.
struct Dialogue: Sendable {
    var steps: [DialogueStep] = []

    /// - Parameter heard: receives the labels of the steps that were taken.
    /// - Returns: what the last TLS handshake of the conversation showed.
    func hold(
        over connection: WireConnection, _ tls: TLSOptions, heard: inout [LabelPair],
        until deadline: ContinuousClock.Instant
    ) async throws(WireError) -> TLSHandshake? {
        var lines = LineReader()
        var handshake: TLSHandshake?
        for step in steps {
            var groups: [String] = []
            if let pattern = step.expect {
                groups = try await Self.wait(for: pattern, &lines, connection, until: deadline)
            }
            for label in step.labels {
                heard.append(LabelPair(name: label.name, value: Self.expanded(label.value, groups)))
            }
            if !step.expectBytes.isEmpty {
                let bytes = try await lines.bytes(step.expectBytes.count, from: connection, until: deadline)
                guard bytes == step.expectBytes else {
                    let (wanted, came) = (OneLine.clipped(step.expectBytes), OneLine.clipped(bytes))
                    throw .failed(.body, .decode, "expected were the bytes `\(wanted)`, but `\(came)` came")
                }
            }
            if let send = step.send {
                try connection.send(Array((Self.expanded(send, groups) + "\n").utf8))
            }
            if !step.sendBytes.isEmpty { try connection.send(step.sendBytes) }
            if step.startsTLS {
                handshake = try await connection.startTLS(tls, until: deadline)
                // What came before the handshake must not count as said in private.
                lines = LineReader()
            }
        }
        return handshake
    }

    private static func wait(
        for pattern: Pattern, _ lines: inout LineReader, _ connection: WireConnection,
        until deadline: ContinuousClock.Instant
    ) async throws(WireError) -> [String] {
        var last: [UInt8]?
        let came = { (line: [UInt8]?) in line.map { "the last line was `\(OneLine.clipped($0))`" } ?? "nothing came" }
        while true {
            let line: [UInt8]?
            do throws(WireError) { line = try await lines.next(from: connection, until: deadline) } catch {
                throw .failed(
                    error.outcome, error.reason,
                    "expected was a line that matches `\(pattern.source)`; \(came(last)), then \(error.text)")
            }
            guard let line else {
                throw .failed(
                    .body, .decode,
                    "expected was a line that matches `\(pattern.source)`; \(came(last)), "
                        + "then the target closed the connection")
            }
            if let groups = pattern.groups(in: line) { return groups }
            last = line
        }
    }

    /// Puts groups into `$1`, `${1}`; unknown ones become nothing, as in Go.
    static func expanded(_ text: String, _ groups: [String]) -> String {
        var result = ""
        var rest = Substring(text)
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "$" {
                result += "$"
                rest.removeFirst()
                continue
            }
            let isBraced = rest.first == "{"
            let name = (isBraced ? rest.dropFirst() : rest).prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            let after = rest.dropFirst(name.count + (isBraced ? 1 : 0))
            guard !name.isEmpty, !isBraced || after.first == "}" else {
                result += "$"
                continue
            }
            if let number = Int(name), groups.indices.contains(number) { result += groups[number] }
            rest = isBraced ? after.dropFirst() : after
        }
        return result + rest
    }
}
