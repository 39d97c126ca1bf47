/// Looks at the text of a user's query without understanding it: comments, quotes and semicolons.
/// Source: https://www.postgresql.org/docs/current/sql-syntax-lexical.html
enum SingleStatement {
    /// What is wrong with a text.
    enum Flaw: Error {
        /// Nothing but comments.
        case empty
        /// Text follows a semicolon.
        case several
        /// A quote, a dollar quote or a comment does not end.
        case unfinished(String)
        /// It begins with another word than those of a query.
        case noQuery(String)
    }

    /// First words of what returns rows and changes nothing.
    static let queries = ["SELECT", "WITH", "VALUES", "TABLE", "SHOW"]

    /// - Throws: what keeps the text from being one query.
    static func check(_ sql: String) throws(Flaw) {
        var scanner = Scanner(Array(sql.utf8))
        guard let word = try scanner.firstWord() else { throw .empty }
        guard queries.contains(word.uppercased()) else { throw .noQuery(word) }
        try scanner.skipStatement()
        guard try scanner.isAtEnd() else { throw .several }
    }

    private struct Scanner {
        private let bytes: [UInt8]
        private var index = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        private func peek(_ offset: Int = 0) -> UInt8 {
            index + offset < bytes.count ? bytes[index + offset] : 0
        }

        /// The first word behind comments and opening parentheses.
        mutating func firstWord() throws(Flaw) -> String? {
            try skipBlank()
            while peek() == UInt8(ascii: "(") {
                index += 1
                try skipBlank()
            }
            guard index < bytes.count, peek() != UInt8(ascii: ";") else { return nil }
            let word = bytes[index...].prefix(while: Self.isWord)
            return String(decoding: word.isEmpty ? bytes[index...].prefix(1) : word, as: UTF8.self)
        }

        /// Goes to behind the semicolon, or to the end.
        mutating func skipStatement() throws(Flaw) {
            while index < bytes.count {
                switch peek() {
                case UInt8(ascii: ";"):
                    index += 1
                    return
                case UInt8(ascii: "'"): try skipQuoted(UInt8(ascii: "'"), escapes: hasEscapePrefix)
                case UInt8(ascii: "\""): try skipQuoted(UInt8(ascii: "\""), escapes: false)
                case UInt8(ascii: "$"): try skipDollar()
                default: if try !skipComment() { index += 1 }
                }
            }
        }

        /// True when only blanks, comments and semicolons are left.
        mutating func isAtEnd() throws(Flaw) -> Bool {
            try skipBlank()
            while peek() == UInt8(ascii: ";") {
                index += 1
                try skipBlank()
            }
            return index >= bytes.count
        }

        private mutating func skipBlank() throws(Flaw) {
            while index < bytes.count {
                if peek() <= UInt8(ascii: " ") {
                    index += 1
                } else if try !skipComment() {
                    return
                }
            }
        }

        private mutating func skipComment() throws(Flaw) -> Bool {
            if peek() == UInt8(ascii: "-"), peek(1) == UInt8(ascii: "-") {
                while index < bytes.count, peek() != UInt8(ascii: "\n") { index += 1 }
                return true
            }
            guard peek() == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") else { return false }
            var depth = 0
            repeat {
                guard index < bytes.count else { throw .unfinished("/*") }
                if peek() == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                    depth += 1
                    index += 2
                } else if peek() == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                    depth -= 1
                    index += 2
                } else {
                    index += 1
                }
            } while depth > 0
            return true
        }

        /// `E'…'`, where a backslash escapes.
        private var hasEscapePrefix: Bool {
            guard index > 0, bytes[index - 1] | 0x20 == UInt8(ascii: "e") else { return false }
            return index < 2 || !Self.isWord(bytes[index - 2])
        }

        private mutating func skipQuoted(_ quote: UInt8, escapes: Bool) throws(Flaw) {
            index += 1
            while index < bytes.count {
                if escapes, peek() == UInt8(ascii: "\\") {
                    index += 2
                } else if peek() == quote, peek(1) == quote {
                    index += 2
                } else if peek() == quote {
                    index += 1
                    return
                } else {
                    index += 1
                }
            }
            throw .unfinished(String(UnicodeScalar(quote)))
        }

        /// `$$…$$` and `$tag$…$tag$`; a parameter such as `$1`, or a `$` inside of a name, is no quote.
        private mutating func skipDollar() throws(Flaw) {
            let tag = bytes[(index + 1)...].prefix { Self.isWord($0) && $0 != UInt8(ascii: "$") }
            let isDigit = tag.first.map { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") } ?? false
            let isInName = index > 0 && Self.isWord(bytes[index - 1])
            guard !isDigit, !isInName, peek(tag.count + 1) == UInt8(ascii: "$") else {
                index += 1
                return
            }
            let mark = bytes[index..<(index + tag.count + 2)]
            index += mark.count
            while index + mark.count <= bytes.count {
                if bytes[index..<(index + mark.count)].elementsEqual(mark) {
                    index += mark.count
                    return
                }
                index += 1
            }
            throw .unfinished(String(decoding: mark, as: UTF8.self))
        }

        private static func isWord(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
                true
            default: false
            }
        }
    }
}
