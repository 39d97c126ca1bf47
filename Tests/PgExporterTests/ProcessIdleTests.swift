import ExporterKit
import PostgresClient
import Testing

@testable import pg_exporter

struct ProcessIdleTests {
    private let columns = ["state", "application_name", "sum"] + (0...9).map { "c\($0)" }

    private func decode(_ rows: [[String?]]) throws -> [MetricFamily] {
        var sink = MetricSink()
        let reply = Reply(.success(Answer(ResultTable(columns: columns, rows: rows))), took: .zero)
        try ProcessIdleCollector().decode([reply], from: .version(17), into: &sink)
        return sink.families
    }

    @Test func everyStateAndApplicationHasItsHistogram() throws {
        let families = try decode([
            ["idle", "a", "71.5", "1", "1", "1", "2", "2", "2", "3", "3", "3", "4"],
            ["idle in transaction", nil, "0.5", "1", "1", "1", "1", "1", "1", "1", "1", "1", "1"],
        ])
        #expect(families.count == 1)
        let samples = try #require(families.first?.samples)
        #expect(
            samples.map(\.labels) == [
                LabelSet(["state": "idle", "application_name": "a"]),
                LabelSet(["state": "idle in transaction", "application_name": ""]),
            ])
        guard case .histogram(let histogram) = samples[0].value else { return #expect(Bool(false), "no histogram") }
        #expect(histogram.upperBounds == [1, 2, 5, 15, 30, 60, 90, 120, 300])
        #expect(histogram.counts == [1, 0, 0, 1, 0, 0, 1, 0, 0, 1])
        #expect(histogram.count == 4)
        #expect(histogram.sum == 71.5)
    }

    @Test func nobodyIdleIsNoFailure() throws {
        #expect(try decode([]).isEmpty)
    }

    @Test func countsThatCannotBeAreNoSample() throws {
        #expect(try decode([["idle", "a", "1", "5", "4", "4", "4", "4", "4", "4", "4", "4", "4"]]).isEmpty)
    }
}
