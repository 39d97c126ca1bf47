import ExporterCommand
import ExporterKit
import Foundation
import Testing

@testable import app_exporter

/// A reload changes what has changed and nothing else.
struct ReloadTests {
    private struct Site {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("reload-\(UUID().uuidString)")
        var file: String { folder.appendingPathComponent("app.yaml").path }

        init(_ text: String) throws {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try write(text)
        }

        func write(_ text: String) throws { try text.write(toFile: file, atomically: true, encoding: .utf8) }
        func remove() { try? FileManager.default.removeItem(at: folder) }
    }

    /// Nobody listens on these ports: every run fails at once, and is counted.
    private static func text(_ probes: [String: Int], more: String = "") -> String {
        let lines = probes.sorted { $0.key < $1.key }.map {
            "  \($0.key): { http: \"http://127.0.0.1:\($0.value)/\", interval: 1s, timeout: 1s }"
        }
        return "defaults: { jitter: 0% }\nprobes:\n\(lines.joined(separator: "\n"))\n\(more)\n"
    }

    private func series(_ live: LiveApp, _ registry: Registry) async -> [String: Double] {
        var values: [String: Double] = [:]
        let request = ScrapeRequest(deadline: .after(.seconds(5)))
        for family in await live.store.families(for: request) + registry.families(for: request) {
            for sample in family.samples {
                let labels = sample.labels.pairs.filter { $0.name != "kind" && $0.name != "target" }
                    .map { "\($0.name)=\($0.value)" }.joined(separator: ",")
                let value: Double =
                    switch sample.value {
                    case .number(let number): number
                    case .histogram(let histogram): Double(histogram.upperBounds.count)
                    default: -1
                    }
                values["\(family.descriptor.name){\(labels)}"] = value
            }
        }
        return values
    }

    /// What a probe's counters say that it asks.
    private func targets(of probe: String, _ registry: Registry) async -> Set<String> {
        let families = await registry.families(for: ScrapeRequest(deadline: .after(.seconds(5))))
        let labels = families.flatMap { $0.samples.map(\.labels.pairs) }
        return Set(
            labels.filter { $0.contains { $0.name == "probe" && $0.value == probe } }
                .compactMap { $0.first { $0.name == "target" }?.value })
    }

    private func run(_ site: Site, _ body: (LiveApp, Registry) async throws -> Void) async throws {
        defer { site.remove() }
        let registry = Registry()
        let live = try LiveApp(file: site.file, registry: registry, logger: LogBook().logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await live.schedule.run() }
            try await body(live, registry)
            group.cancelAll()
        }
        await live.close()
    }

    private func wait(_ live: LiveApp, _ registry: Registry, until series: String) async throws -> [String: Double] {
        for _ in 0..<500 {
            let values = await self.series(live, registry)
            if let value = values[series], value >= 1 { return values }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("\(series) does not come")
        return [:]
    }

    @Test func whatIsUnchangedGoesOnAndWhatIsGoneTakesItsSeries() async throws {
        let site = try Site(Self.text(["kept": 1, "moved": 1, "gone": 1]))
        try await run(site) { live, registry in
            let connect = "probe_runs_total{probe=kept,result=connect}"
            for name in ["kept", "moved", "gone"] {
                _ = try await wait(live, registry, until: "probe_runs_total{probe=\(name),result=connect}")
            }
            let before = await series(live, registry)
            try site.write(Self.text(["kept": 1, "moved": 2, "new": 1]))
            try live.reload()
            let after = await series(live, registry)
            #expect((after[connect] ?? 0) >= before[connect] ?? .infinity)
            #expect(after["probe_success{probe=kept}"] == 0)
            #expect(await targets(of: "moved", registry) == ["http://127.0.0.1:2/"])
            #expect(after["probe_runs_total{probe=new,result=ok}"] == 0)
            #expect(!after.keys.contains { $0.contains("gone") })
            _ = try await wait(live, registry, until: "probe_runs_total{probe=moved,result=connect}")
            _ = try await wait(live, registry, until: "probe_runs_total{probe=new,result=connect}")
            #expect(await !series(live, registry).keys.contains { $0.contains("gone") })
        }
    }

    @Test func aBadFileChangesNothing() async throws {
        let site = try Site(Self.text(["kept": 1]))
        try await run(site) { live, registry in
            _ = try await wait(live, registry, until: "probe_runs_total{probe=kept,result=connect}")
            try site.write(
                Self.text(["kept": 1, "other": 1], more: "slos: { kept: { probe: kep, availability: 9% } }"))
            #expect { try live.reload() } throws: { "\($0)".contains("app.yaml:5:24") && "\($0)".contains("kept?") }
            let values = await series(live, registry)
            #expect(values["probe_success{probe=kept}"] == 0)
            #expect(!values.keys.contains { $0.contains("other") })
            #expect(live.plan.works.count == 1)
        }
    }

    @Test func bucketsMayChangeAndConnectionsStay() async throws {
        func text(_ buckets: String, _ sql: String) -> String {
            """
            sources:
              db: { postgres: { dsn: host=127.0.0.1 port=1 dbname=x } }
              vectors: { postgres: { dsn: host=127.0.0.1 port=1 dbname=y } }
            groups:
              a: { source: db, sql: SELECT 1 AS n, metrics: [{ gauge: n, value: n, help: N. }] }
              b: { source: db, sql: \(sql), metrics: [{ gauge: m, value: n, help: M. }] }
            vector: { source: vectors, probe: { interval: 15s, buckets: \(buckets) } }
            """
        }
        let site = try Site(text("[10ms, 50ms]", "SELECT 1 AS n"))
        try await run(site) { live, registry in
            let old = live.plan
            try site.write(text("[10ms, 50ms, 100ms]", "SELECT 2 AS n"))
            try live.reload()
            let new = live.plan
            func works(_ plan: WorkPlan) -> [String: Int] {
                Dictionary(uniqueKeysWithValues: plan.works.map { ($0.name, plan.configuration.parts.work($0.name)) })
            }
            #expect(works(old)["a"] == works(new)["a"])
            #expect(works(old)["b"] != works(new)["b"])
            #expect(works(old)["vector_probe"] != works(new)["vector_probe"])
            let shape = registry.histogram(
                ProbeMetrics.duration.name, "", labels: ["database", "schema", "table", "index"],
                buckets: .explicit([0.01, 0.05, 0.1]))
            shape("d", "s", "t", "i").observe(0.02)
            #expect(
                await series(live, registry)["\(ProbeMetrics.duration.name){database=d,index=i,schema=s,table=t}"] == 3)
        }
    }

    @Test func aRenamedSourceIsAnother() async throws {
        func text(_ source: String) -> String {
            """
            defaults: { jitter: 0% }
            sources: { \(source): { redis: { url: redis://127.0.0.1:1 } } }
            groups: { a: { source: \(source), interval: 1s, timeout: 1s, commands: [{ run: [GET, x], gauge: n, help: N. }] } }
            """
        }
        let site = try Site(text("one"))
        try await run(site) { live, registry in
            _ = try await wait(
                live, registry, until: "app_exporter_client_requests_total{result=refused,source=one}")
            #expect(live.plan.health.map(\.name) == ["source.one"])
            #expect(live.plan.health.first?.last?.reason == "refused")
            try site.write(text("two"))
            try live.reload()
            #expect(live.plan.health.map(\.name) == ["source.two"])
            _ = try await wait(
                live, registry, until: "app_exporter_client_requests_total{result=refused,source=two}")
            #expect(await !series(live, registry).keys.contains { $0.contains("one") })
        }
    }
}
