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
                let read = try reader(of: metric, table)
                var columns: [SQLValue] = []
                for label in metric.labels {
                    columns.append(SQLValue(table, try column(label.column, of: table, for: metric)))
                }
                let set = GroupLabels(metric.labels.map(\.name), fixed: labels)
                var assembly = SampleAssembly(metric.rule, limit: limit)
                for row in 0..<table.rowCount {
                    assembly.add(try read(row), set(columns.map { $0.label(table, row) }))
                }
                assembly.finish(into: &findings, at: place)
            } catch {
                findings.note(error)
            }
        }
        return findings
    }

    /// What gives the value of a row.
    private static func reader(
        of metric: SQLMetric, _ table: ResultTable
    ) throws(CollectorError) -> (Int) throws(CollectorError) -> RawValue {
        switch metric.value {
        case .column(let name):
            let value = SQLValue(table, try column(name, of: table, for: metric))
            return { value.raw(table, $0) }
        case .histogram(let histogram):
            let columns = try HistogramColumns(histogram, of: metric.rule.descriptor.name) {
                name throws(CollectorError) in try column(name, of: table, for: metric)
            }
            return { row throws(CollectorError) in try columns.raw(table, row) }
        }
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
