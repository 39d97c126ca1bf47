internal import ExporterKit
internal import PostgresClient

/// How much of each index is in the server's shared buffers. It looks at every buffer, so it is asked for and rare.
struct CachedIndexes: ScheduledWork {
    let timing: Timing
    let source: PostgresSource
    let catalog: VectorCatalog

    var name: String { "vector_cached" }
    var kind: WorkKind { .group }
    var planned: [PlannedFamily] { [VectorMetrics.cachedBytes].planned(VectorIndex.labelNames) }

    func run(until deadline: ContinuousClock.Instant) async -> Findings {
        var findings = Findings()
        do throws(CollectorError) {
            findings.families[0] = try await families(until: deadline)
        } catch {
            findings.note(error)
        }
        return findings
    }

    private func families(until deadline: ContinuousClock.Instant) async throws(CollectorError) -> [MetricFamily] {
        let indexes = try await catalog.indexes(until: deadline)
        let helpers = NamedRows(try await source.run(VectorQueries.helpers, until: deadline))
        guard let row = helpers.indices.first(where: { helpers.text($0, "extname") == "pg_buffercache" }),
            let home = helpers.text(row, "home")
        else {
            throw CollectorError(
                .unsupported,
                "\(source.target): vector.cached_bytes needs CREATE EXTENSION pg_buffercache in this database")
        }
        let table = try await source.run(
            VectorQueries.cached(indexes.flatMap(\.leaves), home: home), until: deadline)
        var bytes: [UInt32: Double] = [:]
        for row in 0..<table.rowCount {
            guard let leaf = table.text(row, 0).flatMap({ UInt32($0) }) else { continue }
            bytes[leaf] = table.number(row, 1)
        }
        var sink = MetricSink()
        for index in indexes {
            sink.add(
                VectorMetrics.cachedBytes, index.leaves.reduce(0) { $0 + (bytes[$1] ?? 0) }, index.labels)
        }
        return sink.families
    }
}
