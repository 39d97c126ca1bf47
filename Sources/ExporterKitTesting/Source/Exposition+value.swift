extension Exposition {
    /// The value of one series; `nil` when there is no such series.
    ///
    /// - Parameters:
    ///   - name: of the series, with the suffix of its kind: `http_requests_total`, `latency_seconds_count`.
    ///   - labels: all of them, in any order; of a bucket `le` too, where `1` and `1.0` are the same.
    public func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        let wanted = SeriesKey(name, labels)
        return samples.first { $0.name == name && SeriesKey($0) == wanted }?.value
    }

    /// The value of one series, as `value` gives it.
    ///
    /// - Throws: what is there instead, the nearest names first.
    public func requireValue(_ name: String, _ labels: [String: String] = [:]) throws(SeriesNotFound) -> Double {
        guard let value = value(name, labels) else { throw SeriesNotFound(name, labels, among: samples) }
        return value
    }
}
