/// What a ledger group asks for.
struct LedgerQuestion: Sendable {
    /// Where the month begins and ends.
    var zone = TimeZoneFile.utc
    /// Categories of each component, in file order. What is in none of them is not revenue.
    var components: [(name: String, categories: Set<String>)] = Self.usual
    /// Also the components `fees` and `net`.
    var fees = true
    var maximumPages = 50
    var units = MinorUnits()
    /// Time between two readings of the whole month.
    var rescan = Duration.seconds(86_400)
    var metrics: [LedgerMetric] = []

    static let usual: [(name: String, categories: Set<String>)] = [
        ("gross", ["charge", "charge_failure"]),
        ("refunds", ["refund", "refund_failure", "partial_capture_reversal"]),
        ("disputes", ["dispute", "dispute_reversal"]),
    ]

    func component(of category: String) -> String? {
        components.first { $0.categories.contains(category) }?.name
    }
}

/// A metric of a ledger group.
struct LedgerMetric: Sendable {
    enum Value: String, Sendable, CaseIterable {
        case amount
        case entries
        case windowStart = "window_start"
        case balance

        /// Names of the labels that tell its series apart.
        var labels: [String] {
            switch self {
            case .amount, .entries: ["currency", "component"]
            case .balance: ["currency", "state"]
            case .windowStart: []
            }
        }
    }
    let rule: MetricRule
    let value: Value
}

/// Sums of one month in minor units, by currency and component.
struct LedgerSums: Sendable, Equatable {
    struct Sum: Sendable, Equatable {
        var amount: Int64 = 0
        var entries = 0
    }
    /// By currency, then by component.
    private(set) var sums: [String: [String: Sum]] = [:]
    /// Set when an amount no longer fits; such sums are not shown.
    private(set) var isOverflown = false

    /// Adds an entry, if it is revenue.
    mutating func add(_ entry: LedgerEntry, _ question: LedgerQuestion) {
        if let component = question.component(of: entry.category) {
            add(entry.amount, 1, entry.currency, component)
            if question.fees, entry.fee != 0 { add(0 &- entry.fee, 1, entry.currency, Self.fees) }
        } else if question.fees, entry.category == "fee" {
            // Fees that are charged by themselves: negative amounts.
            add(entry.amount, 1, entry.currency, Self.fees)
            if entry.fee != 0 { add(0 &- entry.fee, 0, entry.currency, Self.fees) }
        }
    }

    private mutating func add(_ amount: Int64, _ entries: Int, _ currency: String, _ component: String) {
        var sum = sums[currency]?[component] ?? Sum()
        let (total, overflow) = sum.amount.addingReportingOverflow(amount)
        isOverflown = isOverflown || overflow
        sum.amount = total
        sum.entries += entries
        sums[currency, default: [:]][component] = sum
    }

    /// Adds what the other has and takes away what a third has: `self + new - old`.
    func corrected(from old: LedgerSums, to new: LedgerSums) -> LedgerSums {
        var result = self
        for (source, sign) in [(new, 1), (old, -1)] {
            for (currency, components) in source.sums {
                for (component, sum) in components {
                    result.add(sum.amount * Int64(sign), sum.entries * sign, currency, component)
                }
            }
        }
        return result
    }

    /// Currencies in which the other differs.
    func difference(to other: LedgerSums) -> [String] {
        Set(sums.keys).union(other.sums.keys).filter { currency in
            let (mine, theirs) = (sums[currency] ?? [:], other.sums[currency] ?? [:])
            return Set(mine.keys).union(theirs.keys).contains { mine[$0] ?? Sum() != theirs[$0] ?? Sum() }
        }.sorted()
    }

    static let fees = "fees"
    static let net = "net"
}

/// What is known of the month: sums up to the newest entry, and a reading of the whole month that is under way.
struct LedgerState: Sendable {
    /// A reading of the month from new to old, page by page, over several runs if need be.
    struct Scan: Sendable {
        var sums = LedgerSums()
        /// The first entry it met; `nil` before the first page.
        var newest: LedgerEntry?
        /// The last entry it met: where it goes on.
        var cursor: String?
        /// Sums up to the same entry as they were known before; `nil` for the first reading.
        var expected: LedgerSums?
    }
    let monthStart: Int64
    /// `nil` until the whole month has been read once.
    var sums: LedgerSums?
    var newest: LedgerEntry?
    var scan: Scan?
    /// On the timekeeper's clock.
    var scannedAt: Duration?

    init(monthStart: Int64) {
        self.monthStart = monthStart
        scan = Scan()
    }

    /// Begins to read the month again, up to the newest entry known.
    mutating func beginRescan(_ question: LedgerQuestion) {
        guard let sums, let newest else {
            scan = Scan()
            return
        }
        var fresh = Scan(newest: newest, cursor: newest.id, expected: sums)
        fresh.sums.add(newest, question)
        scan = fresh
    }

    /// Takes a page of the scan.
    mutating func takeScan(_ page: StripePage, _ question: LedgerQuestion, at now: Duration) -> LedgerDrift? {
        guard var current = scan else { return nil }
        for entry in page.entries { current.sums.add(entry, question) }
        if current.newest == nil { current.newest = page.entries.first }
        if let last = page.entries.last { current.cursor = last.id }
        // A page that says there is more and has nothing in it would go on for ever.
        guard !page.hasMore || page.entries.isEmpty else {
            scan = current
            return nil
        }
        scan = nil
        scannedAt = now
        guard let expected = current.expected, let known = sums else {
            sums = current.sums
            newest = current.newest
            return nil
        }
        sums = known.corrected(from: expected, to: current.sums)
        return LedgerDrift(currencies: expected.difference(to: current.sums))
    }

    /// Takes a page of entries that are newer than the newest known.
    mutating func takeNews(_ page: StripePage, _ question: LedgerQuestion) {
        for entry in page.entries { sums?.add(entry, question) }
        if let first = page.entries.first { newest = first }
    }
}

/// Currencies whose sums a reading of the whole month corrected.
struct LedgerDrift: Sendable {
    let currencies: [String]
}
