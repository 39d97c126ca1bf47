/// Sizes as PostgreSQL writes them: a number of bytes, or one with kB, MB, GB or TB, each 1024 of the one before.
enum ByteSize {
    private static let units: [(name: String, bytes: Int)] = [
        ("TB", 1 << 40), ("GB", 1 << 30), ("MB", 1 << 20), ("kB", 1 << 10), ("KB", 1 << 10), ("B", 1), ("", 1),
    ]

    /// - Returns: `nil` for what is no size, or too large a one.
    static func parse(_ text: String) -> Int? {
        guard let unit = units.first(where: { text.hasSuffix($0.name) }) else { return nil }
        let digits = text.dropLast(unit.name.count)
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(digits) else {
            return nil
        }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit.bytes)
        return overflow ? nil : bytes
    }
}
