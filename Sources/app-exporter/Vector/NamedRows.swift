internal import PostgresClient

/// A result read by the names of its columns.
struct NamedRows {
    private let table: ResultTable
    private let places: [String: Int]
    var indices: Range<Int> { 0..<table.rowCount }

    init(_ table: ResultTable) {
        self.table = table
        places = Dictionary(zip(table.columns, table.columns.indices)) { first, _ in first }
    }

    func text(_ row: Int, _ column: String) -> String? { places[column].flatMap { table.text(row, $0) } }

    func number(_ row: Int, _ column: String) -> Double? {
        places[column].flatMap { table.number(row, $0, booleans: true) }
    }

    func isTrue(_ row: Int, _ column: String) -> Bool { number(row, column) == 1 }
}
