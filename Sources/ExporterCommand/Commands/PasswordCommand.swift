internal import Synchronization

/// A program whose standard output is a password: a token of a cloud, the answer of a vault.
///
/// It is run without a shell, within bounds, and what it printed is used again for a while, or until a server refuses it.
public final class PasswordCommand: Sendable, CustomStringConvertible {
    private let command: BoundedCommand
    private let timeToLive: Duration
    private let state = Mutex(State())

    private struct State {
        var password: String?
        var validUntil = ContinuousClock.now
        /// The last one given was one that had been given before.
        var isRepeated = false
    }

    /// - Parameters:
    ///   - text: program and arguments, split at white space; quotes and backslashes as in a shell, nothing is expanded.
    ///   - timeToLive: how long a password is used again; zero runs the program for each connection.
    ///   - timeout: how long the program may run.
    ///   - environment: all that it gets.
    /// - Throws: what is wrong with the text.
    public init(
        _ text: String, timeToLive: Duration, timeout: Duration, environment: [String: String]
    ) throws(ConfigurationError) {
        guard let words = CommandWords.split(text), !words.isEmpty, !words[0].isEmpty else {
            throw ConfigurationError("it names no program, or a quote in it is not closed")
        }
        guard !text.utf8.contains(0) else { throw ConfigurationError("it holds a zero byte") }
        self.command = BoundedCommand(words: words, environment: environment, timeout: timeout)
        self.timeToLive = timeToLive
    }

    /// The password for a connection that is about to be opened. Blocks while the program runs.
    ///
    /// - Throws: why there is none, without what the program printed on its standard output.
    public func password() throws(ConfigurationError) -> String {
        if let known = recalled() { return known }
        let password = try Self.line(of: command.run(), from: command.name)
        state.withLock { state in
            state.password = password
            state.validUntil = .now + timeToLive
            state.isRepeated = false
        }
        return password
    }

    /// A server did not take the last one: it is forgotten.
    ///
    /// - Returns: whether that one was an old one, so that trying anew makes sense.
    public func refused() -> Bool {
        state.withLock { state in
            state.password = nil
            return state.isRepeated
        }
    }

    /// The program, without its arguments.
    public var description: String { command.name }

    private func recalled() -> String? {
        state.withLock { state in
            guard let password = state.password, ContinuousClock.now < state.validUntil else { return nil }
            state.isRepeated = true
            return password
        }
    }

    /// One line of text, without the white space around it.
    private static func line(of bytes: [UInt8], from name: String) throws(ConfigurationError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw ConfigurationError("\(name) printed something that is not text")
        }
        var line = text.drop(while: \.isWhitespace)
        while line.last?.isWhitespace == true { line.removeLast() }
        guard !line.isEmpty else { throw ConfigurationError("\(name) printed nothing") }
        guard !line.contains(where: \.isNewline) else {
            throw ConfigurationError("\(name) printed several lines; it must print the password and nothing else")
        }
        return String(line)
    }
}
