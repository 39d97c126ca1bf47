/// What makes two lines the same series.
///
/// A label with an empty value is no label, and `le="1"` and `le="1.0"` are one bucket.
struct SeriesKey: Hashable {
    let name: String
    let labels: [String: String]

    init(_ name: String, _ labels: [String: String]) {
        self.name = name
        var labels = labels.filter { !$0.value.isEmpty }
        for bound in ["le", "quantile"] {
            if let text = labels[bound], let number = Double(text) { labels[bound] = number.shown }
        }
        self.labels = labels
    }

    init(_ sample: Exposition.Sample) {
        self.init(sample.name, sample.labels)
    }
}
