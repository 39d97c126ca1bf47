internal import CLibpq

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Owns one `PGconn *` in non-blocking use; confined to the thread of its `ConnectionLoop`.
struct PGConnection: ~Copyable {
    private let raw: OpaquePointer

    /// What `PQconnectPoll` waits for.
    enum ConnectStep {
        case reading, writing, done, failed
    }

    /// Starts to connect. Looks up host names, which may block.
    ///
    /// - Parameter parameters: in order; a connection string under `dbname` is expanded and overrides what precedes it.
    /// - Returns: `nil` when there is no memory; a refused connection string shows as a failed first step.
    init?(starting parameters: [(keyword: String, value: String)]) {
        let started = CStrings.with(parameters.map(\.keyword) + [nil]) { keywords in
            CStrings.with(parameters.map(\.value) + [nil]) { values in
                PQconnectStartParams(keywords, values, 1)
            }
        }
        guard let started else { return nil }
        raw = started
        // Only the verbose form tells the SQLSTATE of a refused log-in.
        PQsetErrorVerbosity(raw, PQERRORS_VERBOSE)
        PQsetNoticeProcessor(raw, { _, _ in }, nil)
    }

    deinit { PQfinish(raw) }

    /// Descriptor to wait on; may change from step to step while connecting. Negative when there is none.
    var socket: Int32 { PQsocket(raw) }
    var isBroken: Bool { PQstatus(raw) == CONNECTION_BAD }
    /// libpq's account of the last failure; several lines when several addresses were tried.
    var errorText: String { String(cString: PQerrorMessage(raw)) }

    /// Goes on connecting; to be called when the socket is ready for what the last step waited for.
    func continueConnecting() -> ConnectStep {
        switch PQconnectPoll(raw) {
        case PGRES_POLLING_OK: .done
        case PGRES_POLLING_READING: .reading
        case PGRES_POLLING_WRITING: .writing
        default: .failed
        }
    }

    /// From now on nothing blocks, and in a pipeline statements may be sent before earlier ones are answered.
    func becomeReady(_ mode: PostgresOptions.ProtocolMode) -> Bool {
        PQsetnonblocking(raw, 1) == 0 && (mode == .simple || PQenterPipelineMode(raw) == 1)
    }

    /// Unix time at which the server's certificate expires; `nil` without TLS.
    var certificateExpiry: Int64? {
        guard PQsslInUse(raw) == 1, let session = PQsslStruct(raw, "OpenSSL") else { return nil }
        return PeerCertificate.expiry(ofSession: session)
    }

    /// What the server has told about itself and the session.
    var server: PostgresServer {
        PostgresServer(
            versionNumber: Int(PQserverVersion(raw)),
            versionText: parameter("server_version") ?? "",
            database: text(PQdb(raw)), user: text(PQuser(raw)),
            host: text(PQhost(raw)), port: text(PQport(raw)),
            isStandby: parameter("in_hot_standby").map { $0 == "on" },
            backendPID: PQbackendPID(raw))
    }

    private func parameter(_ name: String) -> String? {
        PQparameterStatus(raw, name).map { String(cString: $0) }
    }

    private func text(_ pointer: UnsafePointer<CChar>?) -> String {
        pointer.map { String(cString: $0) } ?? ""
    }

    private func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String {
        pointer.map { String(cString: $0) } ?? ""
    }

    // MARK: - Sending. False means that libpq took nothing: the connection is broken or out of memory.

    func sendPrepare(_ name: String, _ sql: String) -> Bool {
        PQsendPrepare(raw, name, sql, 0, nil) == 1
    }

    func sendPrepared(_ name: String, _ parameters: [String?]) -> Bool {
        CStrings.with(parameters) { PQsendQueryPrepared(raw, name, Int32(parameters.count), $0, nil, nil, 0) } == 1
    }

    func send(_ sql: String, _ parameters: [String?]) -> Bool {
        CStrings.with(parameters) { PQsendQueryParams(raw, sql, Int32(parameters.count), nil, $0, nil, nil, 0) } == 1
    }

    /// As text, by the simple protocol; not in a pipeline.
    func sendText(_ sql: String) -> Bool { PQsendQuery(raw, sql) == 1 }

    /// While held, statements leave together in full packets instead of one at each synchronisation point, where libpq
    /// writes whatever it has. The kernel lets go by itself after 200 ms; a socket without TCP holds nothing.
    func holdPackets(_ isHeld: Bool) {
        #if os(Linux)
            var value: Int32 = isHeld ? 1 : 0
            _ = setsockopt(socket, Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
        #endif
    }

    func sendSync() -> Bool { PQpipelineSync(raw) == 1 }

    /// - Returns: whether bytes are left to be written when the socket takes more; `nil` when the connection is broken.
    func flush() -> Bool? {
        switch PQflush(raw) {
        case 0: false
        case 1: true
        default: nil
        }
    }

    // MARK: - Receiving

    /// Reads what has come. False when the connection is broken; answers that came before may still be there.
    func consumeInput() -> Bool { PQconsumeInput(raw) == 1 }

    /// True when `nextResult` would block.
    var isBusy: Bool { PQisBusy(raw) == 1 }

    /// Next answer, or `nil` between the answers of two statements.
    func nextResult() -> PGResult? {
        PQgetResult(raw).map { PGResult(adopting: $0) }
    }

    /// A ticket to cancel what this connection's server process is doing, usable on any thread, also after `deinit`.
    func makeCancel() -> PGCancel? {
        PQgetCancel(raw).map { PGCancel(adopting: $0) }
    }
}
