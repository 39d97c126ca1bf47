/// The collectors as the page's script reads them again after each scrape, in the order of the table in the page.
struct PageState {
    let collectors: [CollectorStatus]

    init(_ collectors: [CollectorStatus]) { self.collectors = collectors }

    /// `[["ok", "1.23 ms", "34"], ...]`: result, last duration, series; as the table's cells show them.
    var json: [UInt8] {
        JSONValue.array(collectors.map { .array(Self.cells($0).map { .string($0) }) }).bytes
    }

    /// Text of the cells that change: result (`ok`, `not yet run` or what went wrong), last duration, series.
    static func cells(_ status: CollectorStatus) -> [String] {
        guard let last = status.last else { return ["not yet run", "", ""] }
        let hundredths = Int(min(last.duration.seconds, 86_400) * 100_000)
        let fraction = hundredths % 100
        let took = "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) ms"
        return [last.error?.message ?? "ok", took, "\(last.series)"]
    }
}
