internal import ExporterKit
internal import PostgresClient

/// A query whose columns become values and labels.
struct SQLAsker: GroupAsker {
    let sql: String
    let metrics: [SQLMetric]
    let labels: [(name: String, value: String)]
    let limit: Int
    let source: PostgresSource

    func ask(until deadline: ContinuousClock.Instant) async -> Findings {
        do throws(CollectorError) {
            let table = try await source.run(Statement(sql), until: deadline)
            return Self.read(table, metrics, labels: labels, limit: limit)
        } catch {
            return .failed(error)
        }
    }

    /// Makes samples of a result. A metric that names a column which is not there costs only itself.
    static func read(
        _ table: ResultTable, _ metrics: [SQLMetric], labels: [(name: String, value: String)], limit: Int
    ) -> Findings {
        var findings = Findings()
        for (place, metric) in metrics.enumerated() {
            do throws(CollectorError) {
                let value = try column(metric.value, of: table, for: metric)
                var columns: [Int] = []
                for label in metric.labels { columns.append(try column(label.column, of: table, for: metric)) }
                let set = GroupLabels(metric.labels.map(\.name), fixed: labels)
                var assembly = SampleAssembly(metric.rule, limit: limit)
                for row in 0..<table.rowCount {
                    assembly.add(raw(table, row, value), set(columns.map { table.text(row, $0) ?? "" }))
                }
                assembly.finish(into: &findings, at: place)
            } catch {
                findings.note(error)
            }
        }
        return findings
    }

    private static func raw(_ table: ResultTable, _ row: Int, _ column: Int) -> RawValue {
        guard table.text(row, column) != nil else { return .null }
        return table.number(row, column, booleans: true).map { .number($0) } ?? .other
    }

    private static func column(
        _ name: String, of table: ResultTable, for metric: SQLMetric
    ) throws(CollectorError) -> Int {
        if let column = table.column(name) { return column }
        throw CollectorError(
            .decode,
            "\(metric.rule.descriptor.name): the query gives no column \(name); it gives \(table.columns.joined(separator: ", "))"
        )
    }
}
