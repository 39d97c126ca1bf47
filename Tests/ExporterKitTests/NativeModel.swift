import Foundation
import Testing

@testable import ExporterKit

/// What `Fixtures/native-model.py` says about native histograms.
enum NativeModel {
    /// A histogram as the model prints it.
    struct Result: Equatable {
        var schema: Int
        var zeroThreshold: Double
        var zeroCount: UInt64
        var count: UInt64
        var resets: Int
        var positive: String
        var negative: String
    }

    /// Observations of some shards, and what they are merged.
    struct Scenario: Sendable, CustomTestStringConvertible {
        var name: String
        var shards: [[(value: Double, seconds: Int)]] = []
        var options = NativeHistogramOptions()
        var result = Result()

        var testDescription: String { name }
    }

    static func text() throws -> String {
        try String(contentsOf: file("native-histograms.txt"), encoding: .utf8)
    }

    /// What the model prints now; `nil` without Python.
    static func run() throws -> String? {
        let output = Pipe()
        let python = Process()
        python.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        python.arguments = ["python3", file("native-model.py").path]
        python.standardOutput = output
        try python.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        python.waitUntilExit()
        return python.terminationStatus == 127 ? nil : text
    }

    static func bounds() throws -> [Double] {
        try lines("bounds").flatMap { $0.compactMap { Double($0) } }
    }

    static func indices() throws -> [(schema: Int, expected: [(value: Double, index: Int)])] {
        try lines("indices").map { words in
            (Int(words[0]) ?? .min, words.dropFirst().map(pair))
        }
    }

    static func scenarios() throws -> [Scenario] {
        var scenarios: [Scenario] = []
        for line in try text().split(separator: "\n") {
            var words = line.split(separator: " ")[...]
            let key = words.removeFirst()
            if key == "scenario" { scenarios.append(Scenario(name: words.joined(separator: " "))) }
            guard !scenarios.isEmpty else { continue }
            scenarios[scenarios.count - 1].read(key, Array(words))
        }
        return scenarios
    }

    private static func file(_ name: String) -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/\(name)")
    }

    private static func lines(_ key: String) throws -> [[Substring]] {
        try text().split(separator: "\n").map { $0.split(separator: " ") }.filter { $0.first == key[...] }
            .map { Array($0.dropFirst()) }
    }

    /// `value@number` or `value:number`.
    fileprivate static func pair(_ word: Substring) -> (Double, Int) {
        let parts = word.split { $0 == "@" || $0 == ":" }
        return (Double(parts[0]) ?? .signalingNaN, Int(parts[1]) ?? .min)
    }
}

extension NativeModel.Scenario {
    fileprivate mutating func read(_ key: Substring, _ words: [Substring]) {
        let numbers = words.map { Double($0) ?? .nan }
        switch key {
        case "observe": shards.append(words.map(NativeModel.pair).map { (value: $0.0, seconds: $0.1) })
        case "options":
            options = NativeHistogramOptions(
                schema: Int(numbers[0]), zeroThreshold: numbers[1], maxBuckets: Int(numbers[2]),
                minResetDuration: words[3] == "-" ? nil : .seconds(numbers[3]), maxZeroThreshold: numbers[4])
        case "result":
            result.schema = Int(numbers[0])
            result.zeroThreshold = numbers[1]
            result.zeroCount = UInt64(numbers[2])
            result.count = UInt64(numbers[3])
            result.resets = Int(numbers[4])
        case "positive": result.positive = words.joined(separator: " ")
        case "negative": result.negative = words.joined(separator: " ")
        default: break
        }
    }
}

extension NativeModel.Result {
    init() {
        self.init(schema: 0, zeroThreshold: 0, zeroCount: 0, count: 0, resets: 0, positive: "", negative: "")
    }

    init(_ snapshot: NativeHistogramSnapshot, resets: Int) {
        func layout(_ buckets: [NativeHistogramSnapshot.Bucket]) -> String {
            let (spans, deltas) = NativeHistogramSnapshot.spans(buckets)
            return (spans.map { "\($0.offset):\($0.length)" } + ["|"] + deltas.map(\.description)).joined(
                separator: " ")
        }
        self.init(
            schema: Int(snapshot.schema), zeroThreshold: snapshot.zeroThreshold, zeroCount: snapshot.zeroCount,
            count: snapshot.count, resets: resets, positive: layout(snapshot.positive),
            negative: layout(snapshot.negative))
    }
}
