internal import ExporterKit

/// A metric that a piece of work may give: what `plan` prints and `lint` knows.
struct PlannedFamily: Sendable {
    let descriptor: MetricDescriptor
    /// Names of the labels that its series may carry, without those that the format adds (`le`, `quantile`).
    let labels: [String]
    /// Most series that this piece of work gives; `nil` where what is asked decides, for example one per index.
    let most: Int?

    init(_ descriptor: MetricDescriptor, _ labels: [String], most: Int? = nil) {
        self.descriptor = descriptor
        self.labels = labels
        self.most = most
    }
}

extension [MetricDescriptor] {
    /// Each with the same labels.
    func planned(_ labels: [String], most: Int? = nil) -> [PlannedFamily] {
        map { PlannedFamily($0, labels, most: most) }
    }
}
