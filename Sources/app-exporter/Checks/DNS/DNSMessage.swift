/// A question to a name server, and what it answered. RFC 1035.
struct DNSMessage: Sendable, Equatable {
    /// The server's code as DNS names it, such as `NOERROR` or `NXDOMAIN`.
    let rcode: String
    /// The answer did not fit into a datagram.
    let isTruncated: Bool
    let answers: [DNSRecord]
    let authority: [DNSRecord]
    let additional: [DNSRecord]

    /// By number.
    static let rcodes = [
        "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET",
        "NOTAUTH", "NOTZONE",
    ]

    /// The bytes of a question.
    static func query(_ question: DNSQuestion, id: UInt16) -> [UInt8] {
        var bytes: [UInt8] = []
        let header: [UInt16] = [id, question.wantsRecursion ? 0x0100 : 0, 1, 0, 0, 0]
        for word in header { bytes.append(word: word) }
        for label in question.labels {
            bytes.append(UInt8(label.utf8.count))
            bytes += label.utf8
        }
        bytes.append(0)
        bytes.append(word: question.type.number)
        bytes.append(word: question.group.rawValue)
        return bytes
    }

    /// Reads an answer.
    ///
    /// - Returns: `nil` when it belongs to another question: somebody else's datagram.
    /// - Throws: `DNSError` for bytes that are no answer.
    init?(_ bytes: [UInt8], to question: DNSQuestion, id: UInt16) throws(DNSError) {
        var reader = DNSReader(bytes)
        guard try reader.word() == id else { return nil }
        let flags = try reader.word()
        guard flags & 0x8000 != 0 else { return nil }
        let counts = [try reader.word(), try reader.word(), try reader.word(), try reader.word()]
        for _ in 0..<counts[0] {
            let name = try reader.name()
            let (type, group) = (try reader.word(), try reader.word())
            guard name.lowercased() == question.fullName.lowercased(), type == question.type.number,
                group == question.group.rawValue
            else { return nil }
        }
        let code = Int(flags & 0x0f)
        rcode = code < Self.rcodes.count ? Self.rcodes[code] : "RCODE\(code)"
        isTruncated = flags & 0x0200 != 0
        var sections: [[DNSRecord]] = []
        for count in counts.dropFirst() {
            var records: [DNSRecord] = []
            // A datagram that was cut off has what fitted.
            while records.count < count, !isTruncated || !reader.isAtEnd { records.append(try reader.record()) }
            sections.append(records)
        }
        (answers, authority, additional) = (sections[0], sections[1], sections[2])
    }
}

/// What is asked of a name server.
struct DNSQuestion: Sendable, Equatable {
    /// Classes of records.
    enum Group: UInt16, Sendable, CaseIterable {
        case internet = 1
        case chaos = 3
        case hesiod = 4

        /// As zone files write it.
        var name: String {
            switch self {
            case .internet: "IN"
            case .chaos: "CH"
            case .hesiod: "HS"
            }
        }
    }

    let labels: [String]
    let type: DNSType
    var group = Group.internet
    /// The server is to ask others.
    var wantsRecursion = true

    /// - Parameter name: with or without a dot at its end; `.` alone is the root. `nil` for what is no name.
    init?(_ name: String, _ type: DNSType) {
        let labels = (name.hasSuffix(".") ? name.dropLast() : name[...]).split(
            separator: ".", omittingEmptySubsequences: false
        ).map(String.init)
        self.labels = labels == [""] ? [] : labels
        self.type = type
        let length = self.labels.reduce(1) { $0 + $1.utf8.count + 1 }
        guard !name.isEmpty, length <= 255,
            self.labels.allSatisfy({ (1...63).contains($0.utf8.count) && $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f } }
            )
        else { return nil }
    }

    /// With a dot at its end.
    var fullName: String { labels.isEmpty ? "." : labels.joined(separator: ".") + "." }
}

/// Types of records, by name.
struct DNSType: Sendable, Equatable {
    let name: String
    let number: UInt16

    private static let known: KeyValuePairs<String, UInt16> = [
        "A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33, "CAA": 257,
        "ANY": 255, "HTTPS": 65, "SVCB": 64, "DS": 43, "DNSKEY": 48, "TLSA": 52, "NAPTR": 35, "OPT": 41,
    ]

    /// `nil` for a name that is not known.
    init?(_ name: String) {
        guard let found = Self.known.first(where: { $0.key == name }) else { return nil }
        self.name = name
        number = found.value
    }

    /// `TYPE1234` for a number that has no name here.
    init(_ number: UInt16) {
        name = Self.known.first { $0.value == number }?.key ?? "TYPE\(number)"
        self.number = number
    }

    /// Names that can be asked for.
    static var names: [String] { known.map(\.key).filter { $0 != "OPT" } }
}

/// Bytes that are no answer.
struct DNSError: Error, Sendable, Equatable {
    let text: String
}

extension [UInt8] {
    /// In network order.
    mutating func append(word: UInt16) {
        append(UInt8(word >> 8))
        append(UInt8(word & 0xff))
    }
}
