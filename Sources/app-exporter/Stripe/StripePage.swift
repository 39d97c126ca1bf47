internal import ExporterKit

/// One entry of the ledger: a balance transaction, in minor units of its currency.
struct LedgerEntry: Sendable, Equatable {
    let id: String
    let currency: String
    let category: String
    /// Before fees; negative for money that leaves.
    let amount: Int64
    let fee: Int64
}

/// A page of the list of balance transactions, newest first.
struct StripePage: Sendable, Equatable {
    let entries: [LedgerEntry]
    let hasMore: Bool

    /// Reads the answer of `/v1/balance_transactions`.
    init(_ body: [UInt8]) throws(CollectorError) {
        let cells: [JSONScalar]
        do throws(JqError) {
            cells = try Self.cells.outputs(of: JqValue(parsing: body), limit: 1_000).map(\.scalar)
        } catch {
            throw CollectorError(.decode, "the list of balance transactions is not what Stripe sends: \(error)")
        }
        guard case .bool(let hasMore)? = cells.first, (cells.count - 1) % 5 == 0 else { throw Self.flaw("has_more") }
        var entries: [LedgerEntry] = []
        for start in stride(from: 1, to: cells.count, by: 5) {
            guard case .text(let id) = cells[start], !id.isEmpty, case .text(let currency) = cells[start + 1],
                case .text(let category) = cells[start + 2]
            else { throw Self.flaw("id, currency or reporting_category") }
            guard case .number(let amount) = cells[start + 3], case .number(let fee) = cells[start + 4],
                let amount = Int64(exactly: amount), let fee = Int64(exactly: fee)
            else { throw Self.flaw("amount or fee") }
            entries.append(
                LedgerEntry(id: id, currency: currency.lowercased(), category: category, amount: amount, fee: fee))
        }
        self.entries = entries
        self.hasMore = hasMore
    }

    private static func flaw(_ field: String) -> CollectorError {
        CollectorError(.decode, "an entry of the list of balance transactions has no proper \(field)")
    }

    private static let cells = JqProgram(
        known: """
            if .object == "list" and (.data | type) == "array" then .has_more, \
            (.data[] | .id, .currency, .reporting_category, .amount, .fee) else error("no list") end
            """)
}

/// What Stripe says is wrong: `{"error":{...}}`.
struct StripeError: Sendable {
    let type: String
    let code: String
    let message: String

    /// - Returns: `nil` for anything else, an HTML page for example.
    init?(_ body: [UInt8]) {
        guard body.count < 64 << 10, let root = try? JqValue(parsing: body),
            let cells = try? Self.cells.outputs(of: root, limit: 3).map(\.scalar.labelText), cells.count == 3
        else { return nil }
        (type, code, message) = (cells[0] ?? "", cells[1] ?? "", cells[2] ?? "")
    }

    private static let cells = JqProgram(known: ".error | objects | .type, .code, .message")
}
