internal import ExporterCommand
internal import ExporterKit

/// The names of older releases of postgres_exporter, added to today's: dashboards and alerts written for them stay whole.
///
/// A metric that was renamed is there under both names. One that only lost the label `server` gets it back in place: twice
/// the series would be twice the sum.
struct NameEditions: Sendable {
    private let names: [LegacyName]
    private let labels: [LegacyServerLabel]

    /// Releases whose names are known, by their second number. 0.20 has today's.
    private static let known = 10...20

    /// - Parameter releases: `0.19`, `0.17.1`, …
    /// - Throws: for what is no such release.
    init(_ releases: [String]) throws(UsageError) {
        var numbers: Set<Int> = []
        for release in releases { numbers.insert(try Self.number(of: release)) }
        names = LegacyNames.all.filter { name in numbers.contains { name.releases.contains($0) } }
        labels = LegacyServerLabel.all.filter { label in numbers.contains { label.releases.contains($0) } }
    }

    /// True when nothing is added.
    var isEmpty: Bool { names.isEmpty && labels.isEmpty }

    private static func number(of release: String) throws(UsageError) -> Int {
        let parts = release.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        guard (2...3).contains(parts.count), !parts.contains(nil), parts[0] == 0, let number = parts[1],
            known.contains(number)
        else {
            let list = known.map { "0.\($0)" }.joined(separator: ", ")
            throw UsageError(
                "--compat-names: `\(release)` is no release whose names are known; give one or more of \(list), separated by commas"
            )
        }
        return number
    }

    /// The families with what is added.
    ///
    /// - Parameter server: value of the label `server`: `host:port`.
    func families(_ families: [MetricFamily], server: String) -> [MetricFamily] {
        guard !isEmpty else { return families }
        var positions: [String: Int] = [:]
        for (position, family) in families.enumerated() where family.count > 0 {
            positions[family.descriptor.name] = position
        }
        let old = names.compactMap { name in
            positions[name.name] == nil ? name.family({ positions[$0].map { families[$0] } }, server: server) : nil
        }
        let today = families.map { family in
            labels.contains { $0.matches(family.descriptor.name) } ? family.labelled(server: server) : family
        }
        return today + old
    }
}

/// A source whose metrics have the names of older releases too.
struct CompatSource: MetricSource {
    private let source: any MetricSource
    private let editions: NameEditions
    private let server: @Sendable () -> String

    /// - Parameter server: value of the label `server`, asked after each scrape.
    init(_ source: any MetricSource, _ editions: NameEditions, server: @escaping @Sendable () -> String) {
        self.source = source
        self.editions = editions
        self.server = server
    }

    var collectors: [CollectorStatus] { source.collectors }

    func families(for request: ScrapeRequest) async -> [MetricFamily] {
        editions.families(await source.families(for: request), server: server())
    }
}
