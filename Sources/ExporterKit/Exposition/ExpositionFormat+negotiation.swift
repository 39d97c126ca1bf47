extension ExpositionFormat {
    /// The format for an `Accept` header.
    ///
    /// Clauses are tried from the highest weight down, in their order among equals. A weight outside 0...1 ranks lowest
    /// (Prometheus 2.49 sent `*/*;q=2`), a wildcard never beats a named clause, of a repeated parameter the first counts
    /// (Prometheus 3.0 sent `escaping` twice). The escaping scheme is that of the clause that is chosen; only the protobuf
    /// clause, which Prometheus 3.4 and later send without a scheme, takes `allow-utf-8` from any other clause.
    ///
    /// - Parameter accept: the header, several joined by commas; `nil` when absent.
    /// - Returns: text 0.0.4 when nothing matches: a scraper that asks for too much still gets its metrics.
    public static func negotiated(accept: String?) -> ExpositionFormat {
        let clauses = (accept ?? "").split(separator: ",").map(AcceptClause.init)
        let ranked = clauses.enumerated().sorted { left, right in
            (left.element.rank, right.offset) > (right.element.rank, left.offset)
        }
        let chosen = ranked.lazy.compactMap { _, clause in clause.syntax.map { (clause, $0) } }.first
        guard let (clause, syntax) = chosen else { return .text004 }
        if let escaping = clause.escaping { return ExpositionFormat(syntax, escaping: escaping) }
        let takesUTF8 = syntax == .protobuf && clauses.contains { $0.escaping == .allowUTF8 }
        return ExpositionFormat(syntax, escaping: takesUTF8 ? .allowUTF8 : .underscores)
    }
}

/// One clause of an `Accept` header.
private struct AcceptClause {
    let media: String
    let parameters: [String: String]

    init(_ text: Substring) {
        let parts = text.split(separator: ";").map { $0.trimmed() }
        media = (parts.first ?? "").lowercased()
        var parameters: [String: String] = [:]
        for part in parts.dropFirst() {
            guard let equals = part.firstIndex(of: "=") else { continue }
            let name = part[..<equals].trimmed().lowercased()
            guard parameters[name] == nil else { continue }
            let value = part[part.index(after: equals)...].trimmed()
            let isQuoted = value.count > 1 && value.hasPrefix("\"") && value.hasSuffix("\"")
            parameters[name] = isQuoted ? String(value.dropFirst().dropLast()) : value
        }
        self.parameters = parameters
    }

    /// Named clauses lie above wildcards, weights order within; 0 and less is refused by the client.
    var rank: Double {
        guard let text = parameters["q"] else { return media.contains("*") ? 1 : 3 }
        guard let weight = Double(text), (0...1).contains(weight) else { return -1 }
        return media.contains("*") ? weight : 2 + weight
    }

    /// `nil` when the clause names none; a scheme that nobody knows is as good as none.
    var escaping: NameEscaping? { parameters["escaping"].flatMap(NameEscaping.init) }

    /// `nil` for what this library does not write, and for what the client refuses.
    var syntax: ExpositionFormat.Syntax? {
        guard parameters["q"].flatMap(Double.init) != 0 else { return nil }
        switch (media, parameters["version"]) {
        case ("application/vnd.google.protobuf", _):
            let isKnown = parameters["proto"] == "io.prometheus.client.MetricFamily"
            return isKnown && parameters["encoding"] == "delimited" ? .protobuf : nil
        // 1.0.0 is what 0.0.1 became; no client tells them apart.
        case ("application/openmetrics-text", nil), ("application/openmetrics-text", "1.0.0"),
            ("application/openmetrics-text", "0.0.1"), ("application/*", _):
            return .openMetrics100
        case ("text/plain", "1.0.0"):
            return .text100
        case ("text/plain", nil), ("text/plain", "0.0.4"), ("text/*", _), ("*/*", _):
            return .text004
        default:
            return nil
        }
    }
}

extension StringProtocol {
    /// Without spaces and tabs at both ends.
    package func trimmed() -> String {
        // Of a string that is known by its type: the generic way takes longer than the rest of a small scrape.
        let text = String(self)
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        guard let first = text.utf8.firstIndex(where: { !isBlank($0) }),
            let last = text.utf8.lastIndex(where: { !isBlank($0) })
        else { return "" }
        return first == text.startIndex && last == text.utf8.index(before: text.endIndex)
            ? text : String(text[first...last])
    }
}
