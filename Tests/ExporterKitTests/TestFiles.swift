import Glibc

/// A file of the proc file system, or any other that fits.
func readSmallFile(_ path: String) throws -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SmallFileError() }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = read(descriptor, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
}

struct SmallFileError: Error {}

extension String {
    /// How often this text occurs.
    func components(of text: String) -> Int { ranges(of: text).count }
}
