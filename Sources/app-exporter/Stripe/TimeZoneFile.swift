internal import ExporterCommand

/// Offsets of a time zone out of the system's TZif file (RFC 8536). Read once, when the configuration is.
struct TimeZoneFile: Sendable {
    private struct Change: Sendable {
        /// Unix seconds from which the offset holds.
        let start: Int64
        /// Seconds east of Greenwich.
        let offset: Int64
    }
    let name: String
    private let changes: [Change]
    /// Before the first change.
    private let earliest: Int64
    /// What holds behind the last change.
    private let rule: TimeZoneRule?

    static let utc = TimeZoneFile(name: "UTC", changes: [], earliest: 0, rule: nil)

    private init(name: String, changes: [Change], earliest: Int64, rule: TimeZoneRule?) {
        self.name = name
        self.changes = changes
        self.earliest = earliest
        self.rule = rule
    }

    /// Reads the zone of this name, such as `America/Chicago`.
    ///
    /// - Throws: a name that is none, or a file that is missing or broken.
    init(_ name: String, directory: String = "/usr/share/zoneinfo") throws(ConfigurationError) {
        guard name != "UTC" else {
            self = .utc
            return
        }
        let isName =
            !name.isEmpty && !name.hasPrefix("/")
            && name.utf8.allSatisfy { byte in
                (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
                    || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")) || "+-_/".utf8.contains(byte)
            }
        guard isName else {
            throw ConfigurationError("`\(name)` is no time zone; write a name such as America/Chicago, or UTC")
        }
        let path = "\(directory)/\(name)"
        guard let bytes = try? TextFile.readBytes(path, limit: 1 << 20) else {
            throw ConfigurationError(
                "there is no time zone `\(name)` in \(directory); correct the name, or install tzdata")
        }
        guard let zone = Self(parsing: bytes, name: name) else {
            throw ConfigurationError("\(path) is no time zone file; correct the name, or install tzdata anew")
        }
        self = zone
    }

    /// Version 2 and later: the second block, with 64-bit times, and the rule behind it.
    init?(parsing bytes: [UInt8], name: String) {
        var reader = ByteReader(bytes)
        guard let first = ZoneHeader(&reader), first.version >= UInt8(ascii: "2"),
            reader.skip(first.size(timeBytes: 4)),
            let header = ZoneHeader(&reader)
        else { return nil }
        var starts: [Int64] = []
        for _ in 0..<header.times { starts.append(reader.integer(8)) }
        var kinds: [Int] = []
        for _ in 0..<header.times { kinds.append(Int(reader.integer(1) & 0xff)) }
        var offsets: [Int64] = []
        for _ in 0..<header.types {
            offsets.append(reader.integer(4))
            _ = reader.skip(2)
        }
        guard reader.skip(header.characters + header.leaps * 12 + header.standards + header.universals),
            !reader.isBroken, let earliest = offsets.first, kinds.allSatisfy({ $0 < offsets.count })
        else { return nil }
        let footer = String(decoding: reader.rest.drop { $0 == 10 }.prefix { $0 != 10 }, as: UTF8.self)
        self.init(
            name: name, changes: zip(starts, kinds).map { Change(start: $0, offset: offsets[$1]) }, earliest: earliest,
            rule: footer.isEmpty ? nil : TimeZoneRule(footer))
    }

    /// Seconds east of Greenwich at a moment.
    func offset(at unixSeconds: Int64) -> Int64 {
        guard let last = changes.last else { return rule?.offset(at: unixSeconds) ?? earliest }
        if unixSeconds >= last.start { return rule?.offset(at: unixSeconds) ?? last.offset }
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].start <= unixSeconds { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? earliest : changes[low - 1].offset
    }

    /// When the month of a moment began: local midnight of its first day, in unix seconds. Where the clocks go forward over
    /// that midnight, the moment they did.
    func monthStart(of unixSeconds: Int64) -> Int64 {
        let local = CivilDate(dayOf: unixSeconds + offset(at: unixSeconds))
        let midnight = CivilDate(year: local.year, month: local.month, day: 1).days * 86_400
        // At most two offsets are in question; the earlier moment that is that midnight counts.
        let guesses = [midnight - offset(at: midnight - 86_400), midnight - offset(at: midnight + 86_400)].sorted()
        if let exact = guesses.first(where: { $0 + offset(at: $0) == midnight }) { return exact }
        // Midnight was left out: the first moment of the new day is the change itself.
        return guesses.first { $0 + offset(at: $0) > midnight } ?? guesses[1]
    }
}

/// A day of the Gregorian calendar.
struct CivilDate: Sendable, Equatable {
    let year: Int64
    let month: Int64
    let day: Int64

    init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// - Parameter seconds: since 1970, local.
    init(dayOf seconds: Int64) {
        let days = (seconds - (((seconds % 86_400) + 86_400) % 86_400)) / 86_400 + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        month = shifted < 10 ? shifted + 3 : shifted - 9
        day = dayOfYear - (153 * shifted + 2) / 5 + 1
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days since 1970.
    var days: Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

/// Counts of one block.
private struct ZoneHeader {
    let version: UInt8
    let universals: Int
    let standards: Int
    let leaps: Int
    let times: Int
    let types: Int
    let characters: Int

    init?(_ reader: inout ByteReader) {
        guard reader.rest.starts(with: "TZif".utf8), reader.skip(4) else { return nil }
        version = UInt8(truncatingIfNeeded: reader.integer(1))
        guard reader.skip(15) else { return nil }
        let counts = (0..<6).map { _ in Int(reader.integer(4)) }
        guard !reader.isBroken, counts.allSatisfy({ $0 >= 0 && $0 < 1 << 20 }) else { return nil }
        (universals, standards, leaps) = (counts[0], counts[1], counts[2])
        (times, types, characters) = (counts[3], counts[4], counts[5])
    }

    func size(timeBytes: Int) -> Int {
        times * (timeBytes + 1) + types * 6 + characters + leaps * (timeBytes + 4) + standards + universals
    }
}

/// Big-endian integers off the front of bytes.
private struct ByteReader {
    private(set) var rest: ArraySlice<UInt8>
    private(set) var isBroken = false

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    /// Signed; 0 behind the end.
    mutating func integer(_ size: Int) -> Int64 {
        guard rest.count >= size else {
            isBroken = true
            return 0
        }
        let value = rest.prefix(size).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        rest = rest.dropFirst(size)
        return Int64(bitPattern: value << (64 - 8 * size)) >> (64 - 8 * size)
    }

    mutating func skip(_ count: Int) -> Bool {
        guard rest.count >= count else {
            isBroken = true
            return false
        }
        rest = rest.dropFirst(count)
        return true
    }
}
