public import ExporterKit
internal import Logging

/// Metrics about reloads, for programs that have any.
public struct ReloadMetrics: Sendable {
    let successful: MetricDescriptor
    let time: MetricDescriptor

    /// - Parameter namespace: first words of their names: `app_exporter`.
    public init(_ namespace: String) {
        successful = MetricDescriptor(
            "\(namespace)_config_last_reload_successful",
            "1 when the configuration was accepted when it was last read, else 0.", kind: .gauge)
        time = MetricDescriptor(
            "\(namespace)_config_last_reload_success_timestamp_seconds",
            "Unix time at which the configuration in force was read.", kind: .gauge, unit: "seconds")
    }

    /// Both.
    public var all: [MetricDescriptor] { [successful, time] }
}

/// Reads the configuration again while the program runs, one reload at a time, and tells what came of it: in the log, by
/// two metrics, to the client that asked.
actor Reloader {
    private let work: @Sendable () throws -> Void
    private let logger: Logger
    private let successful: Gauge
    private let time: Gauge

    /// - Parameters:
    ///   - work: takes the new configuration whole or throws.
    ///   - hasStartedWell: whether the configuration was accepted at start.
    init(
        _ work: @escaping @Sendable () throws -> Void, _ metrics: ReloadMetrics, hasStartedWell: Bool,
        registry: Registry, logger: Logger
    ) {
        self.work = work
        self.logger = logger
        successful = registry.gauge(metrics.successful.name, metrics.successful.help)
        time = registry.gauge(metrics.time.name, metrics.time.help, unit: metrics.time.unit)
        guard hasStartedWell else { return }
        successful.set(1)
        time.setToCurrentTime()
    }

    /// Reloads.
    ///
    /// - Returns: what is wrong with the new configuration; `nil` when it is in force.
    @discardableResult
    func reload() -> String? {
        do {
            try work()
        } catch {
            successful.set(0)
            logger.error(
                "Reload failed, the old configuration stays in force", metadata: ["err": "\(error)"])
            return "\(error)"
        }
        successful.set(1)
        time.setToCurrentTime()
        logger.info("Configuration reloaded")
        return nil
    }

    /// Reloads for a client.
    func respond() -> HTTPResponse {
        guard let problem = reload() else { return .text(200, "Configuration reloaded.") }
        return .text(500, "The old configuration stays in force: \(problem)")
    }
}
