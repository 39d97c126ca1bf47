#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

extension RedisError {
    /// What an error reply of the server means.
    ///
    /// - Parameters:
    ///   - text: the reply without its `-`.
    ///   - command: what was asked; its name goes into the message, its arguments do not.
    init(reply text: String, to command: RedisCommand, at target: RedisOptions.Endpoint) {
        let kind = Kind(reply: text)
        var message = "\(command) on \(target): \(Self.printable(text))"
        switch kind {
        case .authentication: message += "; give the exporter a user and password that the server accepts"
        case .permission: message += "; allow the command to the user with ACL SETUSER, or leave out what needs it"
        case .connection: message += "; raise maxclients of the server, or let fewer clients connect"
        default: break
        }
        self.init(kind, message)
    }

    /// A refused AUTH. The server's text is left out but for its code: some servers repeat the arguments in it.
    init(refusedAuth text: String, at target: RedisOptions.Endpoint) {
        guard Kind(reply: text) != .connection else {
            self.init(.connection, "connect to \(target): the server has too many clients; raise maxclients")
            return
        }
        let code = text.prefix { $0 != " " }.prefix(24)
        let why =
            switch code {
            case "WRONGPASS": "the server refuses the user name or the password"
            case "ERR" where Self.tells(text, "without any password"): "a password was given but the server has none"
            case "ERR" where Self.tells(text, "invalid password"): "the server refuses the password"
            default: "the server answers \(Self.printable(String(code)))"
            }
        self.init(.authentication, "AUTH on \(target): \(why); check the user and the password of the exporter")
    }

    /// True when the reply has these words. `String.contains` of a text would link the whole of Swift's regular
    /// expressions, more than a megabyte.
    fileprivate static func tells(_ reply: String, _ words: String) -> Bool { strstr(reply, words) != nil }

    private static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(200).map { $0.value < 32 ? " " : $0 }))
    }
}

extension RedisError.Kind {
    /// Reads the code in front of an error reply, and for the many `ERR` the words after it.
    init(reply text: String) {
        let lowered = text.lowercased()
        func tells(_ words: String) -> Bool { RedisError.tells(lowered, words) }
        switch text.prefix(while: { $0 != " " }) {
        case "NOAUTH", "WRONGPASS": self = .authentication
        case "NOPERM", "DENIED": self = .permission
        case "ERR" where tells("max number of clients"): self = .connection
        case "ERR" where Self.unknownWords.contains(where: tells): self = .unsupported
        case "ERR" where Self.deniedWords.contains(where: tells): self = .permission
        default: self = .server
        }
    }

    /// What Redis 2.6 to 8, Valkey, KeyDB and Dragonfly say about a command or subcommand they do not have, and about slots
    /// ordered by what they are not told to count.
    private static let unknownWords = [
        "unknown command", "unknown subcommand", "not supported", "unrecognized sort metric",
    ]
    /// What managed services say about a command they have switched off.
    private static let deniedWords = ["not allowed", "disabled", "operation not permitted", "permission"]
}
