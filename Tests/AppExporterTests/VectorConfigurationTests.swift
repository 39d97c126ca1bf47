import ExporterCommand
import ExporterKit
import Testing

@testable import app_exporter

struct VectorConfigurationTests {
    private func vector(_ text: String, connections: Int = 2) throws -> VectorConfiguration {
        let document = """
            sources: { db: { postgres: { dsn: "dbname=x", max_connections: \(connections) } } }
            vector:
              source: db
            \(text.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n"))
            """
        let configuration = try ConfigurationReader.read(YAMLDocument(text: document, name: "app.yaml"))
        return try #require(configuration.vector)
    }

    @Test func theExampleIsAcceptedAndSaysWhatTheDefaultsAre() throws {
        let path = #filePath.replacing(
            "Tests/AppExporterTests/VectorConfigurationTests.swift", with: "docs/examples/vector.yaml")
        let example = try #require(try ConfigurationReader.read(YAMLDocument(file: path)).vector)
        let usual = try vector("probe: {}\nrecall: {}")
        for vector in [example, usual] {
            #expect(vector.extensions == ["vector", "ruvector"])
            #expect(vector.partitions == .sum)
            #expect(vector.catalog.interval == .seconds(30))
            let probe = try #require(vector.probe)
            #expect(probe.timing.interval == .seconds(15) && probe.timeout == .milliseconds(500))
            #expect(probe.queries == 4 && probe.k == 10 && probe.budget == 0.02 && probe.sample == 32)
            #expect(probe.refresh == .seconds(600) && probe.buckets == VectorMetrics.usualBuckets)
            let recall = try #require(vector.recall)
            #expect(recall.timing.interval == .seconds(21_600) && recall.timeout == .seconds(30))
            #expect(recall.queries == 5 && recall.k == 10 && recall.maximumRows == 200_000)
            #expect(vector.cachedBytes == nil && !vector.statements && !vector.isDpgCompatible)
            #expect(!vector.ruvector.probe && !vector.ruvector.force && vector.ruvector.types == ["ruvector"])
            #expect(vector.ruvector.minimum.description == "2.0.3")
        }
        #expect(example.overrides.map(\.index) == ["public.docs_embedding_hnsw"])
        #expect(example.overrides.first?.settings == ["hnsw.ef_search": "100"])
        #expect(example.overrides.first?.condition == "tenant = 1")
    }

    @Test func cachedBytesIsARareMatterUnlessToldOtherwise() throws {
        #expect(try vector("cached_bytes: true").cachedBytes?.interval == .seconds(300))
        #expect(try vector("cached_bytes: { interval: 1m }").cachedBytes?.interval == .seconds(60))
        #expect(try vector("cached_bytes: false").cachedBytes == nil)
    }

    @Test func recallNeedsAConnectionOfItsOwn() throws {
        #expect(try vector("recall: {}").connections == 2)
        #expect(try vector("probe: {}", connections: 1).connections == 1)
        #expect { _ = try vector("recall: {}", connections: 1) } throws: { error in
            "\(error)".contains("serves searches and recall; raise its max_connections to 2 or more")
        }
    }

    /// What it plans depends on what is asked for; every label is one that the metric has.
    @Test func planFollowsTheConfiguration() throws {
        let small = VectorPlan.catalog(try vector("probe: {}")).map(\.descriptor.name)
        #expect(!small.contains("vector_statement_calls_total") && !small.contains("vector_index_cached_bytes"))
        #expect(!small.contains { $0.hasPrefix("ruvector_") })
        let full = try vector("statements: true\ncompat: [dpg]")
        let catalog = VectorPlan.catalog(full)
        #expect(catalog.map(\.descriptor.name).contains("vector_statement_calls_total"))
        #expect(
            catalog.first { $0.descriptor.name == "ruvector_index_size_bytes" }?.labels == [
                "schema", "table", "index_name",
            ])
        #expect(VectorPlan.probe(full).map(\.descriptor.name).contains("ruvector_search_latency_seconds"))
    }
}
