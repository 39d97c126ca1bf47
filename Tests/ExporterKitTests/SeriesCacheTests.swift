import Testing

@testable import ExporterKit

@Suite struct SeriesCacheTests {
    private final class Thing {}

    /// The same text may lie in a string's value, in the program, or on the heap, also when it is short.
    private static func onHeap(_ text: String) -> String {
        var copy = ""
        copy.reserveCapacity(64)
        copy += text
        return copy
    }

    @Test(arguments: ["GET", "exactly15bytes!", "/a/path/that/is/longer", "", "größer als fünfzehn Bytes"])
    func findsWhateverFormTheTextHas(text: String) {
        let cache = SeriesCache()
        let things = [Thing(), Thing()]
        cache.store(things[0], kind: 1, label: "label", dimensions: [("method", text)])
        cache.store(things[1], kind: 1, label: "label", dimensions: [("method", text + "!")])
        #expect(cache.find(kind: 1, label: Self.onHeap("label"), dimensions: [("method", text)]) === things[0])
        let other = [(Self.onHeap("method"), Self.onHeap(text))]
        // A short text on the heap may be asked from the registry again, a long one is found by its bytes.
        let found = cache.find(kind: 1, label: "label", dimensions: other)
        if text.utf8.count > 15 {
            #expect(cache.find(kind: 1, label: "label", dimensions: [("method", other[0].1)]) === things[0])
        }
        #expect(found == nil || found === things[0])
        cache.store(things[0], kind: 1, label: "label", dimensions: other)
        #expect(cache.find(kind: 1, label: "label", dimensions: other) === things[0])
        #expect(cache.find(kind: 2, label: "label", dimensions: other) == nil)
        #expect(cache.find(kind: 1, label: "label", dimensions: []) == nil)
    }

    @Test func growsAndIsEmptied() {
        let cache = SeriesCache()
        let things = (0..<1_000).map { _ in Thing() }
        for (number, thing) in things.enumerated() {
            cache.store(thing, kind: 0, label: "n", dimensions: [("number", "\(number)"), ("x", "y")])
        }
        for (number, thing) in things.enumerated() {
            #expect(cache.find(kind: 0, label: "n", dimensions: [("number", "\(number)"), ("x", "y")]) === thing)
            #expect(cache.find(kind: 0, label: "n", dimensions: [("x", "y"), ("number", "\(number)")]) == nil)
        }
        cache.removeAll()
        #expect(cache.find(kind: 0, label: "n", dimensions: [("number", "7"), ("x", "y")]) == nil)
    }
}
