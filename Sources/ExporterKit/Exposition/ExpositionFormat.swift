internal import CExporterKit

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
        if syntax == .protobuf {
            var writer = ProtobufWriter(format: self)
            let collisions = writer.write(families, as: self)
            return (writer.bytes, collisions)
        }
        var capacity = families.reduce(1024) { $0 + $1.textSize }
        while true {
            var collisions = 0
            var missing = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                CExporterKit_use_large_pages(buffer.baseAddress, buffer.count)
                var writer = TextWriter(format: self, to: ByteCursor(buffer))
                collisions = writer.write(families, as: self)
                missing = max(0, writer.count - buffer.count)
                count = min(writer.count, buffer.count)
            }
            guard missing > 0 else { return (bytes, collisions) }
            // The estimate was too low; live values may have grown by as much again.
            capacity += missing * 2
        }
    }
}

extension MetricFamily {
    /// About how many bytes its text has, rather too many than too few: what is not written to costs no memory.
    fileprivate var textSize: Int {
        let name = descriptor.name.utf8.count
        let metadata = descriptor.help.utf8.count + 2 * name + 64
        if let live { return metadata + live.lines * (name + 48) + live.labelBytes }
        return metadata + samples.reduce(0) { $0 + $1.lines * (name + 48 + $1.labels.bytes.count) }
    }
}

extension Sample {
    /// Lines of text it takes, with its time of creation.
    fileprivate var lines: Int {
        switch value {
        case .number: 1
        case .counter: 4  // a line of its own for the time, and room for an exemplar
        case .histogram(let histogram): histogram.counts.count + 4 * histogram.exemplars.count + 3
        case .summary(let summary): summary.quantiles.count + 3
        }
    }
}
