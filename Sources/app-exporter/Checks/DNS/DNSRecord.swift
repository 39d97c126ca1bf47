/// A record as zone files write it.
struct DNSRecord: Sendable, Equatable, CustomStringConvertible {
    /// With a dot at its end.
    let name: String
    let type: DNSType
    let group: UInt16
    let secondsToLive: UInt32
    /// `10 mail.example.com.`, `"v=spf1 -all"`.
    let data: String
    /// Of a zone, where this is its SOA record.
    let serial: UInt32?

    /// Parts are separated by tabs, as blackbox_exporter's expressions expect.
    var description: String {
        let group = DNSQuestion.Group(rawValue: group)?.name ?? "CLASS\(group)"
        return "\(name)\t\(secondsToLive)\t\(group)\t\(type.name)\t\(data)"
    }

    /// True when this is the data, leniently: without the dot at the end of a name, and a TXT record as its text.
    func hasData(_ wanted: String) -> Bool {
        if data == wanted || data == wanted + "." { return true }
        return type.name == "TXT" && data.split(separator: "\" \"").joined() == "\"\(wanted)\""
    }
}

/// Reads the parts of a DNS message; every length is checked before it is used.
struct DNSReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { place >= bytes.count }

    mutating func take(_ count: Int) throws(DNSError) -> ArraySlice<UInt8> {
        guard count <= bytes.count - place else { throw DNSError(text: "the answer ends in the middle") }
        defer { place += count }
        return bytes[place..<(place + count)]
    }

    mutating func byte() throws(DNSError) -> UInt8 { try take(1).reduce(0) { $1 } }
    mutating func word() throws(DNSError) -> UInt16 { try take(2).reduce(0) { $0 << 8 | UInt16($1) } }
    mutating func long() throws(DNSError) -> UInt32 { try take(4).reduce(0) { $0 << 8 | UInt32($1) } }

    /// A name with a dot at its end; the rest of it may stand elsewhere in the message.
    mutating func name() throws(DNSError) -> String {
        var name = ""
        var end: Int?
        var length = 0
        while true {
            let size = try byte()
            switch size {
            case 0:
                if let end { place = end }
                return name.isEmpty ? "." : name
            case 0xc0...0xff:
                let target = Int(size & 0x3f) << 8 | Int(try byte())
                // A reference leads back, so that it ends.
                guard target < place - 2 else { throw DNSError(text: "a name in the answer leads in a circle") }
                if end == nil { end = place }
                place = target
            case 1...63:
                length += Int(size) + 1
                guard length <= 255 else { throw DNSError(text: "a name in the answer is too long") }
                name += Self.escaped(try take(Int(size)), plain: "") + "."
            default: throw DNSError(text: "a name in the answer has an unknown form")
            }
        }
    }

    mutating func record() throws(DNSError) -> DNSRecord {
        let name = try name()
        let type = DNSType(try word())
        let (group, life, length) = (try word(), try long(), Int(try word()))
        let end = place + length
        guard end <= bytes.count else { throw DNSError(text: "the answer ends in the middle") }
        let (data, serial) = try data(of: type, until: end)
        place = end
        return DNSRecord(
            name: name, type: type, group: group, secondsToLive: life, data: data, serial: serial)
    }

    private mutating func data(of type: DNSType, until end: Int) throws(DNSError) -> (String, UInt32?) {
        switch type.name {
        case "A" where end - place == 4: return (try take(4).map { "\($0)" }.joined(separator: "."), nil)
        case "AAAA" where end - place == 16: return (Self.address6(try take(16)), nil)
        case "NS", "CNAME", "PTR": return (try name(), nil)
        case "MX":
            let preference = try word()
            return ("\(preference) \(try name())", nil)
        case "SRV":
            let numbers = "\(try word()) \(try word()) \(try word())"
            return ("\(numbers) \(try name())", nil)
        case "TXT":
            var texts: [String] = []
            while place < end { texts.append("\"\(try text())\"") }
            return (texts.joined(separator: " "), nil)
        case "SOA":
            let names = "\(try name()) \(try name())"
            let serial = try long()
            return ("\(names) \(serial) \(try long()) \(try long()) \(try long()) \(try long())", serial)
        case "CAA":
            let (flags, tag) = (try byte(), try text())
            return ("\(flags) \(tag) \"\(Self.escaped(try take(max(0, end - place)), plain: " ."))\"", nil)
        default:
            // RFC 3597
            let hexadecimal = try take(max(0, end - place)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            return ("\\# \(hexadecimal.count) \(hexadecimal.joined())", nil)
        }
    }

    private mutating func text() throws(DNSError) -> String {
        Self.escaped(try take(Int(try byte())), plain: " .")
    }

    /// - Parameter plain: characters that need no backslash here, besides those that never do.
    private static func escaped(_ bytes: ArraySlice<UInt8>, plain: String) -> String {
        var text = ""
        for byte in bytes {
            let scalar = Unicode.Scalar(byte)
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            case ".", " ": text += plain.unicodeScalars.contains(scalar) ? "\(scalar)" : "\\\(scalar)"
            case "!"..."~": text.unicodeScalars.append(scalar)
            default: text += "\\" + String("00\(byte)".suffix(3))
            }
        }
        return text
    }

    /// RFC 5952: the longest run of zeros is left out.
    private static func address6(_ bytes: ArraySlice<UInt8>) -> String {
        let all = Array(bytes)
        let words = stride(from: 0, to: 16, by: 2).map { UInt16(all[$0]) << 8 | UInt16(all[$0 + 1]) }
        var best = 0..<0
        var start = 0
        for index in 0...8 where index == 8 || words[index] != 0 {
            if index - start > best.count, index - start > 1 { best = start..<index }
            start = index + 1
        }
        let text = { (range: Range<Int>) in range.map { String(words[$0], radix: 16) }.joined(separator: ":") }
        return best.isEmpty ? text(0..<8) : "\(text(0..<best.lowerBound))::\(text(best.upperBound..<8))"
    }
}
