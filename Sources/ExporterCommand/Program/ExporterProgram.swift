public import ExporterKit

/// An exporter as an executable: `@main struct PgExporter: ExporterProgram { … }`.
///
/// The program says who it is, which flags and collectors it has and how to make an `Exporter` of them. Common flags,
/// environment, `--help`, `--version`, `--check-config`, `--once`, `--list-metrics`, logging, serving and signals are the
/// same for all and come with `main()`.
public protocol ExporterProgram {
    /// As the executable is called: `pg-exporter`.
    static var name: String { get }
    /// What it exports, in one sentence.
    static var summary: String { get }
    /// Default of `--web.listen-address`, for example `:9187`.
    static var defaultListenAddress: String { get }
    /// First part of the variables of the common flags: `PG_EXPORTER` gives `PG_EXPORTER_WEB_TELEMETRY_PATH`.
    static var environmentPrefix: String { get }
    /// First words of the metrics about the program itself: `app_exporter`.
    static var metricNamespace: String { get }
    /// Its own flags; the common ones and those of the collectors are added.
    static var flags: [Flag] { get }
    /// How its command line is written.
    static var flagStyle: FlagStyle { get }
    /// Every collector, enabled or not, in the order of `--help` and of the output.
    static var collectors: [CollectorListing] { get }
    /// What it does besides serving, each by a word of its own.
    static var commands: [ProgramCommand] { get }
    /// Metrics about the exporter itself, for `--list-metrics`.
    static var selfMetrics: [MetricDescriptor] { get }

    /// Metrics that the flags, or a file they name, add to the fixed ones, for `--list-metrics`.
    ///
    /// - Throws: as `make` does.
    static func configuredMetrics(_ flags: FlagValues) throws -> [MetricDescriptor]

    /// Login and TLS of its own flags, for programs that have such flags beside `--web.config.file`.
    ///
    /// - Throws: `UsageError`.
    static func webOverrides(_ flags: FlagValues) throws -> WebOverrides

    /// Checks everything that can be checked without a server and makes the exporter. Contacts no server.
    ///
    /// - Throws: `UsageError` for a flag or variable, `ConfigurationError` for a file or value.
    static func make(_ flags: FlagValues, _ context: ProgramContext) throws -> Exporter
}

extension ExporterProgram {
    /// The prefix of the environment in small letters.
    public static var metricNamespace: String { environmentPrefix.lowercased() }
    /// None.
    public static var flags: [Flag] { [] }
    /// That of the exporters of the Prometheus organisation.
    public static var flagStyle: FlagStyle { .kingpin }
    /// None.
    public static var commands: [ProgramCommand] { [] }
    /// None.
    public static var selfMetrics: [MetricDescriptor] { [] }
    /// None.
    public static func webOverrides(_ flags: FlagValues) throws -> WebOverrides { WebOverrides() }
    /// None.
    public static func configuredMetrics(_ flags: FlagValues) throws -> [MetricDescriptor] { [] }
}
