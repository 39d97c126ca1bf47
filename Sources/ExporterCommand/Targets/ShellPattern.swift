/// A name, or a pattern of names as shells have it: `*`, `?`, `[a-z]`, `[^a]`, and `\` before what is to be taken as is.
/// Source: https://pkg.go.dev/path#Match
package struct ShellPattern: Sendable, Equatable, CustomStringConvertible {
    fileprivate enum Piece: Equatable {
        case character(Character)
        case any
        case anySequence
        case set([ClosedRange<Character>], isNegated: Bool)
    }

    /// As it was written.
    package let description: String
    private let pieces: [Piece]

    /// - Returns: `nil` for a pattern that is not complete, such as `[a`.
    package init?(_ text: String) {
        description = text
        var pieces: [Piece] = []
        var rest = text[...]
        while let first = rest.popFirst() {
            switch first {
            case "*": pieces.append(.anySequence)
            case "?": pieces.append(.any)
            case "[":
                guard let set = Self.set(&rest) else { return nil }
                pieces.append(set)
            case "\\":
                guard let escaped = rest.popFirst() else { return nil }
                pieces.append(.character(escaped))
            default: pieces.append(.character(first))
            }
        }
        self.pieces = pieces
    }

    /// A pattern as flags have it: only `*` and `?` are wildcards, so that every text is one.
    package init(simple text: String) {
        description = text
        pieces = text.map { $0 == "*" ? .anySequence : $0 == "?" ? .any : .character($0) }
    }

    /// A name in which nothing is a wildcard.
    package init(name: String) {
        description = name
        pieces = name.map { .character($0) }
    }

    /// The name it stands for, when it is none but one.
    package var literal: String? {
        var name = ""
        for piece in pieces {
            guard case .character(let character) = piece else { return nil }
            name.append(character)
        }
        return name
    }

    /// The same for SQL's LIKE; a set of characters counts as any one.
    package var like: String {
        pieces.map { piece in
            switch piece {
            case .anySequence: "%"
            case .any, .set: "_"
            case .character(let character): "%_\\".contains(character) ? "\\\(character)" : "\(character)"
            }
        }.joined()
    }

    /// True when the whole name fits.
    package func matches(_ name: String) -> Bool { Self.matches(pieces[...], Array(name)[...]) }

    /// Goes back only to the last `*`: longer ways back lead nowhere new.
    private static func matches(_ pieces: ArraySlice<Piece>, _ name: ArraySlice<Character>) -> Bool {
        var (pieces, name) = (pieces, name)
        var retry: (pieces: ArraySlice<Piece>, name: ArraySlice<Character>)?
        while true {
            if case .anySequence? = pieces.first {
                pieces = pieces.dropFirst()
                retry = (pieces, name)
                continue
            }
            if let piece = pieces.first, let character = name.first, piece.fits(character) {
                (pieces, name) = (pieces.dropFirst(), name.dropFirst())
                continue
            }
            if pieces.isEmpty, name.isEmpty { return true }
            guard let last = retry, !last.name.isEmpty else { return false }
            retry = (last.pieces, last.name.dropFirst())
            (pieces, name) = (last.pieces, last.name.dropFirst())
        }
    }

    private static func set(_ rest: inout Substring) -> Piece? {
        let isNegated = rest.first == "^"
        if isNegated { rest.removeFirst() }
        var ranges: [ClosedRange<Character>] = []
        while let first = rest.first, first != "]" || ranges.isEmpty {
            guard let low = member(&rest) else { return nil }
            var high = low
            if rest.first == "-" {
                rest.removeFirst()
                guard let end = member(&rest) else { return nil }
                high = end
            }
            guard low <= high else { return nil }
            ranges.append(low...high)
        }
        guard rest.popFirst() == "]", !ranges.isEmpty else { return nil }
        return .set(ranges, isNegated: isNegated)
    }

    private static func member(_ rest: inout Substring) -> Character? {
        guard let first = rest.popFirst(), first != "]", first != "-" else { return nil }
        return first == "\\" ? rest.popFirst() : first
    }
}

extension ShellPattern.Piece {
    fileprivate func fits(_ character: Character) -> Bool {
        switch self {
        case .character(let own): own == character
        case .any: true
        case .anySequence: false
        case .set(let ranges, let isNegated): ranges.contains { $0.contains(character) } != isNegated
        }
    }
}

extension [ShellPattern] {
    /// Patterns of a flag's list.
    package init(simple texts: [String]) { self = texts.map { ShellPattern(simple: $0) } }

    /// True when one of them fits.
    package func matches(_ name: String) -> Bool { contains { $0.matches(name) } }
}
