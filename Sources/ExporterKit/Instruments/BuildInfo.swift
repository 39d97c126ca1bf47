/// `<program>_build_info`: which build this is, as labels.
public struct BuildInfo: MetricSource {
    private let family: MetricFamily

    /// - Parameters:
    ///   - program: first part of the metric's name, for example `postgres_exporter`.
    ///   - labels: version, revision, branch and the like.
    public init(program: String, labels: LabelSet) {
        let help = "Version, revision, branch and toolchain this program was built from."
        family = MetricFamily(
            MetricDescriptor("\(program)_build_info", help, kind: .gauge), [Sample(1, labels)])
    }

    /// Yes: it reads memory.
    public var answersAtOnce: Bool { true }

    /// The one family, always the same.
    public func families(for request: ScrapeRequest) async -> [MetricFamily] { [family] }
}
