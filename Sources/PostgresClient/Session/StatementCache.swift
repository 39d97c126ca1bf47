/// Names of the statements that a connection has prepared.
struct StatementCache {
    /// A server process holds the plan of each; an exporter asks some dozens of different things.
    static let capacity = 256

    private var names: [String: String] = [:]
    private var made = 0
    private var held = 0

    /// Name of a prepared statement.
    func name(of sql: String) -> String? { names[sql] }

    /// True when so many are held that a run had better start afresh (`DEALLOCATE ALL`).
    var isFull: Bool { held >= Self.capacity }

    /// A name that this connection has not used yet; `nil` when it holds enough.
    mutating func makeName() -> String? {
        guard !isFull else { return nil }
        made += 1
        held += 1
        return "s\(made)"
    }

    /// The server has prepared it.
    mutating func insert(_ sql: String, as name: String) { names[sql] = name }

    /// The server no longer runs it (its result type changed, somebody deallocated it): it is prepared again.
    mutating func forget(_ sql: String) { names[sql] = nil }

    /// The server holds none any more.
    mutating func removeAll() {
        names = [:]
        held = 0
    }
}
