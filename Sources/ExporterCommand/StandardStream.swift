#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Standard output and standard error, unbuffered.
enum StandardStream: Int32, Sendable {
    case output = 1
    case error = 2

    /// Whether somebody looks at it.
    var isTerminal: Bool { isatty(rawValue) == 1 }

    /// Writes all of it.
    func write(_ text: String) { write(bytes: Array(text.utf8)) }

    /// Writes all of it; gives up when nobody reads any more.
    func write(bytes: [UInt8]) {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let count = systemWrite(rawValue, part)
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if errno != EINTR {
                    return
                }
            }
        }
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}
