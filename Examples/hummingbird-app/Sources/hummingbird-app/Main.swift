import ExporterKit
import ExporterKitSwiftMetrics
import Hummingbird
import Metrics

/// An app with an HTTP server of its own: hummingbird-app [PORT]
@main
struct HummingbirdApp {
    static func main() async throws {
        let registry = Registry()
        let options = PrometheusMetricsFactory.Options(overrides: [
            "hb.requests": .init(name: "hb_requests_total", help: "Requests answered, by route and status.")
        ])
        MetricsSystem.bootstrap(PrometheusMetricsFactory(registry, options: options))
        let metrics = MetricsRoute(sources: [registry, ProcessMetrics()])

        let router = Router(options: .autoGenerateHeadEndpoints)
        router.add(middleware: MetricsMiddleware())
        router.get("hello/:name") { _, context in "Hello, \(context.parameters.get("name") ?? "you")!" }
        router.get("metrics") { request, _ in await metrics.response(to: request) }

        let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8080
        let app = Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)))
        try await app.runService()
    }
}
