internal import ExporterKit

/// Reads a conversation line by line.
struct LineReader {
    /// A line that is longer ends the conversation.
    static let maximumLine = 64 << 10

    /// More lines end the conversation too: each is looked at.
    static let maximumLines = 10_000

    private var buffer: [UInt8] = []
    /// What stands before has been given out.
    private var start = 0
    private var lines = 0
    private var hasEnded = false

    /// The next line without its end; `nil` when the target has closed the conversation. What it sent last counts as a
    /// line without an end.
    mutating func next(
        from connection: WireConnection, until deadline: ContinuousClock.Instant
    ) async throws(WireError) -> [UInt8]? {
        while true {
            if let end = buffer[start...].firstIndex(of: 0x0a) {
                let line = buffer[start..<end]
                start = end + 1
                lines += 1
                guard lines <= Self.maximumLines else {
                    throw .failed(.body, .decode, "the target sent more than \(Self.maximumLines) lines")
                }
                return Array(line.last == 0x0d ? line.dropLast() : line)
            }
            guard buffer.count - start <= Self.maximumLine else {
                throw .failed(.body, .decode, "a line is longer than \(Self.maximumLine) bytes")
            }
            if hasEnded { return start == buffer.count ? nil : rest(buffer.count - start) }
            try await readMore(from: connection, until: deadline)
        }
    }

    /// The next so many bytes.
    mutating func bytes(
        _ count: Int, from connection: WireConnection, until deadline: ContinuousClock.Instant
    ) async throws(WireError) -> [UInt8] {
        while buffer.count - start < count, !hasEnded { try await readMore(from: connection, until: deadline) }
        return rest(min(count, buffer.count - start))
    }

    private mutating func readMore(
        from connection: WireConnection, until deadline: ContinuousClock.Instant
    ) async throws(WireError) {
        let bytes = try await connection.receive(until: deadline)
        hasEnded = bytes.isEmpty
        buffer.removeFirst(start)
        start = 0
        buffer += bytes
    }

    private mutating func rest(_ count: Int) -> [UInt8] {
        defer { start += count }
        return Array(buffer[start..<(start + count)])
    }
}
