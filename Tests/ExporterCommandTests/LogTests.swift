import Foundation
import Logging
import Testing

@testable import ExporterCommand

@Suite struct LogTests {
    @Test func logfmtQuotesOnlyWhatNeedsIt() {
        let metadata: Logger.Metadata = [
            "b": "plain", "a": "two words", "c": "", "k y": "x=1", "d": "q\"\\\n\u{1B}[2J",
        ]
        let line = LogFormat.logfmt.line(time: "T", level: .notice, message: "hello", metadata: metadata)
        #expect(
            line == """
                time=T level=info msg=hello a="two words" b=plain c="" d="q\\"\\\\\\n\\u001b[2J" k_y="x=1"
                """)
    }

    @Test(arguments: [
        (Logger.Level.trace, "debug"), (.debug, "debug"), (.info, "info"), (.warning, "warn"), (.critical, "error"),
    ])
    func levelsHaveTheFourOfficialWords(level: Logger.Level, word: String) {
        #expect(LogFormat.logfmt.line(time: "T", level: level, message: "m", metadata: [:]).contains("level=\(word) "))
    }

    @Test func jsonKeepsNumbersAndStructure() throws {
        let metadata: Logger.Metadata = [
            "count": .stringConvertible(5), "ok": .stringConvertible(true), "time": "mine",
            "ratio": .stringConvertible(0.5),
            "nan": .stringConvertible(Double.nan), "list": ["a", "b"], "map": ["k": "v"],
        ]
        let line = LogFormat.json.line(time: "T", level: .info, message: "m", metadata: metadata)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["count"] as? Int == 5)
        #expect(object["ok"] as? Bool == true)
        #expect(object["ratio"] as? Double == 0.5)
        #expect(object["nan"] as? String == "nan")
        #expect(object["time"] as? String == "T")
        #expect(object["time_"] as? String == "mine")
        #expect(object["list"] as? [String] == ["a", "b"])
    }

    /// Random bytes as message, key and value: one line, and JSON reads back exactly what was written.
    @Test(arguments: 0..<200)
    func hostileTextStaysOnItsLine(seed: UInt64) throws {
        var random = Xorshift(seed: seed)
        let message = random.text()
        let value = random.text()
        let key = random.text()
        let json = LogFormat.json.line(time: "T", level: .info, message: message, metadata: [key: "\(value)"])
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: String])
        #expect(object["msg"] == message)
        #expect(object[key] == value)
        let logfmt = LogFormat.logfmt.line(time: "T", level: .info, message: message, metadata: [key: "\(value)"])
        for line in [json, logfmt] { #expect(line.unicodeScalars.allSatisfy(TextSafety.isSafe)) }
        #expect(fields(of: logfmt) == 4)
    }

    /// Counts `key=value` pairs as a logfmt reader would.
    private func fields(of line: String) -> Int {
        var count = 1
        var isQuoted = false
        var isEscaped = false
        for scalar in line.unicodeScalars {
            switch scalar {
            case _ where isEscaped: isEscaped = false
            case "\\" where isQuoted: isEscaped = true
            case "\"": isQuoted.toggle()
            case " " where !isQuoted: count += 1
            default: break
            }
        }
        return isQuoted ? -1 : count
    }

    @Test func timeIsUTCWithMilliseconds() {
        #expect(Timestamp.text(seconds: 1_795_251_600, milliseconds: 7) == "2026-11-21T09:00:00.007Z")
        #expect(Timestamp.text(seconds: 0, milliseconds: 999) == "1970-01-01T00:00:00.999Z")
    }

    @Test func loggerMergesMetadataAndHonoursLevel() {
        let lines = Collected()
        var logger = Logger(label: "t") { _ in
            StandardErrorLog(level: .warning, format: .logfmt) { lines.add($0) }
        }
        logger[metadataKey: "a"] = "1"
        logger.info("unheard")
        logger.warning("heard", metadata: ["b": "2"])
        #expect(lines.text.hasSuffix("Z level=warn msg=heard a=1 b=2\n"))
        #expect(lines.text.split(separator: "\n").count == 1)
    }
}

/// Random text with much of what breaks encoders.
private struct Xorshift {
    private var state: UInt64
    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    private mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    mutating func text() -> String {
        let bytes = (0..<(next() % 24)).map { _ in
            next() % 3 == 0
                ? Array("\"\\=\n\r\t {}\u{7F}\0".utf8)[Int(next() % 11)] : UInt8(truncatingIfNeeded: next() >> 8)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
