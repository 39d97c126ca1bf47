/// An address that cannot be understood. The message never holds the address itself: it may contain a password.
public struct RedisAddressError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong and what an address looks like.
    public let message: String

    /// The message.
    public var description: String { message }
}

extension RedisOptions {
    /// Reads an address.
    ///
    /// - Parameter url: `redis://`, `rediss://` (TLS), `valkey://`, `valkeys://` (TLS), each as
    ///   `[[user:]password@]host[:port][/database]`; `host[:port]` without a scheme; `unix:///path`. User and password
    /// are percent-decoded; one word before `@` is the password, as redis-cli has it. Default port 6379.
    public init(url: String) throws(RedisAddressError) {
        let (scheme, rest) = Self.splitScheme(url)
        switch scheme {
        case "unix":
            guard rest.hasPrefix("/") else {
                throw RedisAddressError("unix:// is followed by the absolute path of a socket")
            }
            self.init(endpoint: .unix(path: String(rest)))
        case nil, "redis", "valkey", "rediss", "valkeys":
            try self.init(rest: rest)
            if scheme == "rediss" || scheme == "valkeys" { tls = RedisTLS() }
        case .some:
            throw RedisAddressError("unknown scheme; use redis://, rediss://, valkey://, valkeys:// or unix://")
        }
    }

    /// Everything behind the scheme of a TCP address.
    private init(rest: Substring) throws(RedisAddressError) {
        guard !rest.contains("?"), !rest.contains("#") else {
            throw RedisAddressError("an address has no ? or #; write %3F or %23 when the password has one")
        }
        let at = rest.lastIndex(of: "@")
        let place = at.map { rest[rest.index(after: $0)...] } ?? rest
        let parts = place.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(endpoint: try Self.endpoint(parts[0]))
        if let at { try readCredentials(rest[..<at]) }
        guard parts.count > 1, !parts[1].isEmpty else { return }
        guard let number = Int(parts[1]), number >= 0 else {
            throw RedisAddressError("what follows the last / is the number of a database, from 0")
        }
        database = number
    }

    private static func splitScheme(_ url: String) -> (scheme: String?, rest: Substring) {
        let parts = url.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].starts(with: "//".utf8) else { return (nil, url[...]) }
        return (Substring(parts[0]).lowercased(), Substring(parts[1].dropFirst(2)))
    }

    private static func endpoint(_ place: Substring) throws(RedisAddressError) -> Endpoint {
        var host = place
        var port: Substring?
        if place.hasPrefix("["), let end = place.firstIndex(of: "]") {
            host = place[place.index(after: place.startIndex)..<end]
            let tail = place[place.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else { throw RedisAddressError("[address] is followed by :port") }
            port = tail.isEmpty ? nil : tail.dropFirst()
        } else if let colon = place.lastIndex(of: ":") {
            host = place[..<colon]
            port = place[place.index(after: colon)...]
            guard !host.contains(":") else { throw RedisAddressError("an IPv6 address stands in brackets: [::1]:6379") }
        }
        guard !host.contains(where: \.isWhitespace) else { throw RedisAddressError("a host name has no spaces") }
        let name = host.isEmpty ? "localhost" : String(host)
        guard let port, !port.isEmpty else { return .tcp(host: name, port: 6379) }
        guard let number = Int(port), (1...65535).contains(number) else {
            throw RedisAddressError("the port is a number from 1 to 65535")
        }
        return .tcp(host: name, port: number)
    }

    private mutating func readCredentials(_ text: Substring) throws(RedisAddressError) {
        let words = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var decoded: [String] = []
        for word in words { decoded.append(try Self.percentDecoded(word)) }
        let user = decoded.count == 2 ? decoded[0] : ""
        let secret = decoded.last ?? ""
        username = user.isEmpty ? nil : user
        password = secret.isEmpty ? nil : secret
    }

    private static func percentDecoded(_ text: Substring) throws(RedisAddressError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2).compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
            guard digits.count == 2 else {
                throw RedisAddressError(
                    "a % in user or password is followed by two hexadecimal digits; write %25 for % itself")
            }
            bytes.append(UInt8(digits[0] * 16 + digits[1]))
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension RedisAddressError {
    init(_ message: String) {
        self.message = message
    }
}
