internal import ExporterKit

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// How large a file of this machine is.
struct FileSize {
    /// 0 when there is no such file.
    let bytes: Double

    /// - Throws: `.permission` when the directory cannot be searched, `.query` for what is no ordinary file.
    init(_ path: String) throws(CollectorError) {
        var facts = stat()
        guard stat(path, &facts) == 0 else {
            guard errno == ENOENT else {
                let reason = String(cString: strerror(errno))
                throw CollectorError(
                    errno == EACCES ? .permission : .query, "\(path): \(reason); may the exporter look there?")
            }
            bytes = 0
            return
        }
        guard facts.st_mode & S_IFMT == S_IFREG else { throw CollectorError(.query, "\(path): is no ordinary file") }
        bytes = Double(facts.st_size)
    }
}
