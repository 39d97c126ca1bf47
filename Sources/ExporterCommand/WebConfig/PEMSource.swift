internal import NIOSSL

/// Where PEM text comes from: a file, or the YAML itself. Shows a path at most, never the text.
struct PEMSource: Sendable, CustomStringConvertible, CustomReflectable {
    private enum Content: Sendable {
        case file(String)
        case inline(String)
    }

    private static let limit = 1024 * 1024

    private let content: Content
    /// Where the YAML says so.
    let position: YAMLPosition

    /// The file to watch; `nil` for text in the YAML.
    var path: String? {
        if case .file(let path) = content { path } else { nil }
    }

    /// A file that a flag names.
    init(path: String) {
        content = .file(path)
        position = YAMLPosition(file: path, line: 1, column: 1)
    }

    private init(content: Content, position: YAMLPosition) {
        self.content = content
        self.position = position
    }

    /// Takes `NAME_file` or else `NAME`: of both the file counts, as upstream has it.
    ///
    /// - Returns: `nil` when neither is given, or both are empty.
    static func read(_ name: String, from map: inout YAMLMapping) throws(ConfigurationError) -> PEMSource? {
        let file = map.optionalNode("\(name)_file")
        let inline = map.optionalNode(name)
        if let file, !(try file.string().isEmpty) {
            return PEMSource(content: .file(try file.path()), position: file.position)
        }
        guard let inline, case let text = try inline.string(), !text.isEmpty else { return nil }
        return PEMSource(content: .inline(text), position: inline.position)
    }

    /// Every certificate in it, at least one.
    func certificates() throws(ConfigurationError) -> [NIOSSLCertificate] {
        let bytes = try bytes()
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
            throw error("no PEM certificate can be read here; it begins with -----BEGIN CERTIFICATE-----")
        }
        return certificates
    }

    /// The private key in it.
    func privateKey() throws(ConfigurationError) -> NIOSSLPrivateKey {
        let bytes = try bytes()
        guard let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) else {
            throw error("no private key can be read here; it must be PEM and must not be encrypted")
        }
        return key
    }

    /// An error at the file, or at the place of the text.
    func error(_ text: String) -> ConfigurationError {
        ConfigurationError(text, at: path ?? position.description)
    }

    private func bytes() throws(ConfigurationError) -> [UInt8] {
        switch content {
        case .file(let path):
            try FileStates.requireRegularFile(path)
            return try TextFile.readBytes(path, limit: Self.limit)
        case .inline(let text): return Array(text.utf8)
        }
    }

    /// The path, or that the text stands in the YAML.
    var description: String { path ?? "inline" }
    /// Nothing to look into.
    var customMirror: Mirror { Mirror(self, children: []) }
}
