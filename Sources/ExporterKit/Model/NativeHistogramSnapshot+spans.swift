extension NativeHistogramSnapshot {
    /// Most empty buckets in a row that are written as zeros; a longer gap starts a new span. The same as client_golang.
    private static let longestFilledGap: Int64 = 2

    /// Buckets as the protobuf format and text of OpenMetrics 2 lay them out.
    ///
    /// - Parameter buckets: of one sign, by ascending index.
    /// - Returns: `spans`, runs of buckets: the offset of the first is an index, that of any other the number of buckets left
    ///   out since the end of the one before. `deltas`, one per bucket in all spans: the difference to the bucket before.
    /// - SeeAlso: https://prometheus.io/docs/specs/native_histograms/#spans
    package static func spans(_ buckets: [Bucket]) -> (spans: [(offset: Int32, length: UInt32)], deltas: [Int64]) {
        var spans: [(offset: Int32, length: UInt32)] = []
        var deltas: [Int64] = []
        var last: UInt64 = 0
        var next: Int64 = 0

        func append(_ count: UInt64) {
            spans[spans.count - 1].length += 1
            deltas.append(Int64(bitPattern: count &- last))
            last = count
        }

        for bucket in buckets {
            let gap = Int64(bucket.index) - next
            if spans.isEmpty || gap < 0 || gap > longestFilledGap {
                spans.append((Int32(truncatingIfNeeded: gap), 0))
            } else {
                for _ in 0..<gap { append(0) }
            }
            append(bucket.count)
            next = Int64(bucket.index) + 1
        }
        return (spans, deltas)
    }
}
