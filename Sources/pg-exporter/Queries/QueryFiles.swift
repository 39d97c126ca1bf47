internal import ExporterCommand

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Files of queries, found by what the user names: files, and folders of `*.yml` and `*.yaml`.
enum QueryFiles {
    private static let limit = 1024 * 1024

    /// A file as it was read.
    struct Content: Sendable {
        let path: String
        let bytes: [UInt8]
    }

    /// All files, those of a folder in the order of their names.
    ///
    /// - Throws: a path that cannot be read, or a folder without such a file.
    static func read(_ paths: [String]) throws(ConfigurationError) -> [Content] {
        var contents: [Content] = []
        for path in paths {
            for file in try files(at: path) {
                contents.append(Content(path: file, bytes: try TextFile.readBytes(file, limit: limit)))
            }
        }
        return contents
    }

    private static func files(at path: String) throws(ConfigurationError) -> [String] {
        guard let folder = opendir(path) else {
            guard errno == ENOTDIR else {
                let reason = String(cString: strerror(errno))
                throw ConfigurationError(
                    "cannot read the file: \(reason); check the path and its permissions", at: path)
            }
            return [path]
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            // What begins with a point is an editor's, or the way in which Kubernetes swaps a volume.
            if !name.hasPrefix("."), name.hasSuffix(".yml") || name.hasSuffix(".yaml") { names.append(name) }
        }
        guard !names.isEmpty else {
            throw ConfigurationError("the folder has no *.yml or *.yaml; name the files, or another folder", at: path)
        }
        return names.sorted().map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
    }
}
