internal import ExporterKit
internal import PostgresClient
internal import Synchronization

/// Every numeric and boolean setting as `pg_settings_<name>[_seconds|_bytes]`.
///
/// Listing the settings is the dearest question of a small server's scrape, and they change with a reload only: the
/// question says which state is known here, and a server that is still in it answers with no row.
/// Source: https://www.postgresql.org/docs/current/view-pg-settings.html
final class SettingsCollector: QueryCollector {
    typealias Session = PostgresSession

    let descriptor = CollectorDescriptor("settings", "Settings of the server that are a number or on/off.")
    let metrics: [MetricDescriptor] = [
        MetricDescriptor("pg_settings_<name>", "Setting without a unit; 1 and 0 for on and off.", kind: .gauge),
        MetricDescriptor("pg_settings_<name>_seconds", "Setting that is a time.", kind: .gauge, unit: "seconds"),
        MetricDescriptor("pg_settings_<name>_bytes", "Setting that is a size.", kind: .gauge, unit: "bytes"),
        pendingCount, pending,
    ]
    private static let pendingCount = MetricDescriptor(
        "pg_settings_pending_restarts", "Settings that were changed and wait for a restart.", kind: .gauge)
    private static let pending = MetricDescriptor(
        "pg_settings_pending_restart", "1 for a setting that was changed and waits for a restart.", kind: .gauge)
    private let known = Mutex<Known?>(nil)

    /// The settings as of one state of one connection.
    private struct Known {
        let connection: Int32
        let state: String
        let families: [MetricFamily]
    }

    /// A session has its own values of what this program sets on it (timeouts, read-only): of those the server's are
    /// shown. On a standby every transaction is read-only.
    private static let sql = """
        SELECT name, CASE WHEN name = 'transaction_read_only' AND pg_is_in_recovery() THEN 'on' \
        WHEN source = 'session' OR name = 'transaction_read_only' THEN reset_val ELSE setting END, \
        unit, vartype, short_desc, \(state), pending_restart FROM pg_settings \
        WHERE (pending_restart OR vartype IN ('bool', 'integer', 'real')) AND \(state) IS DISTINCT FROM $1
        """
    /// As a subquery it is worked out before anything else, so that the settings need not even be listed to see that
    /// they are unchanged. A promotion changes `in_hot_standby` without a reload.
    private static let state = "(SELECT pg_conf_load_time()::text || pg_is_in_recovery())"

    /// No numbers of an operator's interest, and wrong in themselves on the servers that have them.
    private static let skipped: Set<String> = ["sync_commit_cancel_wait", "google_dataplex.max_messages"]

    func questions(for server: PostgresFacts) -> [Question] {
        let state = known.withLock { $0?.connection == server.server.backendPID ? $0?.state : nil }
        return [Question(Statement(Self.sql, [state]))]
    }

    func decode(
        _ replies: [Reply<Answer>], from server: PostgresFacts, into sink: inout MetricSink
    ) throws(CollectorError) {
        guard let reply = replies.first else { throw CollectorError(.decode, "collector settings: no answer") }
        let answer: ResultTable
        do throws(CollectorError) { answer = try reply.result.get().single() } catch {
            throw CollectorError(error.reason, "collector settings: \(error.message)")
        }
        let families: [MetricFamily]
        if answer.rowCount == 0 {
            families = known.withLock { $0?.families } ?? []
        } else {
            families = (0..<answer.rowCount).compactMap { Self.family(answer, $0) } + Self.pending(answer)
            let state = answer.text(0, 5) ?? ""
            known.withLock { $0 = Known(connection: server.server.backendPID, state: state, families: families) }
        }
        for family in families { sink.add(family) }
    }

    private static func pending(_ answer: ResultTable) -> [MetricFamily] {
        let names = (0..<answer.rowCount).filter { answer.boolean($0, 6) == true }.compactMap { answer.text($0, 0) }
        return [
            MetricFamily(pendingCount, [Sample(Double(names.count))]),
            MetricFamily(pending, names.map { Sample(1, ["name": $0]) }),
        ]
    }

    private static func family(_ answer: ResultTable, _ row: Int) -> MetricFamily? {
        guard let name = answer.text(row, 0), let text = answer.text(row, 1), !skipped.contains(name),
            let type = answer.text(row, 3), ["bool", "integer", "real"].contains(type)
        else { return nil }
        let metric = "pg_settings_" + String(name.map { $0 == "." || $0 == "-" ? "_" : $0 })
        let description = answer.text(row, 4) ?? ""
        let help = "\(description.hasSuffix(".") ? String(description.dropLast()) : description) (setting \(name))."
        guard type != "bool" else {
            return MetricFamily(MetricDescriptor(metric, help, kind: .gauge), [Sample(text == "on" ? 1 : 0)])
        }
        guard let number = SettingUnit.convert(text, unit: answer.text(row, 2) ?? "") else { return nil }
        return MetricFamily(
            MetricDescriptor(metric + number.suffix, help, kind: .gauge), [Sample(number.value)])
    }
}
