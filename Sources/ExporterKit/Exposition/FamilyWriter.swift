/// Writes families in one format, one after another.
protocol FamilyWriter: SeriesWriter {
    /// Number of bytes written so far.
    var count: Int { get }
    /// What the family begun last turned out to hold.
    var findings: FamilyFindings { get }

    /// Begins a family; its series follow.
    ///
    /// - Parameters:
    ///   - shape: names, kind and help.
    ///   - count: about how many series will follow.
    ///   - tellsCreated: whether a line tells when a series was created.
    mutating func begin(_ shape: FamilyShape, count: Int, tellsCreated: Bool)
    /// Ends the family.
    mutating func end()
    /// Forgets what was written after the first `count` bytes.
    mutating func rewind(to count: Int)
    /// Ends the body.
    mutating func finish()
}

/// What is known of a family only when its series have been read.
struct FamilyFindings {
    /// A label name that the escaping scheme of the format does not print as it is.
    var hasUnescapedLabel = false
    /// A series that tells when it was created.
    var hasCreated = false
    /// A series that does not.
    var lacksCreated = false

    /// Some do and some do not; Prometheus' parser wants all or none.
    var mixesCreated: Bool { hasCreated && lacksCreated }
}

extension FamilyWriter {
    /// Writes families and what ends them.
    ///
    /// Families are written as they are read. The few that turn out to need another treatment are written once more.
    ///
    /// - Returns: number of series left out because under this format's names another one was there before.
    mutating func write(_ families: [MetricFamily], as format: ExpositionFormat) -> Int {
        let exposed = ExposedFamilies(families, format: format)
        var collisions = exposed.collisions
        for member in exposed.members {
            let shape = exposed.shape(of: member)
            var family = member
            let start = count
            if format.escaping == .dots { collisions += family.escapeLabels(.dots) }
            write(family, shape)
            if findings.hasUnescapedLabel {
                rewind(to: start)
                collisions += family.escapeLabels(format.escaping)
                write(family, shape)
            }
            if findings.mixesCreated {
                rewind(to: start)
                write(family, shape, tellsCreated: false)
            }
        }
        finish()
        return collisions
    }

    private mutating func write(_ family: MetricFamily, _ shape: FamilyShape, tellsCreated: Bool = true) {
        guard family.count > 0 else { return }
        begin(shape, count: family.count, tellsCreated: tellsCreated)
        family.write(to: &self)
        end()
    }
}

extension MetricFamily {
    /// Escapes the names of labels in every series; of series that become equal the first is kept.
    ///
    /// - Returns: number of series removed.
    fileprivate mutating func escapeLabels(_ escaping: NameEscaping) -> Int {
        let before = samples
        var seen = Set<LabelSet>(minimumCapacity: before.count)
        samples = before.compactMap { sample in
            guard let labels = sample.labels.escaped(escaping), seen.insert(labels).inserted else { return nil }
            return Sample(sample.value, labels)
        }
        return before.count - samples.count
    }
}

extension LabelSet {
    /// Labels of an exemplar: only what could not be printed is escaped, as in Prometheus' Go library.
    func printable(_ escaping: NameEscaping) -> LabelSet? {
        hasQuotedName ? escaped(escaping) : self
    }

    /// The set with names escaped; `nil` when two become one or one becomes a name that belongs to Prometheus.
    func escaped(_ escaping: NameEscaping) -> LabelSet? {
        guard escaping != .allowUTF8, hasQuotedName || escaping == .dots else { return self }
        let pairs = pairs.map { (name: escaping.escaped(label: $0.name), value: $0.value) }
        guard !pairs.contains(where: { $0.name == "__name__" }) else { return nil }
        let sorted = pairs.sorted { $0.name < $1.name }
        guard zip(sorted, sorted.dropFirst()).allSatisfy({ $0.name != $1.name }) else { return nil }
        var bytes: [UInt8] = []
        // Not by the checking initialiser: `dots` turns `_a` into `__a`, which is how a scraper expects it.
        for pair in sorted { Self.append(name: Array(pair.name.utf8), value: pair.value.utf8, to: &bytes) }
        return LabelSet(bytes: bytes)
    }
}
