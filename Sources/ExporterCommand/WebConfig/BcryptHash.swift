internal import CCrypt

/// The stored form of a password: `$2y$`, the cost in two digits, `$`, 22 characters of salt and 31 of digest.
///
/// Prints as `***`. Source: crypt(5)
struct BcryptHash: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    /// Why a text is no hash; never shows the text.
    struct Malformed: Error {
        let reason: String
    }

    private static let length = 60
    private static let digestLength = 31
    private static let costs = 4...31
    /// bcrypt looks at no more of a password.
    static let significantBytes = 72

    /// The whole hash; its digest is not looked at by crypt(3).
    let setting: [UInt8]
    /// Logarithm of the work; one more doubles the time.
    let cost: Int

    /// - Parameter text: a whole hash with `$2a$`, `$2b$` or `$2y$`; what its salt and digest say is not looked at.
    init(_ text: String) throws(Malformed) {
        let bytes = Array(text.utf8)
        guard ["$2a$", "$2b$", "$2y$"].contains(where: text.hasPrefix) else {
            throw Malformed(reason: "does not begin with $2a$, $2b$ or $2y$")
        }
        guard bytes.count == Self.length else {
            throw Malformed(reason: "has \(bytes.count) characters instead of \(Self.length)")
        }
        let digits = bytes[4..<6]
        guard digits.allSatisfy(Self.isDigit), bytes[6] == UInt8(ascii: "$"), bytes[7...].allSatisfy(Self.isBase64)
        else {
            throw Malformed(reason: "has characters that do not belong there")
        }
        let cost = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        guard Self.costs.contains(cost) else {
            throw Malformed(reason: "has the cost \(cost), which is not between 4 and 31")
        }
        setting = bytes
        self.cost = cost
    }

    /// The hash of a password that is known anyway, as cheap as can be.
    ///
    /// - Parameter password: at most 72 bytes without NUL; of a longer one bcrypt would not look at the rest.
    init(of password: String) throws(Malformed) {
        guard password.utf8.count <= Self.significantBytes, !password.utf8.contains(0) else {
            throw Malformed(reason: "is longer than \(Self.significantBytes) bytes or has a NUL")
        }
        let alphabet = Array("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
        var random = SystemRandomNumberGenerator()
        // 128 bits: 21 characters of six and two more bits, which only four characters have.
        let salt = (0..<21).map { _ in alphabet[Int.random(in: alphabet.indices, using: &random)] }
        let last = Array(".Oeu".utf8)[Int.random(in: 0..<4, using: &random)]
        let setting = Array("$2y$04$".utf8) + salt + [last]
        guard let hash = Crypt.hash(password.utf8, setting: setting) else {
            throw Malformed(reason: "cannot be hashed")
        }
        try self.init(String(decoding: hash, as: UTF8.self))
    }

    /// A hash that costs as much as `cost` asks and that no password is known for.
    private init(ofNobodyWithCost cost: Int) {
        let digits = cost < 10 ? "0\(cost)" : "\(cost)"
        setting = Array("$2y$\(digits)$XS1nFU7mW8kQdYqvU6qMFOJz9rK0wTqB3hLxVnEa5cGiRuPmDy2Hs".utf8)
        self.cost = cost
    }

    /// Stands in for users who do not exist, so that they take as long as the others to refuse.
    static func ofNobody(among hashes: some Sequence<BcryptHash>) -> BcryptHash {
        BcryptHash(ofNobodyWithCost: hashes.map(\.cost).max() ?? 10)
    }

    /// Computes the digest of a password and compares it. Takes tens of milliseconds at cost 10: never on an event loop.
    ///
    /// - Parameter password: bytes; one with a NUL is never right, because the C library would stop reading there.
    func matches(_ password: [UInt8]) -> Bool {
        guard let computed = Crypt.hash(password.prefix(Self.significantBytes), setting: setting),
            computed.count == setting.count
        else { return false }
        // Every byte is looked at, whatever the first ones say.
        let pairs = zip(computed.suffix(Self.digestLength), setting.suffix(Self.digestLength))
        let difference = pairs.reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
        return difference == 0 && !password.contains(0)
    }

    /// `***`
    var description: String { "***" }
    /// Nothing to look into.
    var customMirror: Mirror { Mirror(self, children: []) }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isBase64(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "."), UInt8(ascii: "/"):
            true
        default: isDigit(byte)
        }
    }
}
