internal import CLibpq

/// Owns one `PGcancel *`: asks a server to stop what a connection is doing there.
///
/// `@unchecked Sendable` because libpq documents `PQcancel` as safe on any thread, and nothing writes to it after its
/// making.
final class PGCancel: @unchecked Sendable {
    private let raw: OpaquePointer

    /// Takes over a result of `PQgetCancel`.
    init(adopting raw: OpaquePointer) { self.raw = raw }

    deinit { PQfreeCancel(raw) }

    /// Opens a connection of its own and blocks until the server has sent the signal: for ever when the server is
    /// stopped. A failure needs no report: the drain that follows has a limit of its own.
    func send() {
        var text = [CChar](repeating: 0, count: 256)
        _ = PQcancel(raw, &text, Int32(text.count))
    }
}
