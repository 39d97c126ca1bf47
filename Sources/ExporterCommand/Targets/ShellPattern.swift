/// A name in which `*` stands for any text and `?` for one character, as in a shell; everything else for itself.
package struct ShellPattern: Sendable, Equatable {
    /// As it was written.
    package let text: String
    private let parts: [Unicode.Scalar]

    /// A pattern as somebody wrote it.
    package init(_ text: String) {
        self.text = text
        parts = Array(text.unicodeScalars)
    }

    /// The same for SQL's LIKE.
    package var like: String {
        text.map { character in
            switch character {
            case "*": "%"
            case "?": "_"
            case "%", "_", "\\": "\\\(character)"
            default: "\(character)"
            }
        }.joined()
    }

    /// True when the whole name fits.
    package func matches(_ name: String) -> Bool {
        let name = Array(name.unicodeScalars)
        var (part, position) = (0, 0)
        /// Where to go on when what follows the last `*` does not fit: the `*` then takes one character more.
        var retry: (part: Int, position: Int)?
        while position < name.count {
            if part < parts.count, parts[part] == "*" {
                retry = (part, position)
                part += 1
            } else if part < parts.count, parts[part] == "?" || parts[part] == name[position] {
                part += 1
                position += 1
            } else if let last = retry {
                retry = (last.part, last.position + 1)
                (part, position) = (last.part + 1, last.position + 1)
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { $0 == "*" }
    }
}

extension [ShellPattern] {
    /// Patterns of a list.
    package init(_ texts: [String]) { self = texts.map { ShellPattern($0) } }

    /// True when one of them fits.
    package func matches(_ name: String) -> Bool { contains { $0.matches(name) } }
}
