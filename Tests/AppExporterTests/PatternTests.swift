import Testing

@testable import app_exporter

/// Regular expressions as people write them for blackbox_exporter.
@Suite struct PatternTests {
    @Test(arguments: [
        (#"^220 ([^ ]+) ESMTP"#, "220 mail.example ESMTP Postfix\r\n", true),
        (#"^220 "#, "\n220 x", false),
        (#"\d{3}-\d+"#, "abc 123-4", true),
        (#"[\d.]+\.[\w-]+"#, "10.0.0.a-b", true),
        (#"(?i)skillancer"#, "SkillAncer", true),
        (#"skillancer"#, "SkillAncer", false),
        (#"a.c"#, "a\nc", false),
        (#"(?s)a.c"#, "a\nc", true),
        (#"(?m)^two$"#, "one\ntwo\nthree", true),
        (#"^two$"#, "one\ntwo\nthree", false),
        (#"(?:ab)+?c"#, "ababc", true),
        (#"[\]\-^]x"#, "-x", true),
        (#"[^\s]+@[\[]"#, "a@[", true),
        (#"\x41\.\$"#, "A.$", true),
        (#"\bword\b"#, "a word here", true),
        (#"^[[:alpha:]]+$"#, "abc", true),
        (#"^$"#, "", true),
    ])
    func matchesAsRE2Does(source: String, text: String, expected: Bool) throws {
        #expect(try Pattern(source).matches(Array(text.utf8)) == expected)
    }

    @Test func givesTheGroupsThatWereWritten() throws {
        let pattern = try Pattern(#"^(?:x)?(\d+) (?P<host>[a-z]+)( z)?"#)
        #expect(pattern.groups(in: Array("220 mail".utf8)) == ["220 mail", "220", "mail", ""])
        #expect(pattern.groups(in: Array("mail".utf8)) == nil)
    }

    @Test func textMayHaveNUL() throws {
        #expect(try Pattern("b").matches([0x61, 0, 0x62]))
    }

    @Test(arguments: ["(", "[a", "a\\", #"\p{L}"#, "(?=a)", "(?<!a)b", "*a\\q", #"\x0"#])
    func whatCannotBeSaidIsAnError(source: String) {
        #expect(throws: PatternError.self) { try Pattern(source) }
    }
}
