/// A mistake in the text of an exposition.
public struct ExpositionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// From 1.
    public let line: Int
    /// From 1, in Unicode scalars.
    public let column: Int
    /// What is wrong.
    public let problem: String

    /// An error from its parts.
    public init(line: Int, column: Int, _ problem: String) {
        self.line = line
        self.column = column
        self.problem = problem
    }

    /// Place and problem in one line.
    public var description: String { "line \(line), column \(column): \(problem)" }
}
