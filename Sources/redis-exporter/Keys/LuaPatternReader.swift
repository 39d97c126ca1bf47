/// Reads a Lua pattern into its items.
struct LuaPatternReader {
    private let bytes: [UInt8]
    private var index = 0
    /// Captures that are open, innermost last, and all that there are; `true` when closed.
    private var open: [Int] = []
    private var isClosed: [Bool] = []

    private static let mostCaptures = 32

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Skips `^` at the beginning.
    mutating func takesAnchor() -> Bool {
        guard bytes.first == UInt8(ascii: "^") else { return false }
        index = 1
        return true
    }

    mutating func items() throws(LuaPattern.Malformed) -> [LuaPattern.Item] {
        var items: [LuaPattern.Item] = []
        while index < bytes.count { items.append(try item()) }
        guard open.isEmpty else { throw malformed("has a ( without )") }
        return items
    }

    private func malformed(_ what: String) -> LuaPattern.Malformed {
        LuaPattern.Malformed(description: "\(what), at byte \(min(index, bytes.count))")
    }

    private mutating func item() throws(LuaPattern.Malformed) -> LuaPattern.Item {
        switch bytes[index] {
        case UInt8(ascii: "("): return try opening()
        case UInt8(ascii: ")"):
            index += 1
            guard let last = open.popLast() else { throw malformed("has a ) without (") }
            isClosed[last] = true
            return .close
        case UInt8(ascii: "$") where index == bytes.count - 1:
            index += 1
            return .end
        case UInt8(ascii: "%"):
            if let special = try special() { return special }
        default: break
        }
        let set = try single()
        return .bytes(set, repetition())
    }

    private mutating func opening() throws(LuaPattern.Malformed) -> LuaPattern.Item {
        index += 1
        guard isClosed.count < Self.mostCaptures else {
            throw malformed("has more than \(Self.mostCaptures) captures")
        }
        if index < bytes.count, bytes[index] == UInt8(ascii: ")") {
            index += 1
            isClosed.append(true)
            return .open(isPosition: true)
        }
        open.append(isClosed.count)
        isClosed.append(false)
        return .open(isPosition: false)
    }

    /// `%b`, `%f` and `%1`; `nil` for a class or an escaped byte.
    private mutating func special() throws(LuaPattern.Malformed) -> LuaPattern.Item? {
        guard index + 1 < bytes.count else { throw malformed("ends with %") }
        let byte = bytes[index + 1]
        switch byte {
        case UInt8(ascii: "b"):
            guard index + 3 < bytes.count else { throw malformed("has a %b without two bytes") }
            defer { index += 4 }
            return .balance(bytes[index + 2], bytes[index + 3])
        case UInt8(ascii: "f"):
            index += 2
            guard index < bytes.count, bytes[index] == UInt8(ascii: "[") else {
                throw malformed("has a %f without [")
            }
            return .frontier(try single())
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            let number = Int(byte) - Int(UInt8(ascii: "1"))
            guard isClosed.indices.contains(number), isClosed[number] else {
                throw malformed("has a %\(Character(Unicode.Scalar(byte))) without such a capture before it")
            }
            index += 2
            return .back(number)
        default: return nil
        }
    }

    /// One byte, class or set.
    private mutating func single() throws(LuaPattern.Malformed) -> ByteSet {
        let byte = bytes[index]
        index += 1
        switch byte {
        case UInt8(ascii: "."): return .all
        case UInt8(ascii: "%"): return try escaped()
        case UInt8(ascii: "["): return try set()
        default: return ByteSet(byte)
        }
    }

    private mutating func escaped() throws(LuaPattern.Malformed) -> ByteSet {
        guard index < bytes.count else { throw malformed("ends with %") }
        defer { index += 1 }
        return LuaClass.set(bytes[index]) ?? ByteSet(bytes[index])
    }

    /// What stands between brackets. A `]` that comes first belongs to the set.
    private mutating func set() throws(LuaPattern.Malformed) -> ByteSet {
        var set = ByteSet()
        let isInverted = index < bytes.count && bytes[index] == UInt8(ascii: "^")
        if isInverted { index += 1 }
        var isFirst = true
        while true {
            guard index < bytes.count else { throw malformed("has a [ without ]") }
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "]"), !isFirst { break }
            isFirst = false
            if byte == UInt8(ascii: "%") {
                set.formUnion(try escaped())
            } else if index + 1 < bytes.count, bytes[index] == UInt8(ascii: "-"),
                bytes[index + 1] != UInt8(ascii: "]")
            {
                if byte <= bytes[index + 1] { for member in byte...bytes[index + 1] { set.insert(member) } }
                index += 2
            } else {
                set.insert(byte)
            }
        }
        return isInverted ? set.inverted : set
    }

    private mutating func repetition() -> LuaPattern.Repetition {
        guard index < bytes.count else { return .once }
        let found: LuaPattern.Repetition
        switch bytes[index] {
        case UInt8(ascii: "*"): found = .many
        case UInt8(ascii: "+"): found = .some
        case UInt8(ascii: "-"): found = .few
        case UInt8(ascii: "?"): found = .optional
        default: return .once
        }
        index += 1
        return found
    }
}

/// The classes of Lua 5.1 in the C locale.
enum LuaClass {
    /// The bytes of `%a` and the like, of `%A` every other; `nil` for a byte that names no class.
    static func set(_ name: UInt8) -> ByteSet? {
        guard let set = sets[name | 0x20], isLetter(name) else { return nil }
        return name & 0x20 == 0 ? set.inverted : set
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

    private static let sets: [UInt8: ByteSet] = [
        UInt8(ascii: "a"): ByteSet(where: isLetter),
        UInt8(ascii: "c"): ByteSet { $0 < 32 || $0 == 127 },
        UInt8(ascii: "d"): ByteSet { digits.contains($0) },
        UInt8(ascii: "l"): ByteSet { isLetter($0) && $0 & 0x20 != 0 },
        UInt8(ascii: "p"): ByteSet { $0 > 32 && $0 < 127 && !isLetter($0) && !digits.contains($0) },
        UInt8(ascii: "s"): ByteSet { $0 == 32 || (9...13).contains($0) },
        UInt8(ascii: "u"): ByteSet { isLetter($0) && $0 & 0x20 == 0 },
        UInt8(ascii: "w"): ByteSet { isLetter($0) || digits.contains($0) },
        UInt8(ascii: "x"): ByteSet {
            digits.contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0 | 0x20)
        },
        UInt8(ascii: "z"): ByteSet(0),
    ]
}
