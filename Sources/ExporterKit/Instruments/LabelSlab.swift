/// Memory for many small byte strings that live and die together. They never move.
///
/// Unchecked: only the owner's lock holder appends; bytes handed out never change until the slab is freed.
final class LabelSlab: @unchecked Sendable {
    private static let chunkSize = 64 * 1024
    private var chunks: [UnsafeMutableRawPointer] = []
    private var room: UnsafeMutableRawBufferPointer = .init(start: nil, count: 0)
    /// Bytes appended so far.
    private(set) var count = 0

    deinit {
        for chunk in chunks { chunk.deallocate() }
    }

    /// Copies the bytes.
    ///
    /// - Returns: where they are as long as the slab lives.
    func append(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafePointer<UInt8> {
        if room.count < bytes.count || room.baseAddress == nil {
            let size = max(Self.chunkSize >> (chunks.isEmpty ? 6 : 0), bytes.count)
            let chunk = UnsafeMutableRawPointer.allocate(byteCount: max(1, size), alignment: 16)
            chunks.append(chunk)
            room = UnsafeMutableRawBufferPointer(start: chunk, count: size)
        }
        let start = room.baseAddress.unsafelyUnwrapped
        if let source = bytes.baseAddress { start.copyMemory(from: source, byteCount: bytes.count) }
        room = UnsafeMutableRawBufferPointer(rebasing: room[bytes.count...])
        count += bytes.count
        return UnsafePointer(start.assumingMemoryBound(to: UInt8.self))
    }
}
