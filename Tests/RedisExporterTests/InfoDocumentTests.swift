import Testing

@testable import redis_exporter

@Suite struct InfoDocumentTests {
    @Test(arguments: ["# Memory\r\nused_memory:1024\r\n\r\n", "used_memory:1024", "# Memory\nused_memory:1024\n"])
    func fieldIsReadWhateverTheLineEnds(text: String) {
        #expect(InfoDocument(text).number("used_memory") == 1024)
    }

    @Test(arguments: [
        ("ok", 1.0), ("true", 1), ("err", 0), ("fail", 0), ("false", 0), ("-1", -1), ("0.25", 0.25), ("1e3", 1000),
        ("99.5%", 99.5),
    ])
    func valueIsANumber(text: String, expected: Double) {
        #expect(InfoDocument("x:\(text)\r\n").number("x") == expected)
    }

    @Test(arguments: ["", "up", "nan", "-nan", "inf", "1.5K", " 3", "jemalloc-5.2.1"])
    func valueThatIsNoNumberIsNone(text: String) {
        #expect(InfoDocument("x:\(text)\r\n").number("x") == nil)
    }

    @Test func badLinesCostTheirNeighboursNothing() {
        let info = InfoDocument("garbage\r\n:5\r\n#\r\na:1\r\n\u{FFFD}\0\r\nb:2\r\n")
        #expect(info.number("a") == 1)
        #expect(info.number("b") == 2)
    }

    @Test func valueMayHoldColons() {
        #expect(InfoDocument("executable:/a:b\r\n").text("executable") == "/a:b")
    }

    @Test func repeatedFieldKeepsItsLastValue() {
        #expect(InfoDocument("a:1\r\na:2\r\n").number("a") == 2)
    }

    @Test func namesOfRecordsAreNoFields() {
        let info = InfoDocument("# Stats\r\nhz:10\r\n# Commandstats\r\ncmdstat_get:calls=1\r\nhz:99\r\n")
        #expect(info.number("hz") == 10)
        #expect(info.text("cmdstat_get") == nil)
        #expect(info.entries(in: "Commandstats", prefix: "cmdstat_").count == 1)
    }

    @Test func recordIsReadByName() {
        let record = InfoRecord("keys=3,,x,avg_ttl=7,=4,expires=1")
        #expect(record.number("keys") == 3)
        #expect(record.number("expires") == 1)
        #expect(record.number("x") == nil)
    }

    @Test func randomBytesNeverTrap() {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("#:=,\r\n ab1_|".utf8)
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            let info = "# Commandstats\r\ncmdstat_" + String(decoding: bytes, as: UTF8.self)
            for collector in Collectors.all().compactMap({ $0 as? any InfoCollector }) {
                _ = collect(collector, info: info)
            }
        }
    }
}
