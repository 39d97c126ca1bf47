import ExporterKit
import Foundation
import Testing

/// What is encoded is what independent, strict parsers read.
@Suite struct FormatParserTests {
    typealias ParsedSample = FormatReader.ParsedSample

    /// One of every kind, and the same with hostile label values.
    private static var families: [MetricFamily] {
        get async {
            let all = await FormatFamilies().families(for: ScrapeRequest(deadline: .after(.seconds(1))))
            return (all + [hostile]).sorted { $0.descriptor.name < $1.descriptor.name }
        }
    }

    /// Values that parsers stumble over: ends of lines of all kinds, quotes, braces, marks of exemplars, zeros, surrogates.
    private static var hostile: MetricFamily {
        let pieces = [
            "", "\\", "\"", "\n", "\\n", "\\\\\"", "}", "{", " # {", "\r", "\r\n", "\t", "\u{0}", "\u{85}", "\u{2028}",
            "é", "e\u{301}", "😱", "日本", "=\"", ",", "# EOF", "\u{FFFD}", "\u{FEFF}", "\u{10FFFF}", "%", "\u{7F}",
        ]
        var random = SystemRandomNumberGenerator()
        let samples = (0..<300).map { number in
            let value = (0..<3).compactMap { _ in pieces.randomElement(using: &random) }.joined()
            let figure = Double(bitPattern: .random(in: 0..<0x7FF0_0000_0000_0000, using: &random))
            return Sample(Bool.random() ? figure : -figure, LabelSet(["number": "\(number)", "value": value]))
        }
        return MetricFamily(MetricDescriptor("hostile", "Quo\"te, back\\slash,\nline.", kind: .gauge), samples)
    }

    @Test func pythonReadsText004() async throws {
        let families = await Self.families
        let document = try await FormatReader.read(ExpositionFormat.text004.encode(families), with: "text")
        expectSame(document.samples, families, .text004)
        #expect(document.families.contains(["waiting", "histogram"]))
        #expect(document.families.contains(["light", "gauge"]))
    }

    @Test func pythonReadsOpenMetrics() async throws {
        let families = await Self.families
        let document = try await FormatReader.read(
            ExpositionFormat.openMetrics100.encode(families), with: "openmetrics")
        expectSame(document.samples, families, .openMetrics100)
        let types: [String: String] = [
            "requests": "counter", "waiting": "gaugehistogram", "light": "stateset", "build": "info",
            "legacy_value": "unknown", "classic_seconds": "histogram", "summary_seconds": "summary",
        ]
        for (name, type) in types { #expect(document.families.contains([name, type]), "\(name)") }
    }

    @Test func googleReadsProtobuf() async throws {
        let families = await Self.families
        let document = try await FormatReader.read(ExpositionFormat(.protobuf).encode(families), with: "protobuf")
        expectSame(document.samples, families, .protobuf)
    }

    @Test func promtoolReadsText() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("fleet-\(UUID().uuidString).txt")
        defer { try? FileManager.default.removeItem(at: file) }
        try await Data(ExpositionFormat.text004.encode(Self.families)).write(to: file)
        let promtool = try FleetServers()("FLEET_PROMTOOL")
        let check = try FleetProcess("/bin/sh", ["-c", "exec \"$0\" check metrics < \"$1\"", promtool, file.path])
        let status = try await check.exitStatus()
        // 3: it read everything and has an opinion on names. 1 would be text that does not parse.
        #expect(status == 0 || status == 3, "\(check.standardError.prefix(500))")
    }

    /// Byte by byte: to Swift's `String`, letters composed in another way are equal.
    private func expectSame(_ found: [ParsedSample], _ families: [MetricFamily], _ syntax: ExpositionFormat.Syntax) {
        let expected = families.flatMap { FlatFamily($0, syntax).samples }
        let (found, wanted) = (Set(found.map { Array("\($0)".utf8) }), Set(expected.map { Array("\($0)".utf8) }))
        let missing = wanted.subtracting(found).map { String(decoding: $0, as: UTF8.self) }.sorted().prefix(5)
        let strange = found.subtracting(wanted).map { String(decoding: $0, as: UTF8.self) }.sorted().prefix(5)
        #expect(missing.isEmpty, "not found")
        #expect(strange.isEmpty, "found, but never told")
        #expect(wanted.count == expected.count && wanted.count > 300)
    }
}
