#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// A password or token that prints as `***` wherever it is printed, dumped or reflected.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private enum Source: Sendable {
        case literal(String)
        case environment(String)
        case file(String)
    }

    private let source: Source

    /// A secret that is known.
    public init(_ text: String) {
        source = .literal(text)
    }

    /// A secret in an environment variable, read when used.
    public init(env name: String) {
        source = .environment(name)
    }

    /// A secret in a file, read again each time it is used, so that a rotated file takes effect. Line ends at its end are
    /// removed. At most 64 KiB of UTF-8.
    public init(file path: String) {
        source = .file(path)
    }

    /// The text itself.
    ///
    /// Reads the file when it is one: call it where the connection is opened, not once at start.
    ///
    /// - Throws: a variable that is not set or empty, a file that cannot be read; names the place, not the content.
    public var value: String {
        get throws(ConfigurationError) {
            switch source {
            case .literal(let text): return text
            case .environment(let name):
                guard let value = getenv(name), value.pointee != 0 else {
                    throw ConfigurationError("the environment variable \(name) is not set; set it to the secret")
                }
                return String(cString: value)
            case .file(let path):
                let text = try TextFile.contents(path, limit: 64 * 1024)
                return String(text.reversed().drop(while: \.isNewline).reversed())
            }
        }
    }

    /// `***`
    public var description: String { "***" }
    /// `***`
    public var debugDescription: String { "***" }
    /// Nothing to look into.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
