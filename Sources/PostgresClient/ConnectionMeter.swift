internal import Synchronization

/// Counts the connections that are opened with the same options, and knows how the last one came about.
public final class ConnectionMeter: Sendable {
    private let state = Mutex(Reading())

    /// What has been counted so far.
    public struct Reading: Sendable, Equatable {
        /// Connections that were established.
        public var opened: UInt64 = 0
        /// Attempts that were refused, or given up.
        public var failed: UInt64 = 0
        /// How long establishing the last one took: password, name, TCP, TLS and login; `nil` before the first.
        public var lastDuration: Duration?
        /// Unix time at which the certificate expires that the server showed then; `nil` without TLS.
        public var certificateExpiry: Int64?
    }

    /// Nothing counted yet.
    public init() {}

    /// As of now.
    public var reading: Reading { state.withLock { $0 } }

    func opened(after duration: Duration, certificateExpiry: Int64?) {
        state.withLock { state in
            state.opened += 1
            state.lastDuration = duration
            state.certificateExpiry = certificateExpiry
        }
    }

    func failed() { state.withLock { $0.failed += 1 } }
}
