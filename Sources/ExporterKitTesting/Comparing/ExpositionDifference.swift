/// What two expositions do not have in common.
public struct ExpositionDifference: Error, Sendable, Equatable, CustomStringConvertible {
    /// One line that differs.
    public struct Line: Sendable, Equatable {
        /// The series or metadata as expected; `nil` when it is there and nothing of it was expected.
        public let expected: String?
        /// What is there; `nil` when it is missing.
        public let actual: String?

        /// A line from its two sides.
        public init(expected: String?, actual: String?) {
            self.expected = expected
            self.actual = actual
        }
    }

    /// Missing and different lines in the order of the expected text, then unexpected ones by name.
    public let lines: [Line]

    /// A difference from its lines.
    public init(_ lines: [Line]) {
        self.lines = lines
    }

    /// Every difference; `-` is what was expected, `+` is what is there.
    public var description: String {
        let changes = lines.flatMap { line in
            [line.expected.map { "- \($0)" }, line.actual.map { "+ \($0)" }].compactMap(\.self)
        }
        return "not the expected metrics (- expected, + there):\n" + changes.joined(separator: "\n")
    }
}
