internal import CurlClient
internal import ExporterKit

/// A source that stays open between runs.
protocol AskedSource: Sendable {
    /// Where it is, without credentials.
    var target: String { get }
    /// Releases connections.
    func close() async
}
