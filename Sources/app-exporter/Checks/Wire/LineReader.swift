internal import ExporterKit

/// Reads a conversation line by line.
struct LineReader {
    /// A line that is longer ends the conversation.
    static let maximumLine = 64 << 10

    private var buffer: [UInt8] = []
    private var hasEnded = false

    /// The next line without its end; `nil` when the target has closed the conversation. What it sent last counts as a
    /// line without an end.
    mutating func next(
        from connection: WireConnection, until deadline: ContinuousClock.Instant
    ) async throws(WireError) -> [UInt8]? {
        while true {
            if let end = buffer.firstIndex(of: 0x0a) {
                let line = buffer[..<end]
                buffer = Array(buffer[(end + 1)...])
                return Array(line.last == 0x0d ? line.dropLast() : line)
            }
            guard buffer.count <= Self.maximumLine else {
                throw .failed(.body, .decode, "a line is longer than \(Self.maximumLine) bytes")
            }
            if hasEnded {
                defer { buffer = [] }
                return buffer.isEmpty ? nil : buffer
            }
            let bytes = try await connection.receive(until: deadline)
            hasEnded = bytes.isEmpty
            buffer += bytes
        }
    }

    /// The next so many bytes.
    mutating func bytes(
        _ count: Int, from connection: WireConnection, until deadline: ContinuousClock.Instant
    ) async throws(WireError) -> [UInt8] {
        while buffer.count < count, !hasEnded {
            let bytes = try await connection.receive(until: deadline)
            hasEnded = bytes.isEmpty
            buffer += bytes
        }
        let taken = Array(buffer.prefix(count))
        buffer = Array(buffer.dropFirst(count))
        return taken
    }
}
