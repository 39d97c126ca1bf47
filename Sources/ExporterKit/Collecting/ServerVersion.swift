/// Version of the server that is asked: `15.18`, `7.2.4`.
public struct ServerVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// First number.
    public let major: Int
    /// Second number, 0 when absent.
    public let minor: Int
    /// Third number, 0 when absent.
    public let patch: Int

    /// A version from its numbers.
    public init(_ major: Int, _ minor: Int = 0, _ patch: Int = 0) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Reads up to three leading dotted numbers: `8.0.2`, `17.6 (Debian 17.6-0+deb13u1)`, `18beta1`.
    public init?(_ text: some StringProtocol) {
        var numbers: [Int] = []
        for part in text.split(separator: ".", maxSplits: 3).prefix(3) {
            let digits = part.prefix { $0.isASCII && $0.isNumber }
            guard let number = Int(digits) else { break }
            numbers.append(number)
            guard digits.count == part.count else { break }
        }
        guard let major = numbers.first else { return nil }
        self.init(major, numbers.dropFirst().first ?? 0, numbers.dropFirst(2).first ?? 0)
    }

    /// `15.18`, or `7.2.4` where there is a third number.
    public var description: String { patch == 0 ? "\(major).\(minor)" : "\(major).\(minor).\(patch)" }

    /// Compares number by number.
    public static func < (left: ServerVersion, right: ServerVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}
