import ExporterKit
import Logging
import Synchronization

@testable import ExporterCommand

/// What one scrape gave.
struct Scrape {
    let families: [MetricFamily]
    let duration: Duration

    /// Asks all sources of an exporter, as its server does.
    init(of exporter: Exporter, within time: Duration, only names: Set<String>? = nil) async {
        let request = ScrapeRequest(filter: names.map(CollectorFilter.only) ?? .all, deadline: .after(time))
        let began = ContinuousClock.now
        var families: [MetricFamily] = []
        for source in exporter.sources { families += await source.families(for: request) }
        self.families = families
        self.duration = began.duration(to: .now)
    }

    func family(_ name: String) -> MetricFamily? {
        families.first { $0.descriptor.name == name && !$0.samples.isEmpty }
    }

    /// Value of the one series that has these labels, among others.
    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        let samples = families.filter { $0.descriptor.name == name }.flatMap(\.samples)
        let found = samples.first { sample in
            labels.allSatisfy { label in
                sample.labels.pairs.contains { $0.name == label.key && $0.value == label.value }
            }
        }
        guard case .number(let value)? = found?.value else { return nil }
        return value
    }

    /// Collectors that did not give all, by name.
    var failed: [String] {
        let samples = families.first { $0.descriptor.name.hasSuffix("_scrape_collector_success") }?.samples ?? []
        return samples.compactMap { sample in
            if case .number(0) = sample.value { sample.labels.pairs.first?.value } else { nil }
        }
    }
}

/// Lines that a program logged.
final class RecordedLog: Sendable {
    private let kept = Mutex<[String]>([])
    var lines: [String] { kept.withLock { $0 } }
    var handler: any LogHandler { Handler(log: self) }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            log.kept.withLock { $0.append("\(event.level): \(event.message) \(event.metadata ?? [:])") }
        }
    }
}
