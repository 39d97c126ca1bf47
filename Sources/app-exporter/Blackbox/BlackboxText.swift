internal import ExporterCommand

/// A module as text, without what may be secret.
enum BlackboxText {
    /// Keys whose values are never shown.
    private static let secrets: Set<String> = [
        "password", "credentials", "client_secret", "bearer_token", "secrets", "proxy_url", "body", "send", "metadata",
        "proxy_connect_header", "key",
    ]
    /// Headers whose values are.
    private static let harmless: Set<String> = [
        "host", "accept", "accept-encoding", "accept-language", "content-type", "origin", "user-agent",
    ]

    /// `modules:` with all of them.
    static func of(_ configuration: BlackboxConfiguration) -> String {
        guard !configuration.modules.isEmpty else { return "modules: {}\n" }
        return "modules:\n" + configuration.modules.map { "  \(scalar($0.name)):\n" + of($0, indent: 4) }.joined()
    }

    /// The module's own keys, one per line.
    static func of(_ module: BlackboxModule, indent: Int = 0) -> String {
        lines(module.source, indent: indent, isSecret: false, isHeader: false)
    }

    private static func lines(_ node: YAMLNode, indent: Int, isSecret: Bool, isHeader: Bool) -> String {
        let space = String(repeating: " ", count: indent)
        switch node.content {
        case .mapping(let entries):
            return entries.map { entry in
                let hides =
                    isSecret || secrets.contains(entry.key) || isHeader && !harmless.contains(entry.key.lowercased())
                let isHeader = entry.key == "headers" || entry.key == "http_headers"
                return "\(space)\(scalar(entry.key)):"
                    + rest(entry.value, indent: indent, isSecret: hides, isHeader: isHeader)
            }.joined()
        case .sequence(let items):
            return items.map {
                "\(space)-\(rest($0, indent: indent, isSecret: isSecret, isHeader: isHeader))"
            }.joined()
        case .scalar: return space + value(node, isSecret) + "\n"
        }
    }

    private static func rest(_ node: YAMLNode, indent: Int, isSecret: Bool, isHeader: Bool) -> String {
        switch node.content {
        case .scalar: return " \(value(node, isSecret))\n"
        case .mapping(let entries) where entries.isEmpty: return " {}\n"
        case .sequence(let items) where items.isEmpty: return " []\n"
        default: return "\n" + lines(node, indent: indent + 2, isSecret: isSecret, isHeader: isHeader)
        }
    }

    private static func value(_ node: YAMLNode, _ isSecret: Bool) -> String {
        guard case .scalar(let scalar) = node.content else { return "" }
        if isSecret { return "<secret>" }
        return scalar.isPlain ? scalar.text : JSONText.quoted(scalar.text)
    }

    private static func scalar(_ key: String) -> String {
        YAMLEntry.isName(key) ? key : JSONText.quoted(key)
    }
}
