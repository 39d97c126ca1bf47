internal import ExporterKit

/// A metric's name in older releases of postgres_exporter, and where its values are found today.
struct LegacyName: Sendable {
    /// How today's families make the old one.
    enum Origin: Sendable {
        /// The first of these that the server has.
        case first([String])
        /// All of these added up, label set by label set.
        case sum([String])
    }

    let name: String
    let origin: Origin
    /// Releases that had it, by their second number: `14...17` is 0.14 to 0.17.
    let releases: ClosedRange<Int>
    /// Whether it had the label `server`.
    var hasServer = false

    /// The old family; `nil` when the server has nothing of it.
    ///
    /// - Parameters:
    ///   - today: finds a family by its name.
    ///   - server: value of the label `server`.
    func family(_ today: (String) -> MetricFamily?, server: String) -> MetricFamily? {
        switch origin {
        case .first(let names):
            guard let source = names.lazy.compactMap(today).first else { return nil }
            return renamed(source, source.samples, server)
        case .sum(let names):
            let sources = names.compactMap(today)
            guard sources.count == names.count, let first = sources.first else { return nil }
            return renamed(first, Self.sum(sources), server)
        }
    }

    private func renamed(_ source: MetricFamily, _ samples: [Sample], _ server: String) -> MetricFamily {
        let today = source.descriptor
        let old = MetricFamily(MetricDescriptor(name, today.help, kind: today.kind), samples)
        return hasServer ? old.labelled(server: server) : old
    }

    /// Only label sets that every family has.
    private static func sum(_ families: [MetricFamily]) -> [Sample] {
        var sums: [LabelSet: (value: Double, parts: Int)] = [:]
        for family in families {
            for sample in family.samples {
                guard case .number(let value) = sample.value else { continue }
                let before = sums[sample.labels] ?? (0, 0)
                sums[sample.labels] = (before.value + value, before.parts + 1)
            }
        }
        return families[0].samples.compactMap { sample in
            guard let sum = sums[sample.labels], sum.parts == families.count else { return nil }
            return Sample(sum.value, sample.labels)
        }
    }
}

extension MetricFamily {
    /// The same with the label `server` on every series that has none.
    func labelled(server: String) -> MetricFamily {
        MetricFamily(
            descriptor,
            samples.map { sample in
                sample.labels.adding("server", server).map { Sample(sample.value, $0) } ?? sample
            })
    }
}
