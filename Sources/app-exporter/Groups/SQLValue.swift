internal import PostgresClient

/// The cells of a column as numbers and as labels, by the type that the server gives.
struct SQLValue {
    /// Numbers of built-in types in `pg_type`.
    private enum Kind {
        case boolean
        case time
        case interval
        case number
        /// The server did not say.
        case unknown

        init(_ type: UInt32?) {
            switch type {
            case nil: self = .unknown
            case 16?: self = .boolean
            case 1082?, 1114?, 1184?: self = .time
            case 1186?: self = .interval
            default: self = .number
            }
        }
    }
    private let column: Int
    private let kind: Kind

    init(_ table: ResultTable, _ column: Int) {
        self.column = column
        kind = Kind(column < table.types.count ? table.types[column] : nil)
    }

    /// 1 and 0 for true and false, seconds since 1970 for a date or time, seconds for an interval without months, the
    /// number in a text.
    func raw(_ table: ResultTable, _ row: Int) -> RawValue {
        guard let bytes = table.utf8(row, column) else { return .null }
        let number: Double? =
            switch kind {
            case .boolean: table.boolean(row, column).map { $0 ? 1 : 0 }
            case .time: TimeText.unixTime(bytes)
            case .interval: IntervalText.seconds(String(decoding: bytes, as: UTF8.self))
            case .number: table.number(row, column)
            case .unknown: table.number(row, column, booleans: true)
            }
        return number.map { .number($0) } ?? .other
    }

    /// NULL is empty.
    func label(_ table: ResultTable, _ row: Int) -> String {
        if kind == .boolean { return table.boolean(row, column).map { "\($0)" } ?? "" }
        return table.text(row, column) ?? ""
    }
}

/// Columns of one histogram.
struct SQLHistogram: Sendable {
    enum Buckets: Sendable {
        /// An array of upper bounds, and one of the cumulated counts.
        case arrays(bounds: String, counts: String)
        /// A column with the cumulated count per bound, ascending.
        case columns([(bound: Double, column: String)])
    }
    let buckets: Buckets
    let sum: String
    /// Of all observations: the bucket `+Inf`.
    let count: String
}
