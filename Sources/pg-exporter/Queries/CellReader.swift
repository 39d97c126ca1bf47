internal import PostgresClient

/// Cells as the peers read them: truth values and points in time are numbers too.
struct CellReader {
    /// Numbers of built-in types in `pg_type`.
    private enum Kind {
        case number
        case boolean
        case time

        init(_ type: UInt32) {
            switch type {
            case 16: self = .boolean
            case 1082, 1114, 1184: self = .time
            default: self = .number
            }
        }
    }

    private let column: Int
    private let kind: Kind

    /// - Parameter column: position in the table.
    init(_ table: ResultTable, _ column: Int) {
        self.column = column
        kind = column < table.types.count ? Kind(table.types[column]) : .number
    }

    /// True when no factor applies: the value is no quantity.
    var isPlain: Bool { kind != .number }

    func isNull(_ table: ResultTable, _ row: Int) -> Bool { table.utf8(row, column) == nil }

    /// 1 and 0 for true and false, whole seconds since 1970 for a time; `nil` for NULL and for what is no number.
    func number(_ table: ResultTable, _ row: Int) -> Double? {
        switch kind {
        case .number: table.number(row, column)
        case .boolean: table.boolean(row, column).map { $0 ? 1 : 0 }
        case .time: table.utf8(row, column).flatMap(TimeText.unixSeconds).map(Double.init)
        }
    }

    /// NULL is empty.
    func label(_ table: ResultTable, _ row: Int) -> String {
        switch kind {
        case .number: table.text(row, column) ?? ""
        case .boolean: table.boolean(row, column).map { $0 ? "true" : "false" } ?? ""
        case .time:
            table.utf8(row, column).flatMap(TimeText.unixSeconds).map { "\($0)" } ?? table.text(row, column) ?? ""
        }
    }
}
