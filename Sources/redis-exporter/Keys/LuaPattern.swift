/// A pattern of Lua 5.1, the Lua inside of Redis: what `string.find` makes of it.
///
/// Read once, so that a mistake is found at start; matched without Lua, so that no server has to run a script.
/// Source: https://www.lua.org/manual/5.1/manual.html#5.4.1
struct LuaPattern: Sendable {
    /// What is wrong with a pattern.
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    /// How often a set of bytes may occur.
    enum Repetition: Sendable {
        /// `x`, `x*`, `x+`, `x-`, `x?`.
        case once, many, some, few, optional
    }

    enum Item: Sendable {
        case bytes(ByteSet, Repetition)
        /// `(`, or `()` that captures a position.
        case open(isPosition: Bool)
        case close
        /// `%bxy`
        case balance(UInt8, UInt8)
        /// `%f[set]`
        case frontier(ByteSet)
        /// `%1`
        case back(Int)
        /// `$` at the end.
        case end
    }

    /// As given.
    let text: String
    let items: [Item]
    /// Begins with `^`.
    let isAnchored: Bool

    /// - Throws: what Lua would complain about while matching, and where.
    init(_ text: String) throws(Malformed) {
        self.text = text
        var reader = LuaPatternReader(Array(text.utf8))
        isAnchored = reader.takesAnchor()
        items = try reader.items()
    }

    /// The captures of the first match, one after another; `nil` without a match.
    ///
    /// A match without captures is empty. One that takes unreasonably many steps counts as none.
    func group(of key: [UInt8]) -> [UInt8]? {
        var match = LuaMatch(items, key)
        return match.run(isAnchored: isAnchored)
    }
}
