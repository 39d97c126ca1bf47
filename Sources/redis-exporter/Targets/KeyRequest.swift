internal import ExporterCommand
internal import ExporterKit

/// The keys that one request of `/scrape` asks for, in place of those of the flags.
struct KeyRequest: Sendable, Hashable {
    /// `check-keys`: patterns to look for with SCAN.
    var patterns: [KeyName] = []
    /// `check-single-keys`.
    var keys: [KeyName] = []
    /// `check-streams`: patterns to look for with SCAN.
    var streamPatterns: [KeyName] = []
    /// `check-single-streams`.
    var streams: [KeyName] = []
    /// `count-keys`: patterns whose keys are counted.
    var counts: [KeyName] = []

    /// None.
    init() {}

    /// Reads the parameters of a request.
    ///
    /// - Throws: what is wrong with the first one that cannot be read.
    init(_ request: HTTPRequest) throws(KeyName.Malformed) {
        func names(_ parameter: String) throws(KeyName.Malformed) -> [KeyName] {
            try KeyName.list(request.parameters(parameter).first ?? "", from: parameter)
        }
        patterns = try names("check-keys")
        keys = try names("check-single-keys")
        streamPatterns = try names("check-streams")
        streams = try names("check-single-streams")
        counts = try names("count-keys")
    }
}

/// A key or a pattern of keys in one database: `db3=sessions:*`.
struct KeyName: Sendable, Hashable {
    /// What is wrong with a list.
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    let database: Int
    let name: String

    /// Reads a list as redis_exporter has it: separated by commas, each `[dbN=]NAME` with the name in the escapes of a URL.
    ///
    /// - Parameter origin: flag or parameter, for messages.
    static func list(_ text: String, from origin: String) throws(Malformed) -> [KeyName] {
        var names: [KeyName] = []
        for word in text.split(separator: ",") {
            let sides = word.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count <= 2, let side = sides.last, let name = unescaped(side) else {
                throw Malformed(
                    description: "\(origin): `\(Shown.clipped(String(word)))` is not NAME or dbN=NAME;"
                        + " write %3D, %2C and %25 for =, comma and % in a name")
            }
            var database = sides.count == 2 ? trimmed(sides[0]) : "0"
            while database.hasPrefix("db") { database = database.dropFirst(2) }
            guard !name.isEmpty, !database.isEmpty else { continue }
            guard let number = Int(database), number >= 0 else {
                throw Malformed(
                    description: "\(origin): `\(Shown.clipped(String(word)))` has no number of a database before the =")
            }
            names.append(KeyName(database: number, name: name))
        }
        return names
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    /// `%XX` and `+` undone; `nil` for a `%` without two digits.
    private static func unescaped(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = trimmed(text).utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                continue
            }
            let digits = rest.prefix(2).compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
            guard digits.count == 2 else { return nil }
            bytes.append(UInt8(digits[0] * 16 + digits[1]))
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
