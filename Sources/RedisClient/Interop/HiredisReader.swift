internal import CHiredis

/// Owns one `redisReader`: bytes of any size in, whole replies out as Swift values.
///
/// Confined to the event loop of its connection. Nothing of C leaves it.
struct HiredisReader: ~Copyable {
    private let raw: UnsafeMutablePointer<redisReader>
    /// hiredis keeps the pointer, so the table lives as long as the reader.
    private let functions: UnsafeMutablePointer<redisReplyObjectFunctions>
    /// Held unretained by the reader's `privdata`; this reference keeps it alive.
    private let builder = ReplyBuilder()
    private let limit: Int
    /// Bytes of the reply that is not complete yet.
    private var pending = 0

    /// - Parameter maximumReplyBytes: a reply beyond this many bytes on the wire is an error.
    /// - Throws: `.protocol` when there is no memory.
    init(maximumReplyBytes: Int) throws(RedisError) {
        let functions = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
        functions.initialize(to: ReplyBuilder.functions)
        guard let raw = redisReaderCreateWithFunctions(functions) else {
            functions.deallocate()
            throw RedisError(.protocol, "no memory for a reply reader")
        }
        raw.pointee.privdata = Unmanaged.passUnretained(builder).toOpaque()
        self.raw = raw
        self.functions = functions
        self.limit = maximumReplyBytes
    }

    /// True when no part of a reply waits for its rest.
    var isEmpty: Bool { pending == 0 }

    deinit {
        redisReaderFree(raw)
        functions.deallocate()
    }

    /// Adds bytes as they came from the wire.
    mutating func feed(_ bytes: UnsafeRawBufferPointer) throws(RedisError) {
        guard let base = bytes.bindMemory(to: CChar.self).baseAddress, !bytes.isEmpty else { return }
        pending += bytes.count
        guard redisReaderFeed(raw, base, bytes.count) == REDIS_OK else { throw failure() }
    }

    /// The next whole reply; `nil` until more bytes have come. After an error the reader is of no further use.
    mutating func next() throws(RedisError) -> RedisValue? {
        var object: UnsafeMutableRawPointer?
        guard redisReaderGetReply(raw, &object) == REDIS_OK else { throw failure() }
        guard object != nil else {
            guard pending <= limit else { throw RedisError(.protocol, "a reply has more than \(limit) bytes") }
            return nil
        }
        pending = raw.pointee.len - raw.pointee.pos
        guard let value = builder.take() else {
            throw RedisError(.protocol, "the server sent a reply that is not RESP2")
        }
        return value
    }

    private func failure() -> RedisError {
        let words = withUnsafeBytes(of: raw.pointee.errstr) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return RedisError(.protocol, words.isEmpty ? "the server's reply cannot be read" : words)
    }
}

/// Puts a reply together while hiredis walks through it, depth first.
///
/// hiredis wants an object for every element; all get the same token, because the values grow here.
private final class ReplyBuilder {
    private struct Frame {
        var elements: [RedisValue]
        let count: Int
    }

    private var frames: [Frame] = []
    private var root: RedisValue?

    /// The whole reply, once; `nil` when elements are missing.
    func take() -> RedisValue? {
        defer {
            root = nil
            frames.removeAll(keepingCapacity: true)
        }
        return frames.isEmpty ? root : nil
    }

    private func open(_ count: Int) -> Bool {
        guard count >= 0 else { return false }
        guard count > 0 else {
            add(.array([]))
            return true
        }
        var frame = Frame(elements: [], count: count)
        // The count is the server's word; memory follows what really comes.
        frame.elements.reserveCapacity(min(count, 256))
        frames.append(frame)
        return true
    }

    private func add(_ value: RedisValue) {
        var value = value
        while let top = frames.indices.last {
            frames[top].elements.append(value)
            guard frames[top].elements.count == frames[top].count else { return }
            value = .array(frames[top].elements)
            frames.removeLast()
        }
        root = value
    }

    private func addText(_ bytes: UnsafeRawBufferPointer, type: Int32) {
        switch type {
        case REDIS_REPLY_STATUS: add(.simple(String(decoding: bytes, as: UTF8.self)))
        case REDIS_REPLY_ERROR: add(.error(String(decoding: bytes, as: UTF8.self)))
        default: add(.bulk(Array(bytes)))
        }
    }

    private static func of(_ task: UnsafePointer<redisReadTask>?) -> ReplyBuilder? {
        task?.pointee.privdata.map { Unmanaged<ReplyBuilder>.fromOpaque($0).takeUnretainedValue() }
    }

    /// What hiredis calls. Functions that newer versions have besides (doubles, booleans of RESP3) stay empty: RESP3 is
    /// never asked for. `freeObject` stays empty because tokens own nothing.
    static var functions: redisReplyObjectFunctions {
        var table = redisReplyObjectFunctions()
        table.createString = { task, text, length in
            guard let task, let builder = ReplyBuilder.of(task) else { return nil }
            builder.addText(UnsafeRawBufferPointer(start: text, count: length), type: task.pointee.type)
            return task.pointee.privdata
        }
        table.createArray = { task, count in
            guard let task, let builder = ReplyBuilder.of(task), builder.open(Int(count)) else { return nil }
            return task.pointee.privdata
        }
        table.createInteger = { task, number in
            guard let task, let builder = ReplyBuilder.of(task) else { return nil }
            builder.add(.integer(number))
            return task.pointee.privdata
        }
        table.createNil = { task in
            guard let task, let builder = ReplyBuilder.of(task) else { return nil }
            builder.add(.null)
            return task.pointee.privdata
        }
        return table
    }
}
