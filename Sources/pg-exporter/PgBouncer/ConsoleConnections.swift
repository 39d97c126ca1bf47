internal import ExporterKit
internal import PostgresClient

/// A command that lists connections one by one: counted by some of its columns.
///
/// Clients choose their own names, so the number of series has a bound: beyond it the smallest groups are counted
/// together, by state, under `other`.
struct ConsoleConnections: QueryCollector {
    typealias Session = ConsoleSession

    let descriptor: CollectorDescriptor
    let command: String
    let metric: MetricDescriptor
    private let columns: [String]
    private let mostSeries: Int

    /// - Parameter columns: become labels; the last one is the state.
    init(
        _ name: String, _ summary: String, asking command: String, metric: MetricDescriptor, by columns: [String],
        mostSeries: Int = 500
    ) {
        self.descriptor = CollectorDescriptor(name, summary)
        self.command = command
        self.metric = metric
        self.columns = columns
        self.mostSeries = mostSeries
    }

    var metrics: [MetricDescriptor] { [metric] }

    func questions(for server: ConsoleSession.ConsoleServer) -> [Statement] {
        [Statement(command, prepared: false)]
    }

    func decode(
        _ replies: [Reply<ResultTable>], from server: ConsoleSession.ConsoleServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        let answer = try replies.answer(to: command)
        let places = columns.map(answer.column)
        var counts: [[String]: Int] = [:]
        for row in 0..<answer.rowCount {
            counts[places.map { $0.flatMap { answer.text(row, $0) } ?? "" }, default: 0] += 1
        }
        guard let template = LabelTemplate(columns) else { return }
        let slot = sink.open(metric)
        for (values, count) in bounded(counts) { sink.append(Double(count), template.labels(values), to: slot) }
    }

    private func bounded(_ counts: [[String]: Int]) -> [[String]: Int] {
        guard counts.count > mostSeries else { return counts }
        let order = counts.sorted { left, right in
            left.value != right.value ? left.value > right.value : left.key.lexicographicallyPrecedes(right.key)
        }
        var kept = Dictionary(uniqueKeysWithValues: order.prefix(mostSeries).map { ($0.key, $0.value) })
        for (key, count) in order.dropFirst(mostSeries) {
            let others = Array(repeating: "other", count: key.count - 1) + key.suffix(1)
            kept[others, default: 0] += count
        }
        return kept
    }
}
