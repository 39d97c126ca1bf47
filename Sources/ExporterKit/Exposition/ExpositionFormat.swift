/// A wire format for metrics, and how it writes names that the classic data model does not know.
public struct ExpositionFormat: Sendable, Hashable {
    /// The language of the body.
    public enum Syntax: String, Sendable, Hashable, CaseIterable {
        /// Prometheus text 0.0.4. Source: https://prometheus.io/docs/instrumenting/exposition_formats/
        case text004
        /// Prometheus text 1.0.0: as 0.0.4, with quoted names.
        case text100
        /// OpenMetrics 1.0. Source: https://prometheus.io/docs/specs/om/open_metrics_spec/
        case openMetrics100
        /// Messages `io.prometheus.client.MetricFamily`, each after its length.
        case protobuf
    }

    /// The language of the body.
    public let syntax: Syntax
    /// What becomes of names outside the classic data model.
    public let escaping: NameEscaping

    /// A format from its parts.
    public init(_ syntax: Syntax, escaping: NameEscaping = .underscores) {
        self.syntax = syntax
        self.escaping = escaping
    }

    /// Prometheus text 0.0.4.
    public static let text004 = ExpositionFormat(.text004)
    /// OpenMetrics 1.0.
    public static let openMetrics100 = ExpositionFormat(.openMetrics100)

    /// Value of the `Content-Type` header, as Prometheus' Go library sends it.
    public var contentType: String {
        "\(mediaType); escaping=\(escaping.rawValue)"
    }

    private var mediaType: String {
        switch syntax {
        case .text004: "text/plain; version=0.0.4; charset=utf-8"
        case .text100: "text/plain; version=1.0.0; charset=utf-8"
        case .openMetrics100: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        case .protobuf:
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
        }
    }

    /// The families as bytes.
    ///
    /// - Parameter families: sorted and free of duplicates, as `FamilyMerge` leaves them; empty ones are left out.
    public func encode(_ families: [MetricFamily]) -> [UInt8] {
        exposition(of: families).bytes
    }

    /// The families as bytes, with the number of series that are not among them because under the names of this format
    /// another one was there before.
    package func exposition(of families: [MetricFamily]) -> (bytes: [UInt8], collisions: Int) {
        syntax == .protobuf
            ? exposition(of: families, by: ProtobufWriter(format: self))
            : exposition(of: families, by: TextWriter(format: self))
    }

    private func exposition(
        of families: [MetricFamily], by writer: consuming some FamilyWriter
    ) -> (bytes: [UInt8], collisions: Int) {
        var writer = writer
        let collisions = writer.write(families, as: self)
        return (writer.bytes, collisions)
    }
}
