internal import CCrypt

/// libcrypt, as far as passwords of the web need it.
enum Crypt {
    /// Hashes a phrase. Thread-safe; the work memory is wiped.
    ///
    /// - Parameters:
    ///   - phrase: bytes, at most 511; what comes after a NUL does not count.
    ///   - setting: method, cost and salt, as crypt(5) writes them; a whole hash will do.
    /// - Returns: `nil` when libcrypt refuses the setting or the phrase.
    static func hash(_ phrase: some Sequence<UInt8>, setting: [UInt8]) -> [UInt8]? {
        var phrase = phrase.map { CChar(bitPattern: $0) } + [0]
        let setting = setting.map { CChar(bitPattern: $0) } + [0]
        let size = MemoryLayout<crypt_data>.size
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: MemoryLayout<crypt_data>.alignment)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        defer {
            explicit_bzero(memory, size)
            explicit_bzero(&phrase, phrase.count)
            memory.deallocate()
        }
        let work = memory.bindMemory(to: crypt_data.self, capacity: 1)
        // A failure is told by a text that begins with an asterisk, or by no text.
        guard let result = crypt_r(phrase, setting, work), result.pointee != CChar(bitPattern: UInt8(ascii: "*")) else {
            return nil
        }
        return Array(String(cString: result).utf8)
    }
}

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif
