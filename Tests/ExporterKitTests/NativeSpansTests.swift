import Testing

@testable import ExporterKit

@Suite struct NativeSpansTests {
    private typealias Bucket = NativeHistogramSnapshot.Bucket

    /// A row of buckets and how it is laid out; the first two are what client_golang's own tests expect.
    struct Layout: Sendable, CustomTestStringConvertible {
        let name: String
        let buckets: [(index: Int32, count: UInt64)]
        let spans: [[Int]]
        let deltas: [Int64]

        var testDescription: String { name }
    }

    @Test(arguments: [
        Layout(
            name: "observations 1 2 3 at schema 3", buckets: [(0, 1), (8, 1), (13, 1)],
            spans: [[0, 1], [7, 1], [4, 1]],
            deltas: [1, 0, 0]),
        Layout(
            name: "observations 1 1.2 1.4 1.8 2 at schema 2", buckets: [(0, 1), (2, 2), (4, 2)], spans: [[0, 5]],
            deltas: [1, -1, 2, -2, 2]),
        Layout(name: "nothing", buckets: [], spans: [], deltas: []),
        Layout(name: "one far away", buckets: [(-40, 7)], spans: [[-40, 1]], deltas: [7]),
        Layout(name: "neighbours", buckets: [(-1, 3), (0, 1), (1, 1)], spans: [[-1, 3]], deltas: [3, -2, 0]),
        Layout(name: "a gap of one", buckets: [(5, 3), (7, 4)], spans: [[5, 3]], deltas: [3, -3, 4]),
        Layout(name: "a gap of two", buckets: [(5, 3), (8, 4)], spans: [[5, 4]], deltas: [3, -3, 0, 4]),
        Layout(name: "a gap of three", buckets: [(5, 3), (9, 4)], spans: [[5, 1], [3, 1]], deltas: [3, 1]),
        Layout(name: "the first is near zero", buckets: [(2, 1)], spans: [[2, 1]], deltas: [1]),
        Layout(name: "across zero", buckets: [(-2, 1), (2, 5)], spans: [[-2, 1], [3, 1]], deltas: [1, 4]),
        Layout(
            name: "small gaps and large ones", buckets: [(-9, 2), (-7, 2), (-3, 9), (0, 1), (40, 1)],
            spans: [[-9, 3], [3, 4], [39, 1]], deltas: [2, -2, 2, 7, -9, 0, 1, 0]),
        Layout(
            name: "counts above Int64", buckets: [(0, .max), (1, 1)], spans: [[0, 2]], deltas: [-1, 2]),
    ])
    func laysOutAsClientGolangDoes(layout: Layout) {
        let result = NativeHistogramSnapshot.spans(layout.buckets.map { Bucket(index: $0.index, count: $0.count) })
        #expect(result.spans.map { [Int($0.offset), Int($0.length)] } == layout.spans)
        #expect(result.deltas == layout.deltas)
    }

    @Test func anyBucketsReadBackTheSame() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let indices = Set((0..<40).map { _ in Int32.random(in: -60...60, using: &random) }).sorted()
            let buckets = indices.map { Bucket(index: $0, count: .random(in: 1...1000, using: &random)) }
            let layout = NativeHistogramSnapshot.spans(buckets)
            #expect(Self.read(layout.spans, layout.deltas) == buckets)
        }
    }

    /// Indices that no histogram has must not stop the process.
    @Test func extremeOrUnsortedIndicesAreLaidOut() {
        let buckets = [Bucket(index: .min, count: 1), Bucket(index: .max, count: 1), Bucket(index: 0, count: 1)]
        #expect(NativeHistogramSnapshot.spans(buckets).deltas == [1, 0, 0])
    }

    /// What a scraper does with spans and deltas.
    private static func read(_ spans: [(offset: Int32, length: UInt32)], _ deltas: [Int64]) -> [Bucket] {
        var buckets: [Bucket] = []
        var index: Int32 = 0
        var count: Int64 = 0
        var rest = deltas[...]
        for span in spans {
            index += span.offset
            for _ in 0..<span.length {
                count += rest.popFirst() ?? 0
                if count > 0 { buckets.append(Bucket(index: index, count: UInt64(count))) }
                index += 1
            }
        }
        return rest.isEmpty ? buckets : []
    }
}
