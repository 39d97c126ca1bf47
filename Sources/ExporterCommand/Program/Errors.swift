/// A command line or an environment that does not make sense. The program prints it in one line and exits with 2.
public struct UsageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong and what to give instead, without the program's name and without a period.
    public let description: String

    /// An error from its text, one line.
    public init(_ text: String) {
        self.description = text
    }
}

/// A file or a value that does not make sense. The program prints it in one line and exits with 1.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Where: `app.yaml:12:5`, a file, or a variable; `nil` when the text says it.
    public let place: String?
    /// What is wrong; what to do. No password.
    public let text: String

    /// An error from its parts, the text in one line.
    public init(_ text: String, at place: String? = nil) {
        self.text = text
        self.place = place
    }

    /// `PLACE: TEXT`
    public var description: String { place.map { "\($0): \(text)" } ?? text }
}
