internal import ExporterKit
internal import PostgresClient

/// What collectors know of a server and of one of its databases before they ask.
struct PostgresFacts: Sendable {
    /// An extension of the connected database.
    struct Extension: Sendable, Equatable {
        /// Schema of its relations and functions, quoted where SQL needs it.
        let schema: String
        let version: ServerVersion
    }

    /// As the connection tells it.
    let server: PostgresServer
    /// What `version()` says; empty when it was not asked.
    var versionText = ""
    /// In recovery: a standby, or a server that has just begun.
    var isStandby = false
    /// Extensions of the connected database by name.
    var extensions: [String: Extension] = [:]
    /// Databases that take connections and that this user may open, templates apart, oldest first.
    var databases: [String] = []
    /// The custom queries in force when the scrape began; `nil` without any.
    var queries: CustomQueries?

    /// `15.18`
    var version: ServerVersion { ServerVersion(server.major, server.minor) }

    /// `host:port` as given: what the label `server` shows.
    var serverName: String { "\(server.host):\(server.port)" }

    /// Name of a relation or function of an extension with its schema before it; `nil` when the connected database does
    /// not have the extension.
    func name(_ name: String, of extension: String) -> String? {
        extensions[`extension`].map { "\($0.schema).\(name)" }
    }
}
