extension ExpositionFormat {
    /// The format for an `Accept` header.
    ///
    /// Clauses are tried from the highest weight down, in their order among equals. A weight outside 0...1 ranks lowest
    /// (Prometheus 2.49 sent `*/*;q=2`), a wildcard never beats a named clause, of a repeated parameter the first counts.
    ///
    /// - Parameter accept: the header, several joined by commas; `nil` when absent.
    /// - Returns: text 0.0.4 when nothing matches: a scraper that asks for too much still gets its metrics.
    public static func negotiated(accept: String?) -> ExpositionFormat {
        let clauses = (accept ?? "").split(separator: ",").map(AcceptClause.init)
        let ranked = clauses.enumerated().sorted { left, right in
            (left.element.rank, right.offset) > (right.element.rank, left.offset)
        }
        return ranked.lazy.compactMap { $0.element.format }.first ?? .text004
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
            if parameters[name] == nil { parameters[name] = part[part.index(after: equals)...].trimmed() }
        }
        self.parameters = parameters
    }

    /// Named clauses lie above wildcards, weights order within; 0 and less is refused by the client.
    var rank: Double {
        guard let text = parameters["q"] else { return media.contains("*") ? 1 : 3 }
        guard let weight = Double(text), (0...1).contains(weight) else { return -1 }
        return media.contains("*") ? weight : 2 + weight
    }

    var format: ExpositionFormat? {
        guard parameters["q"].flatMap(Double.init) != 0 else { return nil }
        switch (media, parameters["version"]) {
        case ("application/openmetrics-text", nil), ("application/openmetrics-text", "1.0.0"),
            ("application/openmetrics-text", "0.0.1"):
            return .openMetrics100
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
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        return String(drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }
}
