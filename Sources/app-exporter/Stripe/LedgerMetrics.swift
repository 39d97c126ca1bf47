internal import ExporterKit

/// What a ledger tells about itself.
struct LedgerMetrics: Sendable {
    private let drift: LabeledFamily<Counter>

    init(_ registry: Registry) {
        drift = registry.counter(Self.driftTotal.name, Self.driftTotal.help, labels: ["currency"])
    }

    /// A series that exists before anything happens, so that `rate` sees its first step.
    func announce(_ currencies: some Sequence<String>) {
        for currency in currencies { _ = drift(currency) }
    }

    func count(_ found: LedgerDrift) {
        for currency in found.currencies { drift(currency).increment() }
    }

    static let driftTotal = MetricDescriptor(
        "business_revenue_drift_total",
        "Times that reading the whole month again gave another sum than adding up what was new.", kind: .counter)
    static let all = [driftTotal]
}
