#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Reads small text files that a person wrote.
public enum TextFile {
    /// The whole file.
    ///
    /// - Parameter limit: in bytes; a longer file is refused, so that a wrong path does not fill the memory.
    /// - Throws: the path and the system's own words; a file that is too large or not UTF-8.
    package static func contents(_ path: String, limit: Int) throws(ConfigurationError) -> String {
        let bytes = try readBytes(path, limit: limit)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationError("the file is not UTF-8 text; save it as UTF-8", at: path)
        }
        return text
    }

    /// Whether there is something at the path.
    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The bytes of the whole file, by the same rules but whatever they mean.
    public static func readBytes(_ path: String, limit: Int) throws(ConfigurationError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path) }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= limit else {
                throw ConfigurationError("the file is larger than \(limit / 1024) KiB; is it the right file?", at: path)
            }
        }
    }

    private static func unreadable(_ path: String) -> ConfigurationError {
        let reason = String(cString: strerror(errno))
        return ConfigurationError("cannot read the file: \(reason); check the path and its permissions", at: path)
    }
}
