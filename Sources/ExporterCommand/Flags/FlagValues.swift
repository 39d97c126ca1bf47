/// The values of a program's flags: what the command line says, else the environment, else the default.
///
/// Prints the names of what was given and never a value, because a value may be a password.
public struct FlagValues: Sendable, CustomStringConvertible, CustomReflectable {
    enum Value: Sendable {
        case string(String)
        case strings([String])
        case bool(Bool)
        case int(Int)
        case duration(Duration)
    }

    struct Entry: Sendable {
        let value: Value
        /// How the user gave it: `--web.max-requests`, `PG_EXPORTER_WEB_MAX_REQUESTS`; `nil` for the default.
        let origin: String?
    }

    let entries: [String: Entry]

    /// Text of a string or choice flag.
    public func string(_ name: String) -> String {
        guard case .string(let value) = value(name) else { wrongKind(name) }
        return value
    }

    /// Values of a repeatable flag, in the order given.
    public func strings(_ name: String) -> [String] {
        guard case .strings(let value) = value(name) else { wrongKind(name) }
        return value
    }

    /// The words of a string flag that holds a list, split at commas; white space around them does not count.
    package func list(_ name: String) -> [String] {
        let text = string(name)
        return text.utf8.split(separator: UInt8(ascii: ",")).compactMap { word in
            guard let first = word.firstIndex(where: { !isBlank($0) }),
                let last = word.lastIndex(where: { !isBlank($0) })
            else { return nil }
            return String(text[first...last])
        }
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte) }

    /// Value of a yes-or-no flag.
    public func bool(_ name: String) -> Bool {
        guard case .bool(let value) = value(name) else { wrongKind(name) }
        return value
    }

    /// Value of a number flag, within its range.
    public func int(_ name: String) -> Int {
        guard case .int(let value) = value(name) else { wrongKind(name) }
        return value
    }

    /// Value of a time flag, not less than its minimum.
    public func duration(_ name: String) -> Duration {
        guard case .duration(let value) = value(name) else { wrongKind(name) }
        return value
    }

    /// Text of a string flag that must not be printed; `nil` when empty.
    public func secret(_ name: String) -> Secret? {
        let text = string(name)
        return text.isEmpty ? nil : Secret(text)
    }

    /// True when the command line or the environment gives the flag.
    public func isSet(_ name: String) -> Bool { entries[name]?.origin != nil }

    /// The flag as the user knows it, for messages: `--redis.addr`, or the variable it came from, `REDIS_ADDR`.
    public func origin(_ name: String) -> String { entries[name]?.origin ?? "--\(name)" }

    /// Names of the flags that were given.
    public var description: String {
        let given = entries.filter { $0.value.origin != nil }.keys.sorted()
        return "FlagValues(given: \(given.joined(separator: ", ")))"
    }

    /// Nothing to look into.
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// A name the program never declared is a mistake in the program, found by its first start.
    private func value(_ name: String) -> Value {
        guard let entry = entries[name] else { preconditionFailure("no flag --\(name) is declared") }
        return entry.value
    }

    private func wrongKind(_ name: String) -> Never {
        preconditionFailure("flag --\(name) is declared as another kind")
    }
}
