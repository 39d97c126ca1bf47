internal import ExporterKit
internal import PostgresClient

/// The version of a PgBouncer, which its greeting tells.
struct ConsoleVersion: QueryCollector {
    typealias Session = ConsoleSession

    let descriptor = CollectorDescriptor("pgbouncer_version", "PgBouncer: its version.")
    let metrics = [MetricDescriptor("pgbouncer_version_info", "Version of PgBouncer, as a label.", kind: .gauge)]

    func questions(for server: ConsoleSession.ConsoleServer) -> [Statement] { [] }

    func decode(
        _ replies: [Reply<ResultTable>], from server: ConsoleSession.ConsoleServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        guard !server.version.isEmpty else { throw CollectorError(.noData, "it does not tell its version") }
        sink.add(metrics[0], 1, LabelSet(["version": "PgBouncer \(server.version)"]))
    }
}
