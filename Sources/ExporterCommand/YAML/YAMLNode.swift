/// A value of a YAML document that remembers where it stands.
///
/// Reading a node as something it is not throws an error with file, line, column, and what to write instead.
public struct YAMLNode: Sendable {
    /// The three shapes of YAML.
    public enum Content: Sendable {
        /// Text; whether it is a number or a bool is up to who reads it.
        case scalar(YAMLScalar)
        /// Items in their order.
        case sequence([YAMLNode])
        /// Keys and values in their order; no key occurs twice.
        case mapping([YAMLEntry])
    }

    /// What it holds.
    public let content: Content
    /// Where it begins.
    public let position: YAMLPosition
    /// What messages call it: its key, `targets[2]` for an item, `nil` for the document itself.
    public let label: String?

    /// True for `~`, `null` and nothing at all, unless quoted.
    public var isNull: Bool {
        if case .scalar(let scalar) = content { scalar.isNull } else { false }
    }

    /// An error at this node.
    ///
    /// - Parameter text: what is wrong; what to do.
    public func error(_ text: String) -> ConfigurationError {
        ConfigurationError(text, at: position.description)
    }
}

/// Text of a scalar.
public struct YAMLScalar: Sendable, Equatable {
    /// The text without quotes, escapes undone.
    public let text: String
    /// Written without quotes: may be a number, a bool or null.
    public let isPlain: Bool
    /// Tagged `!!binary`: the text is bytes in base64.
    public let isBinary: Bool

    init(text: String, isPlain: Bool, isBinary: Bool = false) {
        self.text = text
        self.isPlain = isPlain
        self.isBinary = isBinary
    }

    var isNull: Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains(text) }
}

/// A key with its value.
public struct YAMLEntry: Sendable {
    /// The key's text.
    public let key: String
    /// Where the key begins.
    public let position: YAMLPosition
    /// The value.
    public let value: YAMLNode

    /// An error at the key.
    public func error(_ text: String) -> ConfigurationError {
        ConfigurationError(text, at: position.description)
    }
}

/// A place in a file.
public struct YAMLPosition: Sendable, Hashable, CustomStringConvertible {
    /// The file as the user named it.
    public let file: String
    /// From 1.
    public let line: Int
    /// In characters, from 1.
    public let column: Int

    /// `FILE:LINE:COLUMN`
    public var description: String { "\(file):\(line):\(column)" }
}

/// One parsed file. Everything about YAML that surprises people is refused: duplicate and merge keys, tags, several
/// documents in one file, more than 64 levels, more than 1 MiB, more than 100,000 nodes after aliases are followed.
public struct YAMLDocument: Sendable {
    /// The value of the document; null for an empty file.
    public let root: YAMLNode

    /// Reads a file that need not be there.
    ///
    /// - Returns: `nil` when it is not.
    /// - Throws: as `init(file:)`.
    public static func ifPresent(_ path: String) throws(ConfigurationError) -> YAMLDocument? {
        TextFile.exists(path) ? try YAMLDocument(file: path) : nil
    }

    /// Reads and parses a file.
    ///
    /// - Throws: unreadable, not UTF-8, not YAML, or refused; with the position.
    public init(file path: String) throws(ConfigurationError) {
        let bytes = try TextFile.readBytes(path, limit: YAMLLimits.bytes)
        self.root = try YAMLComposer.compose(bytes, file: path)
    }

    /// Parses a text.
    ///
    /// - Parameter name: stands for the file in messages.
    public init(text: String, name: String) throws(ConfigurationError) {
        self.root = try YAMLComposer.compose(Array(text.utf8), file: name)
    }

    /// Parses bytes, which must be UTF-8.
    public init(bytes: [UInt8], name: String) throws(ConfigurationError) {
        self.root = try YAMLComposer.compose(bytes, file: name)
    }
}

/// Bounds of a document.
enum YAMLLimits {
    static let bytes = 1024 * 1024
    static let depth = 64
    static let nodes = 100_000
}
