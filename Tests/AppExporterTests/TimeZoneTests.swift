import ExporterCommand
import Foundation
import Testing

@testable import app_exporter

/// Months in time zones, compared with Foundation's calendar.
struct TimeZoneTests {
    private static let zones = [
        "UTC", "America/Chicago", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo",
        "Asia/Amman", "Pacific/Apia", "America/Asuncion", "Africa/Casablanca", "Asia/Tehran", "America/St_Johns",
        "Pacific/Kiritimati", "America/Havana", "Europe/Dublin",
    ]

    @Test(arguments: zones)
    func monthsBeginWhereTheCalendarSaysSo(name: String) throws {
        let zone = try TimeZoneFile(name)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: name))
        var moment: Int64 = 946_684_800  // 2000
        while moment < 2_145_916_800 {  // 2038
            let date = Date(timeIntervalSince1970: Double(moment))
            #expect(zone.offset(at: moment) == Int64(calendar.timeZone.secondsFromGMT(for: date)), "\(moment)")
            let month = try #require(calendar.dateInterval(of: .month, for: date)).start.timeIntervalSince1970
            #expect(zone.monthStart(of: moment) == Int64(month), "\(moment)")
            moment += 86_400 * 13 + 7_211
        }
    }

    @Test(arguments: ["America/Chicago", "Europe/Berlin", "Australia/Sydney", "Asia/Kolkata"])
    func theRuleHoldsBehindTheTable(name: String) throws {
        let zone = try TimeZoneFile(name)
        let other = try #require(TimeZone(identifier: name))
        for year in [2_045, 2_072] {
            for day in stride(from: 0, to: 366, by: 5) {
                let moment = CivilDate(year: Int64(year), month: 1, day: 1).days * 86_400 + Int64(day) * 86_400 + 43_200
                let expected = other.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment)))
                #expect(zone.offset(at: moment) == Int64(expected), "\(year) \(day)")
            }
        }
    }

    private static let summer = CivilDate(year: 2_026, month: 7, day: 1).days * 86_400
    private static let winter = CivilDate(year: 2_026, month: 1, day: 10).days * 86_400

    @Test(arguments: [
        ("CST6CDT,M3.2.0,M11.1.0", -21_600, -18_000), ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 39_600, 37_800),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", 0, 3_600), ("JST-9", 32_400, 32_400), ("XYZ0ABC,J60/0,J300/0", 0, 3_600),
        ("XYZ0ABC,59/0,299/0", 0, 3_600), ("XYZ0ABC,0/0,J365/25", 3_600, 3_600),
    ])
    func rulesAreRead(text: String, winter: Int64, summer: Int64) throws {
        let rule = try #require(TimeZoneRule(text))
        #expect(rule.offset(at: Self.winter) == winter)
        #expect(rule.offset(at: Self.summer) == summer)
    }

    @Test func clocksChangeOnTheSecondSundayOfMarch() throws {
        let rule = try #require(TimeZoneRule("CST6CDT,M3.2.0,M11.1.0"))
        let change = CivilDate(year: 2_026, month: 3, day: 8).days * 86_400 + 8 * 3_600
        #expect(rule.offset(at: change - 1) == -21_600)
        #expect(rule.offset(at: change) == -18_000)
    }

    @Test(arguments: [
        "", "A", "CST", "CST6CDT", "CST6CDT,M3.2.0", "CST6CDT,M13.2.0,M11.1.0", "6", "<x6", "CST6CDT,a,b",
    ])
    func whatIsNoRuleIsRefused(text: String) {
        #expect(TimeZoneRule(text) == nil)
    }

    @Test(arguments: ["Mars/Olympus", "", "../../etc/passwd", "/etc/localtime", "America", "zone.tab", "Amer ica"])
    func namesThatAreNoZonesAreRefused(name: String) {
        #expect(throws: ConfigurationError.self) { try TimeZoneFile(name) }
    }

    @Test func brokenFilesAreRefused() throws {
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/America/Chicago")))
        for length in stride(from: 0, to: whole.count - 200, by: 97) {
            #expect(TimeZoneFile(parsing: Array(whole.prefix(length)), name: "x") == nil)
        }
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            var bytes = whole
            for _ in 0..<8 {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = TimeZoneFile(parsing: bytes, name: "x")?.monthStart(of: 1_700_000_000)
        }
    }
}
