/// One thing a service needs to be healthy, asked by `/health` and `/health/ready`.
///
/// ```swift
/// HealthCheck("database", timeout: .seconds(1)) { deadline in try await database.ping(until: deadline) }
/// ```
public struct HealthCheck: Sendable {
    /// Its name in the answer; no address, no credentials.
    public let name: String
    /// Longest time it may take; a check that takes longer has failed with the reason `timeout`.
    public let timeout: Duration
    /// True when the service is of no use without it: `/health` and `/health/ready` are then 503. False when it is only
    /// degraded.
    public let isCritical: Bool
    /// Returns when all is well. Only the `reason` of a thrown `CollectorError` is shown, of any other error the word `error`.
    public let check: @Sendable (Deadline) async throws -> Void

    /// A check from its parts.
    public init(
        _ name: String, timeout: Duration = .seconds(2), isCritical: Bool = true,
        check: @escaping @Sendable (Deadline) async throws -> Void
    ) {
        self.name = name
        self.timeout = timeout
        self.isCritical = isCritical
        self.check = check
    }
}
