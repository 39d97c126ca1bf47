/// What a scraper would see: the metrics of a service or an exporter as plain values that a test can ask.
///
/// ```swift
/// import ExporterKit
/// import ExporterKitTesting
/// import Testing
///
/// @Test func everyAnswerIsCounted() async throws {
///     let registry = Registry()
///     let service = Service(metrics: registry)
///
///     // One series, by the name and labels that a query would use. An error lists what is there instead.
///     await service.answer("/")
///     #expect(try await registry.requireValue("http_requests_total", ["code": "200"]) == 1)
///
///     // What one call changes.
///     let increase = try await registry.increase(of: "http_requests_total", ["code": "404"]) {
///         await service.answer("/nowhere")
///     }
///     #expect(increase == 1)
///
///     // Whole metrics, in any order.
///     try await registry.requireExposition(
///         """
///         # TYPE http_requests_total counter
///         http_requests_total{code="404"} 1
///         http_requests_total{code="200"} 1
///         """, only: ["http_requests_total"])
///
///     // Names and helps as Prometheus recommends them.
///     #expect(await registry.lint().isEmpty)
/// }
/// ```
///
/// A body read over HTTP is parsed strictly: `try Exposition(parsing: body).value("up")`.
public struct Exposition: Sendable, Equatable {
    /// A text format.
    public enum Syntax: Sendable, Hashable {
        /// Prometheus text 0.0.4, and 1.0.0 with its quoted names.
        /// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
        case text
        /// OpenMetrics 1.0. Source: https://prometheus.io/docs/specs/om/open_metrics_spec/
        case openMetrics
    }

    /// The format that names and types of families follow: OpenMetrics has a counter `http_requests` with a series
    /// `http_requests_total`; in text 0.0.4 both have the longer name.
    public let syntax: Syntax
    /// In the order of the text or the source.
    public let families: [Family]

    /// An exposition from its parts.
    public init(_ families: [Family], as syntax: Syntax = .text) {
        self.syntax = syntax
        self.families = families
    }

    /// Reads a whole exposition and accepts nothing that its format forbids: not only the grammar, also names that
    /// clash, repeated series, families in pieces, and histograms whose buckets do not add up.
    ///
    /// - Parameters:
    ///   - text: a response body, to its last line feed.
    ///   - syntax: `nil` takes a text that ends with `# EOF` for OpenMetrics.
    /// - Throws: where the first mistake is, and which one.
    public init(parsing text: String, as syntax: Syntax? = nil) throws(ExpositionError) {
        var parser = ExpositionParser(syntax ?? Self.syntax(of: text))
        self = try parser.parse(Array(text.utf8))
    }

    private static func syntax(of text: String) -> Syntax {
        text.hasSuffix("# EOF\n") || text.hasSuffix("# EOF") ? .openMetrics : .text
    }

    /// All series of all families.
    public var samples: [Sample] { families.flatMap(\.samples) }
}
