import TestSupport
import Testing

@testable import redis_exporter

@Suite struct LinearPatternTests {
    @Test(
        arguments: [
            (".*", "", true), ("", "x", true), ("idx", "my-idx-1", true), ("^idx", "my-idx", false),
            ("idx$", "my-idx", true),
            ("^(a|b)+$", "abba", true), ("^(a|b)+$", "abc", false), ("^[^-]+$", "a-b", false), ("[a-c_]x", "_x", true),
            (#"^\d{2,3}$"#, "1", false), (#"^\d{2,3}$"#, "123", true), (#"^\d{2,3}$"#, "1234", false),
            ("a{2", "a{2", true),
            ("(?i)IDX", "idx", true), ("(?i:a)B", "AB", true), ("(?i:a)B", "Ab", false), ("a.c", "a\nc", false),
            ("(?s)a.c", "a\nc", true), (#"\bfoo\b"#, "a foo b", true), (#"\bfoo\b"#, "afoo", false),
            ("a+?b", "aab", true),
            ("[]x]", "]", true), ("[[:digit:]]", "7", true), (#"[\w-]+é"#, "a-é", true), (#"\x41\x{e9}"#, "Aé", true),
            ("(?P<name>a)(?:b)?", "a", true), (#"\Q"#, "", nil), ("(a", "", nil), ("a)", "", nil), ("[a", "", nil),
            ("*a", "", nil), ("a**", "", nil), ("[z-a]", "", nil), (#"\1"#, "", nil), ("(?=a)", "", nil),
            ("a{1001}", "", nil),
            ("a{3,2}", "", nil), (#"a\"#, "", nil), ("((((a{100}){100}){100}){100})", "", nil),
            ("(((){1000}){1000}){1000}", "", nil),
        ] as [(String, String, Bool?)])
    func matchesAsRE2(pattern: String, text: String, expected: Bool?) {
        do throws(PatternError) {
            #expect(try LinearPattern(pattern).matches(text) == expected)
        } catch {
            #expect(expected == nil, "\(pattern): \(error.message)")
            #expect(error.message.count > 10)
        }
    }

    /// Backtracking would take longer than the universe has time.
    @Test(.timeLimit(.minutes(1)))
    func hostilePatternAndTextTakeNoTime() throws {
        let text = String(repeating: "a", count: 5_000)
        #expect(try !LinearPattern("^(a*)*(a|aa)+b$").matches(text))
        #expect(try !LinearPattern("(.*)(.*)(.*)(.*)(.*)[^a]").matches(text))
    }

    @Test func deepNestingIsAnErrorNotACrash() {
        let pattern = String(repeating: "(", count: 100_000)
        #expect(throws: PatternError.self) { try LinearPattern(pattern) }
    }

    @Test func anyTextIsAPatternOrAnError() {
        var random = Numbers(seed: 7)
        let alphabet = Array(#"ab\dwx[]{}()^$.|*+?:-,019 i<>P="#)
        for _ in 0..<5_000 {
            let pattern = String((0..<random.next(below: 24)).map { _ in alphabet[random.next(below: alphabet.count)] })
            _ = (try? LinearPattern(pattern))?.matches("ab[]19 x")
        }
    }
}
