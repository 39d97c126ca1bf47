internal import CHiredis

extension RedisCommand {
    /// Appends the command as the wire wants it. Lengths are exact, so that arguments may hold any byte.
    ///
    /// - Throws: `.protocol` when there is no memory for it.
    func write(to buffer: inout [UInt8]) throws(RedisError) {
        let joined = Array(arguments.joined())
        let lengths = arguments.map(\.count)
        var target: UnsafeMutablePointer<CChar>?
        let length = joined.withUnsafeBytes { bytes in
            // An empty array may have no address; hiredis never reads behind a length of 0, but copies from the
            // pointer.
            var next = bytes.bindMemory(to: CChar.self).baseAddress ?? UnsafePointer(bitPattern: 1)
            var pointers = lengths.map { length in
                defer { next = next?.advanced(by: length) }
                return next
            }
            return Int(redisFormatCommandArgv(&target, Int32(lengths.count), &pointers, lengths))
        }
        guard length > 0, let target else { throw RedisError(.protocol, "no memory for the command \(self)") }
        defer { redisFreeCommand(target) }
        buffer.append(contentsOf: UnsafeRawBufferPointer(start: target, count: length))
    }
}
