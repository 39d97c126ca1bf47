import ExporterKit
import Foundation
import PostgresClient
import Testing

@testable import ExporterCommand
@testable import pg_exporter

/// The queries of a text, as if it were the file `q.yaml`.
func queries(_ text: String) throws(ConfigurationError) -> [CustomQuery] {
    try CustomQueries([QueryFiles.Content(path: "q.yaml", bytes: Array(text.utf8))]).queries
}

/// The one query of a text.
func query(_ text: String) throws -> CustomQuery {
    let all = try queries(text)
    try #require(all.count == 1)
    return all[0]
}

/// An entry with the given lines behind `query`, and one column.
func entry(_ lines: String..., sql: String = "SELECT 1 AS v") throws -> CustomQuery {
    try query(
        """
        q:
          query: "\(sql)"
        \(lines.map { "  \($0)\n" }.joined())
          metrics:
            - v: {usage: GAUGE, description: V.}
        """)
}

/// A query of one column with the given properties.
func column(_ properties: String, name: String = "v") throws -> CustomColumn {
    try #require(try query("q: {query: SELECT 1, metrics: [{\(name): {\(properties)}}]}").columns.first)
}

/// What the first thing that is wrong in a text is.
func flaw(_ text: String) -> String {
    do throws(ConfigurationError) {
        _ = try queries(text)
        return "nothing"
    } catch {
        return error.description
    }
}

/// Series as text: `name{a="b"} 1`, in the order of the sink.
func series(_ sink: MetricSink) -> [String] {
    sink.families.flatMap { family in
        family.samples.map { sample in
            let labels = sample.labels.pairs.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
            let value: String
            switch sample.value {
            case .number(let number): value = NumberText.text(number)
            case .histogram(let histogram):
                value = "\(histogram.upperBounds) \(histogram.counts) \(histogram.sum) \(histogram.count)"
            default: value = "?"
            }
            return "\(family.descriptor.name){\(labels)} \(value)"
        }
    }
}

/// A server as queries see it.
func facts(
    _ number: Int = 150_004, standby: Bool = false, extensions: [String] = [], user: String = "u"
) -> PostgresFacts {
    var facts = PostgresFacts(
        server: PostgresServer(versionNumber: number, versionText: "\(number)", database: "d", user: user, host: "h"))
    facts.isStandby = standby
    for name in extensions {
        facts.extensions[name] = PostgresFacts.Extension(schema: "public", version: ServerVersion(1))
    }
    return facts
}

/// The series of one table, without the label `server`.
func decoded(
    _ query: CustomQuery, _ table: ResultTable, on server: PostgresFacts = facts(),
    discovering: Bool = false
) throws -> [String] {
    var sink = MetricSink()
    try QueryDecoder(query, on: server, discovering: discovering).decode(Answer(table), into: &sink)
    return series(sink).map { $0.replacing(",server=h:5432", with: "").replacing("server=h:5432", with: "") }
}
