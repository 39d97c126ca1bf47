import Testing

@testable import PostgresClient

struct ResultTableTests {
    static let numbers: [(String, Double?)] = [
        ("0", 0), ("-0", -0.0), ("42", 42), ("-17", -17), ("9007199254740993", 9_007_199_254_740_992),
        ("18446744073709551616", 18_446_744_073_709_551_616), ("0.005", 0.005), ("-3.25", -3.25), (".5", 0.5),
        ("1700000000.123456", 1_700_000_000.123456), ("1e-05", 1e-05), ("1.5E+300", 1.5e300), ("NaN", nil),
        ("Infinity", .infinity), ("-Infinity", -.infinity), ("", nil), ("-", nil), (".", nil), ("abc", nil),
        ("0x10", nil), ("inf", nil), ("1 ", nil), ("1.2.3", nil), ("t", nil),
    ]

    @Test(arguments: numbers)
    func readsNumbersAsTheServerPrintsThem(text: String, expected: Double?) {
        let number = ResultTable(columns: ["v"], rows: [[text]]).number(0, 0)
        if text == "NaN" {
            #expect(number?.isNaN == true)
        } else {
            #expect(number == expected)
        }
    }

    @Test func fastPathAgreesWithTheLongWay() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let whole = UInt64.random(in: 0...1 << UInt64.random(in: 1...63), using: &generator)
            let text = Bool.random() ? "\(whole)" : "\(whole % 1_000_000).\(UInt32.random(in: 0...UInt32.max))"
            #expect(ResultTable(columns: ["v"], rows: [[text]]).number(0, 0) == Double(text))
        }
    }

    @Test func nullIsNeitherTextNorNumber() {
        let table = ResultTable(columns: ["a", "b"], rows: [["", nil], ["x"]])
        #expect(table.text(0, 0) == "")
        #expect(table.text(0, 1) == nil)
        #expect(table.number(0, 1) == nil)
        #expect(table.text(1, 0) == "x")
        #expect(table.text(1, 1) == nil)
    }

    @Test(arguments: [(-1, 0), (0, -1), (2, 0), (0, 2), (Int.max, Int.max)])
    func placeOutsideOfTheTableIsNil(row: Int, column: Int) {
        let table = ResultTable(columns: ["a", "b"], rows: [["1", "2"], ["3", "4"]])
        #expect(table.text(row, column) == nil)
        #expect(table.number(row, column) == nil)
    }

    @Test func booleansAreNumbersOnlyWhereAsked() {
        let table = ResultTable(columns: ["v"], rows: [["t"], ["f"], ["true"]])
        #expect(table.number(0, 0) == nil)
        #expect(table.number(0, 0, booleans: true) == 1)
        #expect(table.number(1, 0, booleans: true) == 0)
        #expect(table.number(2, 0, booleans: true) == nil)
        #expect(table.boolean(1, 0) == false)
        #expect(table.boolean(2, 0) == nil)
    }

    @Test func findsColumnsByName() {
        let table = ResultTable(columns: ["a", "b", "a"], rows: [])
        #expect(table.column("a") == 0)
        #expect(table.column("c") == nil)
    }
}
