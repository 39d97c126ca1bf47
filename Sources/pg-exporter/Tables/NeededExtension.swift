internal import ExporterKit
internal import PostgresClient

/// An extension that a collector asks.
struct NeededExtension: Sendable {
    let name: String
    /// First server version on which the collector asks it.
    let since: ServerVersion?

    /// An extension by its name.
    init(_ name: String, since: ServerVersion? = nil) {
        self.name = name
        self.since = since
    }

    /// - Throws: what to do, when the connected database does not have it.
    func check(_ facts: PostgresFacts) throws(CollectorError) {
        if let since, facts.version < since { return }
        guard facts.extensions[name] == nil else { return }
        throw CollectorError(
            .unsupported,
            "extension \(name) is not in database \(facts.server.database); run there: CREATE EXTENSION \(name)")
    }
}
