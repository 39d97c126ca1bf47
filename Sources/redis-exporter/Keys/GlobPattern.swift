/// A pattern of keys as SCAN MATCH understands it: `*`, `?`, `[a-z]`, `[^a]`, `\x`. Any bytes; never an error.
/// Source: https://redis.io/docs/latest/commands/keys/
struct GlobPattern: Sendable {
    private enum Part: Sendable {
        case star
        case one(ByteSet)
        case literal(UInt8)
    }

    /// As given.
    let text: [UInt8]
    private let parts: [Part]

    init(_ text: [UInt8]) {
        self.text = text
        var parts: [Part] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "*"):
                if case .star? = parts.last { continue }
                parts.append(.star)
            case UInt8(ascii: "?"): parts.append(.one(.all))
            case UInt8(ascii: "["): parts.append(.one(Self.set(&rest)))
            case UInt8(ascii: "\\"): parts.append(.literal(rest.popFirst() ?? byte))
            default: parts.append(.literal(byte))
            }
        }
        self.parts = parts
    }

    /// The bytes between brackets. Without `]` it goes to the end; bounds in the wrong order are exchanged.
    private static func set(_ rest: inout ArraySlice<UInt8>) -> ByteSet {
        var set = ByteSet()
        let isInverted = rest.first == UInt8(ascii: "^")
        if isInverted { rest.removeFirst() }
        while let byte = rest.popFirst(), byte != UInt8(ascii: "]") {
            if byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() {
                set.insert(escaped)
            } else if rest.count >= 2, rest.first == UInt8(ascii: "-") {
                let end = rest[rest.startIndex + 1]
                rest.removeFirst(2)
                for member in min(byte, end)...max(byte, end) { set.insert(member) }
            } else {
                set.insert(byte)
            }
        }
        return isInverted ? set.inverted : set
    }

    /// True when the whole name matches. A mismatch goes back to the last `*` only, so the time is bounded by the product
    /// of both lengths.
    func matches(_ name: [UInt8]) -> Bool {
        var part = 0
        var position = 0
        var retry: (part: Int, position: Int)?
        while position < name.count {
            if part < parts.count, case .star = parts[part] {
                part += 1
                retry = (part, position)
            } else if part < parts.count, accepts(parts[part], name[position]) {
                part += 1
                position += 1
            } else if let last = retry {
                part = last.part
                position = last.position + 1
                retry = (part, position)
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { if case .star = $0 { true } else { false } }
    }

    private func accepts(_ part: Part, _ byte: UInt8) -> Bool {
        switch part {
        case .star: false
        case .one(let set): set.contains(byte)
        case .literal(let literal): literal == byte
        }
    }
}
