/// How something fared that a service asks anyway, kept in memory: `/health` tells it and asks nobody.
public struct HealthState: Sendable {
    /// Its name in the answer; no address, no credentials.
    public let name: String
    /// True when the service is of no use without it.
    public let isCritical: Bool
    /// What is known; `nil` before the first answer.
    public let last: Last?

    /// One answer.
    public struct Last: Sendable {
        /// Why all was not well, in one word of a closed set; `nil` when it was.
        public let reason: String?
        /// How long it took.
        public let took: Duration
        /// When it came, as seconds since 1970.
        public let time: Double

        /// An answer from its parts.
        public init(reason: String?, took: Duration, time: Double) {
            self.reason = reason
            self.took = took
            self.time = time
        }
    }

    /// A state from its parts.
    public init(_ name: String, isCritical: Bool = false, last: Last?) {
        self.name = name
        self.isCritical = isCritical
        self.last = last
    }
}

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
