import Foundation
import Testing

/// docs/metrics/ is what the programs themselves list.
struct MetricPagesTests {
    @Test(arguments: ["pg-exporter", "redis-exporter", "app-exporter"])
    func pageIsWhatTheProgramLists(program: String) async throws {
        let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = repository.appendingPathComponent("docs/metrics/\(program).md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let listed = try await FleetProcess.output(program, ["--list-metrics"])
        #expect(
            text.trimmingCharacters(in: .whitespacesAndNewlines) == listed,
            "docs/metrics/\(program).md is stale; run scripts/metrics and commit what it writes")
    }
}
