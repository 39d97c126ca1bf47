import ExporterCommand
import ExporterKit
import Foundation
import Testing

@testable import app_exporter

/// The groups of a configuration, run by the test and not by a schedule.
final class GroupsUnderTest: Sendable {
    let plan: WorkPlan
    let registry = Registry()

    /// - Parameter time: what the groups take for the clock.
    init(_ configuration: String, time: Timekeeper = .system()) throws {
        let document = try YAMLDocument(text: configuration, name: "app.yaml")
        plan = WorkPlan(try ConfigurationReader.read(document), registry, time: time)
    }

    /// Runs a group once, the first by default.
    func run(_ name: String? = nil, within time: Duration = .seconds(10)) async throws -> Findings {
        let work = try #require(name == nil ? plan.works.first : plan.works.first { $0.name == name })
        return await work.run(until: .now.advanced(by: time))
    }

    /// What the exporter tells about groups and sources.
    func metrics() async -> [String: Double] {
        await Findings.values(of: registry.families(for: ScrapeRequest(deadline: .after(.seconds(5)))))
    }
}

extension Findings {
    /// Samples by name and labels.
    var values: [String: Double] { Self.values(of: families.sorted { $0.key < $1.key }.flatMap(\.value)) }

    static func values(of families: [MetricFamily]) -> [String: Double] {
        var values: [String: Double] = [:]
        for family in families {
            for sample in family.samples {
                let labels = sample.labels.pairs.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
                let name = labels.isEmpty ? family.descriptor.name : "\(family.descriptor.name){\(labels)}"
                if case .number(let number) = sample.value { values[name] = number }
            }
        }
        return values
    }
}

/// A file of a test that holds a secret and goes with the object.
final class SecretFile: Sendable {
    let path: String

    init(_ text: String) throws {
        path = NSTemporaryDirectory() + "secret-\(UUID().uuidString)"
        try write(text)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String) throws {
        try Data("\(text)\n".utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
