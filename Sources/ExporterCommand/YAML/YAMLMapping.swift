/// Reads the keys of a mapping one by one and at the end refuses those nobody asked for.
///
/// ```swift
/// var map = try node.mapping("a source")
/// let dsn = try map.string("dsn")
/// let timeout = try map.optionalDuration("timeout") ?? .seconds(5)
/// try map.finish()
/// ```
/// An absent key and a key without a value are the same to the `optional…` readers.
public struct YAMLMapping: Sendable {
    /// Where the mapping begins.
    public let position: YAMLPosition
    private let subject: String
    private let entries: [YAMLEntry]
    private var asked: [String] = []

    init(_ entries: [YAMLEntry], of subject: String, at position: YAMLPosition) {
        self.entries = entries
        self.subject = subject
        self.position = position
    }

    /// The value of a key, or `nil` when absent or null.
    public mutating func optionalNode(_ key: String) -> YAMLNode? {
        asked.append(key)
        guard let node = entries.first(where: { $0.key == key })?.value, !node.isNull else { return nil }
        return node
    }

    /// The value of a key.
    public mutating func node(_ key: String) throws(ConfigurationError) -> YAMLNode {
        if let node = optionalNode(key) { return node }
        if let entry = entries.first(where: { $0.key == key }) { throw entry.error("\(key) has no value; write one") }
        let others = entries.filter { !asked.contains($0.key) }
        if let meant = Nearest.of(key, among: others.map(\.key)), let entry = others.first(where: { $0.key == meant }) {
            throw entry.error("\(key) is missing in \(subject) (is it \(Shown.clipped(meant)) here?)")
        }
        throw error("\(key) is missing in \(subject)")
    }

    /// An error at the beginning of the mapping.
    public func error(_ text: String) -> ConfigurationError {
        ConfigurationError(text, at: position.description)
    }

    /// Refuses the first key that was not asked for.
    public func finish() throws(ConfigurationError) {
        guard let stranger = entries.first(where: { !asked.contains($0.key) }) else { return }
        var hint = Nearest.hint(stranger.key, among: asked)
        if hint.isEmpty { hint = "; known are \(asked.sorted().joined(separator: ", "))" }
        throw stranger.error("unknown key \(Shown.clipped(stranger.key)) in \(subject)\(hint)")
    }
}

extension YAMLMapping {
    /// Text.
    public mutating func string(_ key: String) throws(ConfigurationError) -> String { try node(key).string() }
    /// Text, if given.
    public mutating func optionalString(_ key: String) throws(ConfigurationError) -> String? {
        try optionalNode(key)?.string()
    }

    /// A list of texts.
    public mutating func strings(_ key: String) throws(ConfigurationError) -> [String] { try node(key).strings() }
    /// A list of texts, if given.
    public mutating func optionalStrings(_ key: String) throws(ConfigurationError) -> [String]? {
        try optionalNode(key)?.strings()
    }

    /// One of a few words.
    public mutating func choice(_ key: String, of words: [String]) throws(ConfigurationError) -> String {
        try node(key).choice(of: words)
    }
    /// One of a few words, if given.
    public mutating func optionalChoice(_ key: String, of words: [String]) throws(ConfigurationError) -> String? {
        try optionalNode(key)?.choice(of: words)
    }

    /// `true` or `false`.
    public mutating func bool(_ key: String) throws(ConfigurationError) -> Bool { try node(key).bool() }
    /// `true` or `false`, if given.
    public mutating func optionalBool(_ key: String) throws(ConfigurationError) -> Bool? {
        try optionalNode(key)?.bool()
    }

    /// A whole number within a range.
    public mutating func int(
        _ key: String, in range: ClosedRange<Int> = 0...Int.max
    ) throws(ConfigurationError) -> Int { try node(key).int(in: range) }
    /// A whole number within a range, if given.
    public mutating func optionalInt(
        _ key: String, in range: ClosedRange<Int> = 0...Int.max
    ) throws(ConfigurationError) -> Int? { try optionalNode(key)?.int(in: range) }

    /// A finite number.
    public mutating func double(_ key: String) throws(ConfigurationError) -> Double { try node(key).double() }
    /// A finite number, if given.
    public mutating func optionalDouble(_ key: String) throws(ConfigurationError) -> Double? {
        try optionalNode(key)?.double()
    }

    /// A time, not less than `minimum`.
    public mutating func duration(
        _ key: String, minimum: Duration = .zero
    ) throws(ConfigurationError) -> Duration { try node(key).duration(minimum: minimum) }
    /// A time, not less than `minimum`, if given.
    public mutating func optionalDuration(
        _ key: String, minimum: Duration = .zero
    ) throws(ConfigurationError) -> Duration? { try optionalNode(key)?.duration(minimum: minimum) }

    /// Text that must not be printed, `{ env: NAME }` or `{ file: /path }`.
    public mutating func secret(_ key: String) throws(ConfigurationError) -> Secret { try node(key).secret() }
    /// Text that must not be printed, if given.
    public mutating func optionalSecret(_ key: String) throws(ConfigurationError) -> Secret? {
        try optionalNode(key)?.secret()
    }

    /// A secret that is kept outside of the file.
    public mutating func keptSecret(_ key: String) throws(ConfigurationError) -> Secret { try node(key).keptSecret() }
    /// A secret that is kept outside of the file, if given.
    public mutating func optionalKeptSecret(_ key: String) throws(ConfigurationError) -> Secret? {
        try optionalNode(key)?.keptSecret()
    }

    /// A path, as seen from the directory of the YAML file.
    public mutating func path(_ key: String) throws(ConfigurationError) -> String { try node(key).path() }
    /// A path, if given.
    public mutating func optionalPath(_ key: String) throws(ConfigurationError) -> String? {
        try optionalNode(key)?.path()
    }

    /// A list.
    public mutating func sequence(_ key: String) throws(ConfigurationError) -> [YAMLNode] { try node(key).sequence() }
    /// A list; empty when not given.
    public mutating func optionalSequence(_ key: String) throws(ConfigurationError) -> [YAMLNode] {
        try optionalNode(key)?.sequence() ?? []
    }

    /// A mapping with known keys.
    ///
    /// - Parameter subject: for messages; the key when `nil`.
    public mutating func mapping(
        _ key: String, _ subject: String? = nil
    ) throws(ConfigurationError) -> YAMLMapping { try node(key).mapping(subject ?? key) }
    /// A mapping with known keys, if given.
    public mutating func optionalMapping(
        _ key: String, _ subject: String? = nil
    ) throws(ConfigurationError) -> YAMLMapping? { try optionalNode(key)?.mapping(subject ?? key) }

    /// A mapping with free keys.
    public mutating func entries(_ key: String) throws(ConfigurationError) -> [YAMLEntry] { try node(key).entries() }
    /// A mapping with free keys; empty when not given.
    public mutating func optionalEntries(_ key: String) throws(ConfigurationError) -> [YAMLEntry] {
        try optionalNode(key)?.entries() ?? []
    }
}
