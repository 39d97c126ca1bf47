internal import CLibpq

/// Owns one `PGresult *`, freed on every path; what it holds leaves as plain values.
struct PGResult: ~Copyable {
    private let raw: OpaquePointer

    /// Takes over a result of `PQgetResult`.
    init(adopting raw: OpaquePointer) { self.raw = raw }

    deinit { PQclear(raw) }

    enum Status {
        /// Rows, perhaps none.
        case rows
        /// Done, nothing to return.
        case done
        /// End of one statement's unit: whatever failed in it no longer matters.
        case sync
        /// Not run, because an earlier part of the same unit failed.
        case skipped
        case failed
        /// Something this client never asks for, such as COPY.
        case unexpected
    }

    var status: Status {
        switch PQresultStatus(raw) {
        case PGRES_TUPLES_OK: .rows
        case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: .done
        case PGRES_PIPELINE_SYNC: .sync
        case PGRES_PIPELINE_ABORTED: .skipped
        case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE: .failed
        default: .unexpected
        }
    }

    /// The server's error; libpq's own message when the server sent none (a broken connection).
    var error: (sqlState: String?, message: String) {
        let state = field("C")
        guard let primary = field("M") else {
            return (state, String(cString: PQresultErrorMessage(raw)))
        }
        let detail = field("D").map { " (\($0))" } ?? ""
        let hint = field("H").map { "; hint: \($0)" } ?? ""
        return (state, primary + detail + hint)
    }

    /// - Parameter code: letter of the protocol: `C` SQLSTATE, `M` message, `D` detail, `H` hint.
    private func field(_ code: Unicode.Scalar) -> String? {
        PQresultErrorField(raw, Int32(code.value)).map { String(cString: $0) }
    }

    /// Copies all rows out.
    ///
    /// - Returns: `nil` when the text of all cells is longer than `ResultTable` can hold.
    func table() -> ResultTable? {
        let rowCount = PQntuples(raw)
        let columnCount = PQnfields(raw)
        var cells: [ResultTable.Cell] = []
        cells.reserveCapacity(Int(rowCount) * Int(columnCount))
        var total = 0
        for row in 0..<rowCount {
            for column in 0..<columnCount {
                let length = PQgetisnull(raw, row, column) == 1 ? -1 : PQgetlength(raw, row, column)
                cells.append(ResultTable.Cell(start: UInt32(total), length: length))
                total += Int(max(0, length))
                guard total < Int(UInt32.max) else { return nil }
            }
        }
        let columns = (0..<columnCount).map { PQfname(raw, $0).map { String(cString: $0) } ?? "" }
        return ResultTable(
            columns: columns, types: (0..<columnCount).map { PQftype(raw, $0) }, rowCount: Int(rowCount),
            bytes: bytes(of: cells, Int(columnCount), total), cells: cells)
    }

    private func bytes(of cells: [ResultTable.Cell], _ columnCount: Int, _ total: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: total) { buffer, count in
            for (index, cell) in cells.enumerated() where cell.length > 0 {
                let (row, column) = index.quotientAndRemainder(dividingBy: columnCount)
                guard let value = PQgetvalue(raw, Int32(row), Int32(column)) else { continue }
                UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[Int(cell.start)...])
                    .copyMemory(from: UnsafeRawBufferPointer(start: value, count: Int(cell.length)))
            }
            count = total
        }
    }
}
