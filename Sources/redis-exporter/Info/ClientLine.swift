/// One line of `CLIENT LIST`.
/// Source: https://redis.io/docs/latest/commands/client-list/
struct ClientLine: Sendable {
    private let fields: [InfoDocument.Entry]
    /// Where each field stands, in a line that is like the first of its answer; empty in others, which are looked through.
    private var places: [String: Int] = [:]

    /// `id=4 addr=127.0.0.1:6 name=x`. A name may hold `=`, and what follows a space without being a field belongs to the
    /// value before it: no client can be called so that its line is lost.
    ///
    /// - Returns: `nil` when the line does not begin with an id.
    init?(_ line: Substring) {
        var fields: [InfoDocument.Entry] = []
        fields.reserveCapacity(32)
        for word in line.utf8.split(separator: UInt8(ascii: " ")) {
            if let equals = word.firstIndex(of: UInt8(ascii: "=")), word[..<equals].allSatisfy(Self.isKey) {
                let value = Substring(word[word.index(after: equals)...])
                fields.append(InfoDocument.Entry(name: Substring(word[..<equals]), value: value))
            } else if let last = fields.popLast() {
                let value = line[last.value.startIndex..<word.endIndex]
                fields.append(InfoDocument.Entry(name: last.name, value: value))
            }
        }
        guard fields.first?.name == "id" else { return nil }
        self.fields = fields
    }

    /// Value of a field; of a repeated one the last.
    func text(_ name: String) -> Substring? {
        guard places.isEmpty else { return places[name].map { fields[$0].value } }
        return fields.last { $0.name == name }?.value
    }

    /// The same as a number.
    func number(_ name: String) -> Double? { text(name).flatMap(InfoNumber.init)?.value }

    /// `10.0.0.1:6379`, `[::1]:6379`, `fd40::1:6379` and `/run/redis.sock:0` without what follows the last colon.
    var host: Substring {
        guard let address = text("addr"), let colon = address.utf8.lastIndex(of: UInt8(ascii: ":")) else { return "" }
        return address[..<colon]
    }

    /// What follows the last colon of the address.
    var port: Substring {
        guard let address = text("addr"), let colon = address.utf8.lastIndex(of: UInt8(ascii: ":")) else { return "" }
        return address[address.utf8.index(after: colon)...]
    }

    private mutating func notePlaces() {
        let named = fields.enumerated().map { (String($0.element.name), $0.offset) }
        places = Dictionary(named) { _, last in last }
    }

    private mutating func takePlaces(of first: ClientLine) {
        let isAlike = fields.count == first.fields.count && zip(fields, first.fields).allSatisfy { $0.name == $1.name }
        if isAlike { places = first.places }
    }

    private static func isKey(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }

    /// Every line of the answer; one that is none is left out.
    static func all(in text: String) -> [ClientLine] {
        var first: ClientLine?
        return text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { line in
            var client = ClientLine(Substring(line.last == UInt8(ascii: "\r") ? line.dropLast() : line))
            if first == nil { client?.notePlaces() }
            first = first ?? client
            if let first { client?.takePlaces(of: first) }
            return client
        }
    }
}
