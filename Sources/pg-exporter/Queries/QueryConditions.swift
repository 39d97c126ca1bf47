internal import ExporterKit
internal import PostgresClient

/// What a server, and a database on it, must be for a query to be asked.
struct QueryConditions: Sendable {
    /// A role in replication.
    enum Role: String, Sendable {
        case primary
        case standby
    }

    var role: Role?
    /// Each must have the server's version.
    var versions: [VersionRange] = []
    /// `server_version_num`, lower bound included, upper bound not.
    var versionNumbers: Range<Int>?
    var users: [String] = []
    /// Of the asked database.
    var extensions: [String] = []
    /// Tags that this exporter must have.
    var tags: [String] = []
    /// Tags that this exporter must not have.
    var refusedTags: [String] = []
    /// For the admin console of PgBouncer and not for a server.
    var isForPgBouncer = false

    /// Why the server is not asked; `nil` when it is.
    ///
    /// - Parameter tags: of this exporter.
    func obstacle(on server: PostgresFacts, tags own: Set<String>) -> String? {
        if isForPgBouncer { return "it is for PgBouncer" }
        if let role, (role == .standby) != server.isStandby {
            return "it is for a \(role.rawValue), this is a \(server.isStandby ? "standby" : "primary")"
        }
        for range in versions where !range.contains(server.version) {
            return "it is for versions \(range), this is \(server.version)"
        }
        let number = server.server.versionNumber
        if let versionNumbers, !versionNumbers.contains(number) {
            let upper = versionNumbers.upperBound == .max ? "" : " and below \(versionNumbers.upperBound)"
            return "it is for versions from \(versionNumbers.lowerBound)\(upper), this is \(number)"
        }
        if !users.isEmpty, !users.contains(server.server.user) {
            return "it is for user \(users.joined(separator: ", ")), this is \(server.server.user)"
        }
        if let missing = tags.first(where: { !own.contains($0) }) { return "this exporter has no tag \(missing)" }
        if let refused = refusedTags.first(where: own.contains) { return "this exporter has the tag \(refused)" }
        return nil
    }

    /// Why a database is not asked, on a server that is.
    func obstacle(in database: PostgresFacts) -> String? {
        extensions.first { database.extensions[$0] == nil }.map { "the database has no extension \($0)" }
    }
}
