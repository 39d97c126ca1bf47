/// All rows of one answer: one block of bytes and the place of each cell in it.
public struct ResultTable: Sendable {
    /// Column names in their order.
    public let columns: [String]
    /// Number of each column's type in `pg_type`, which is fixed for built-in types; empty when not known.
    public let types: [UInt32]
    /// Number of rows.
    public let rowCount: Int
    private let bytes: [UInt8]
    private let cells: [Cell]

    /// Where a cell's text is; NULL has a negative length.
    struct Cell: Sendable {
        var start: UInt32
        var length: Int32
    }

    /// - Parameter cells: row by row, one per column; each within `bytes`.
    init(columns: [String], types: [UInt32], rowCount: Int, bytes: [UInt8], cells: [Cell]) {
        self.columns = columns
        self.types = types
        self.rowCount = rowCount
        self.bytes = bytes
        self.cells = cells
    }

    /// A table from its cells: what tests and fakes of a server need.
    ///
    /// - Parameters:
    ///   - types: as many as columns, or none.
    ///   - rows: each as long as `columns`; missing cells are NULL.
    public init(columns: [String], types: [UInt32] = [], rows: [[String?]]) {
        var bytes: [UInt8] = []
        var cells: [Cell] = []
        for row in rows {
            for column in columns.indices {
                guard column < row.count, let text = row[column] else {
                    cells.append(Cell(start: 0, length: -1))
                    continue
                }
                cells.append(Cell(start: UInt32(bytes.count), length: Int32(text.utf8.count)))
                bytes.append(contentsOf: text.utf8)
            }
        }
        self.init(columns: columns, types: types, rowCount: rows.count, bytes: bytes, cells: cells)
    }

    /// Position of the first column of this name.
    public func column(_ name: String) -> Int? { columns.firstIndex(of: name) }

    /// Bytes of a cell in the server's text format; `nil` for NULL and for a place outside of the table.
    public func utf8(_ row: Int, _ column: Int) -> ArraySlice<UInt8>? {
        guard row >= 0, row < rowCount, column >= 0, column < columns.count else { return nil }
        let cell = cells[row * columns.count + column]
        guard cell.length >= 0 else { return nil }
        return bytes[Int(cell.start)..<Int(cell.start) + Int(cell.length)]
    }

    /// Text of a cell, bytes that are not UTF-8 repaired; `nil` for NULL and for a place outside of the table.
    public func text(_ row: Int, _ column: Int) -> String? {
        utf8(row, column).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Number in a cell, `NaN` and `Infinity` included; `nil` for NULL, for text that is no number and for a place
    /// outside of the table.
    ///
    /// - Parameter booleans: also read the server's `t` and `f`, as 1 and 0.
    public func number(_ row: Int, _ column: Int, booleans: Bool = false) -> Double? {
        guard let text = utf8(row, column) else { return nil }
        if booleans, text.count == 1, let value = Self.boolean(text) { return value ? 1 : 0 }
        return NumberText.parse(text)
    }

    /// Truth value in a cell: `t` or `f`; `nil` for everything else.
    public func boolean(_ row: Int, _ column: Int) -> Bool? {
        utf8(row, column).flatMap(Self.boolean)
    }

    private static func boolean(_ text: ArraySlice<UInt8>) -> Bool? {
        guard text.count == 1 else { return nil }
        switch text.first {
        case UInt8(ascii: "t"): return true
        case UInt8(ascii: "f"): return false
        default: return nil
        }
    }
}
