import ExporterKit
import ExporterKitSwiftMetrics
import Logging
import Metrics
import ServiceLifecycle

/// A service that works without being asked, and is scraped: plain-service [ADDRESS]
@main
struct PlainService {
    static func main() async throws {
        let logger = Logger(label: "plain-service")
        let registry = Registry(options: Registry.Options(onMisuse: { logger.warning("\($0)") }))
        // What libraries record through swift-metrics comes to the same place.
        MetricsSystem.bootstrap(PrometheusMetricsFactory(registry))

        let text = CommandLine.arguments.dropFirst().first ?? "127.0.0.1:8080"
        guard let address = ListenAddress(text) else { throw NotAnAddress(text: text) }
        let configuration = MetricsServer.Configuration(
            listenAddresses: [address],
            page: LandingPage(name: "plain-service", summary: "Resizes images that nobody sees.", version: "1.0"))
        let server = MetricsServer(configuration, sources: [registry, ProcessMetrics()], logger: logger)

        // The last one is told first to shut down: metrics are there as long as the work is.
        let services = ServiceGroup(
            services: [server, Worker(registry)], gracefulShutdownSignals: [.sigint, .sigterm], logger: logger)
        try await services.run()
    }
}

struct NotAnAddress: Error, CustomStringConvertible {
    let text: String
    var description: String { "\(text) is no address such as 127.0.0.1:8080 or :8080" }
}
