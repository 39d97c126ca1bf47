import ExporterKit
import PostgresClient
import Testing

@testable import ExporterCommand
@testable import pg_exporter

/// Small languages inside of queries: versions, patterns, times, arrays, SQL's quotes.
struct QueryTextTests {
    @Test(arguments: [
        (">=10.0.0 <14.0.0", ["10", "13.9"], ["9.6", "14"]),
        (">= 10, < 12", ["10", "11.5"], ["12"]), ("=15", ["15", "15.18"], ["14.9", "16"]),
        ("15.4.0", ["15.4"], ["15.5"]), (">15", ["16"], ["15.9"]), (">15.3.0", ["15.4"], ["15.3"]),
        ("<=15", ["15.9", "9.6"], ["16"]), ("!=14", ["13", "15"], ["14.2"]), ("16.x", ["16.3"], ["17"]),
        ("~14.2", ["14.2"], ["14.3"]), ("^14.2", ["14.9"], ["14.1", "15"]), ("12 - 14", ["12", "14.9"], ["15", "11"]),
        ("<10 || >=16 <17 || 18", ["9.6", "16.2", "18"], ["10", "17"]), ("*", ["9.6", "19"], []),
    ])
    func versionRanges(text: String, inside: [String], outside: [String]) throws {
        let range = try #require(VersionRange(text))
        for version in inside { #expect(range.contains(try #require(ServerVersion(version))), "\(version)") }
        for version in outside { #expect(!range.contains(try #require(ServerVersion(version))), "\(version)") }
    }

    @Test(arguments: ["", "||", "newest", ">=", "1.2.3.4", "1..2", ">>5", "x.5", "12 - ", "5 ||", "-1"])
    func noVersionRange(text: String) {
        #expect(VersionRange(text) == nil)
    }

    @Test(arguments: [
        ("*", ["", "a", "abc"], []), ("app", ["app"], ["apps", "ap"]), ("app_*", ["app_", "app_x"], ["app"]),
        ("*_prod", ["a_prod", "_prod"], ["a_prod2"]), ("a?c", ["abc"], ["ac", "abbc"]),
        ("[a-c]x", ["ax", "cx"], ["dx", "x"]), ("[^a-c]x", ["dx"], ["ax"]), ("a\\*b", ["a*b"], ["axb"]),
        ("*a*b*c*", ["xaxbxcx", "abc"], ["acb"]), ("[ab][01]*", ["a0", "b1zz"], ["a2", "c0"]),
    ])
    func shellPatterns(text: String, matching: [String], other: [String]) throws {
        let pattern = try #require(ShellPattern(text))
        for name in matching { #expect(pattern.matches(name), "\(name)") }
        for name in other { #expect(!pattern.matches(name), "\(name)") }
    }

    @Test func incompletePatternsAndLiterals() throws {
        for text in ["[a", "a\\", "[]", "[z-a]", "[a-"] { #expect(ShellPattern(text) == nil, "\(text)") }
        #expect(ShellPattern("template1")?.literal == "template1")
        #expect(ShellPattern("a\\*")?.literal == "a*")
        #expect(ShellPattern("a*")?.literal == nil)
    }

    @Test(arguments: [
        "SELECT 1", "select 1;", "WITH a AS (SELECT 1) SELECT * FROM a", "(SELECT 1) UNION (SELECT 2);", "TABLE t",
        "VALUES (1)", "SHOW work_mem", "/* a; /* b; */ */ SELECT 1 -- c;", "SELECT $$;$$", "SELECT $a$ $$; $a$;",
        "SELECT E'\\';'", "SELECT e'a''b\\';'", "SELECT 'a'';b'", "SELECT \"a;b\"", "SELECT 1;;  ; -- end",
        "SELECT a$b$ FROM t", "SELECT $1;", "SELECT name'x;'",
    ])
    func oneStatement(sql: String) throws {
        try SingleStatement.check(sql)
    }

    @Test(arguments: [
        "", ";", "-- x", "SELECT 1; SELECT 2", "SELECT 'a;", "SELECT $$;", "SELECT /* ;", "COPY t TO STDOUT", "BEGIN",
        "SET x = 1", "SELECT 1 \"", "SELECT name'\\'; SELECT 2",
    ])
    func notOneStatement(sql: String) {
        #expect(throws: SingleStatement.Flaw.self) { try SingleStatement.check(sql) }
    }

    @Test(arguments: [
        ("1970-01-01 00:00:00+00", 0), ("2026-11-21 15:47:42.987654+00", 1_795_276_062),
        ("2026-11-21 21:17:42+05:30", 1_795_276_062), ("2026-11-21 12:47:42-03", 1_795_276_062),
        ("2026-11-21 15:47:42", 1_795_276_062), ("2026-11-21", 1_795_219_200), ("2024-02-29 00:00:00", 1_709_164_800),
        ("1969-12-31 23:59:59+00", -1), ("infinity", nil), ("0044-03-15 00:00:00 BC", nil), ("12:30:00", nil),
        ("2026-13-01", nil), ("2026-11-21 15:47:42+", nil),
    ])
    func times(text: String, expected: Int?) {
        #expect(TimeText.unixSeconds(Array(text.utf8)[...]) == expected)
    }

    @Test(arguments: [
        ("1h2m3s", 3_723_000), ("1500us", 1.5), ("250ms", 250), ("0", 0), ("00:01:30.5", 90_500),
        ("1 day 02:00:00", 93_600_000), ("-2 days", -172_800_000), ("2 days -00:00:01", 172_799_000), ("-1", nil),
        ("1 mon", nil), ("soon", nil), ("", nil), ("10", nil),
    ])
    func lengths(text: String, expected: Double?) {
        #expect(LengthText.milliseconds(text) == expected)
    }

    @Test(arguments: [
        ("{}", []), ("{1,2.5,-3e2}", [1, 2.5, -300]), ("{\"0.5\",Infinity}", [0.5, .infinity]), ("{1,NULL}", nil),
        ("1", nil), ("{a}", nil), ("{{1},{2}}", nil), ("{", nil),
    ])
    func arrays(text: String, expected: [Double]?) {
        #expect(ArrayText.numbers(text) == expected)
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (String(repeating: "a", count: 1_000), "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"),
    ])
    func digests(text: String, expected: String) {
        #expect(SHA256.hexadecimal(Array(text.utf8)) == expected)
    }
}
