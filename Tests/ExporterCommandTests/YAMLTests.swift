import Testing

@testable import ExporterCommand

/// A document called `t`, so that messages begin with `t:LINE:COLUMN`.
private func parse(_ text: String) throws(ConfigurationError) -> YAMLNode {
    try YAMLDocument(text: text, name: "t").root
}

@Suite struct YAMLDocumentTests {
    @Test func nodesKnowWhereTheyStand() throws {
        let root = try parse("a: 1\nb:\n  - x\n  - {c: 'é', d: y}\n")
        let entries = try root.entries()
        #expect(entries.map(\.key) == ["a", "b"])
        #expect(entries[1].position.description == "t:2:1")
        let items = try entries[1].value.sequence()
        #expect(items[0].position.description == "t:3:5")
        #expect(items[1].label == "item 2 of b")
        #expect(try items[1].entries()[1].value.position.description == "t:4:17")
    }

    @Test(arguments: ["", "\n# only a comment\n", "---\n", "~", "null"])
    func nothingIsNull(text: String) throws {
        #expect(try parse(text).isNull)
    }

    @Test func quotedWordsAreText() throws {
        var map = try parse("a: 'null'\nb: \"\"\nc: !!str 5\nd: \"yes\"").mapping("it")
        #expect(try map.string("a") == "null")
        #expect(try map.string("b") == "")
        #expect(try map.string("d") == "yes")
        #expect(throws: ConfigurationError("c must be a whole number, not text; remove the quotes", at: "t:3:4")) {
            try map.int("c")
        }
        try map.finish()
    }

    @Test func aliasStandsForItsAnchor() throws {
        let root = try parse("a: &x {n: 1}\nb: *x\nc: [*x, *x]")
        var map = try root.mapping("it")
        var inner = try map.mapping("b")
        #expect(try inner.int("n") == 1)
        #expect(try map.sequence("c").count == 2)
    }

    @Test func byteOrderMarkIsNoPartOfTheText() throws {
        let root = try YAMLDocument(bytes: [0xEF, 0xBB, 0xBF] + Array("a: 1".utf8), name: "t").root
        #expect(try root.entries()[0].key == "a")
    }

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3", "t:3:1: the key a is given twice, first at t:1:1; remove one of them"),
        ("{a: 1, \"a\": 2}", "t:1:8: the key a is given twice, first at t:1:2; remove one of them"),
        ("a: 1\n---\nb: 2", "t:2:1: a second document begins here; keep one document per file"),
        ("a: &x {b: 1}\nc:\n  <<: *x", "t:3:3: merge keys are not supported; write the keys out"),
        ("a: !secret x", "t:1:4: the tag !secret is not supported here; remove it"),
        ("a: !!timestamp x", "t:1:4: the tag tag:yaml.org,2002:timestamp is not supported here; remove it"),
        ("a: !!map [x]", "t:1:4: the tag tag:yaml.org,2002:map is not supported here; remove it"),
        ("[a]: 1", "t:1:1: a key must be text"),
        ("a: *x", "t:1:4: *x is not defined above; define it with &"),
        ("a: &x [*x]", "t:1:8: *x is not defined above; define it with &"),
        (
            "a: b: c",
            "t:1:5: not YAML: mapping values are not allowed in this context; "
                + "put text that contains \": \" in quotes, or correct the indentation"
        ),
        (
            "a:\n\tb: 1",
            "t:2:1: not YAML: found character that cannot start any token while scanning for the next token; "
                + "indent with spaces, not with tabs"
        ),
        (
            "a: @x",
            "t:1:4: not YAML: found character that cannot start any token while scanning for the next token; "
                + "put the value in quotes"
        ),
        ("a: x\u{1}y", "t:1:5: not YAML: control characters are not allowed; remove the character"),
    ])
    func refusesWithPosition(text: String, expected: String) {
        #expect { try parse(text) } throws: { "\($0)" == expected }
    }

    @Test func bytesAreReadWhereTheyAreAskedFor() throws {
        var map = try parse("a: !!binary AAAACATSFi8=\nb: é\nc: !!binary x").mapping("a test")
        #expect(try map.node("a").bytes() == [0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f])
        #expect(try map.node("b").bytes() == Array("é".utf8))
        let text = try map.node("a")
        #expect { try text.string() } throws: { "\($0)" == "t:1:4: a must be text; !!binary does not work here" }
        let broken = try map.node("c")
        #expect { try broken.bytes() } throws: { "\($0)" == "t:3:4: c is not base64, as !!binary has it" }
    }

    @Test func notUTF8IsRefusedWithPosition() {
        let bytes = Array("a: 1\nb: é".utf8) + [0xFF]
        #expect(throws: ConfigurationError("not UTF-8; save the file as UTF-8", at: "t:2:5")) {
            try YAMLDocument(bytes: bytes, name: "t")
        }
        #expect(throws: ConfigurationError.self) { try YAMLDocument(bytes: [0xFF, 0xFE, 0x61, 0], name: "t") }
    }

    /// Nine levels of nine aliases are 387 million nodes; shared, they cost nothing until somebody walks them.
    @Test func aliasBombIsRefused() {
        var text = "l0: &l0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...8 {
            let aliases = Array(repeating: "*l\(level - 1)", count: 9).joined(separator: ", ")
            text += "l\(level): &l\(level) [\(aliases)]\n"
        }
        #expect { try parse(text) } throws: { "\($0)".contains("more than 100000 values once aliases are followed") }
    }

    @Test func depthIsBoundedWithAndWithoutAliases() throws {
        let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        _ = try parse(deepest)
        #expect { try parse("[\(deepest)]") } throws: { "\($0)" == "t:1:65: more than 64 levels; flatten the document" }
        let half = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        let text = "a: &a \(half)\nb: \(half.prefix(40))*a\(half.suffix(40))"
        #expect { try parse(text) } throws: { "\($0)".hasSuffix("more than 64 levels; flatten the document") }
    }

    @Test func sizeIsBounded() {
        let text = "a: " + String(repeating: "x", count: 1024 * 1024)
        #expect { try parse(text) } throws: { "\($0)" == "t: the file is larger than 1024 KiB; is it the right file?" }
    }

    /// Whatever the bytes, an answer or an error with a position, never a trap.
    @Test(arguments: 0..<100)
    func randomBytesNeverCrash(seed: Int) {
        let alphabet = Array("ab:-[]{},&*!|>'\"%#?@` \n\t~<\u{1}é".utf8) + [0xFF]
        var state = UInt64(seed) &* 6_364_136_223_846_793_005 &+ 1
        let bytes = (0..<200).map { _ -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return alphabet[Int(state >> 33) % alphabet.count]
        }
        do throws(ConfigurationError) { _ = try YAMLDocument(bytes: bytes, name: "t") } catch {
            #expect(error.place?.hasPrefix("t:") == true)
        }
    }
}

@Suite struct YAMLMappingTests {
    @Test func readsEveryKind() throws {
        let text = """
            s: text
            i: 42
            b: true
            d: 1m30s
            f: -0.5
            l: [a, 1]
            w: red
            m: {k: v}
            free: {x: 1, y: 2}
            none:
            """
        var map = try parse(text).mapping("it")
        #expect(try map.string("s") == "text")
        #expect(try map.int("i") == 42)
        #expect(try map.bool("b"))
        #expect(try map.duration("d") == .seconds(90))
        #expect(try map.double("f") == -0.5)
        #expect(try map.strings("l") == ["a", "1"])
        #expect(try map.choice("w", of: ["red", "blue"]) == "red")
        var inner = try map.mapping("m")
        #expect(try inner.string("k") == "v")
        #expect(try map.entries("free").map(\.key) == ["x", "y"])
        #expect(try map.optionalInt("none") == nil)
        #expect(try map.optionalString("absent") == nil)
        #expect(try map.optionalSequence("absent").isEmpty)
        try map.finish()
    }

    @Test func unknownKeyIsNamedWithWhatWasMeant() throws {
        var map = try parse("dsn: x\ntimout: 5s").mapping("a source")
        _ = try map.string("dsn")
        _ = try map.optionalDuration("timeout")
        #expect(throws: ConfigurationError("unknown key timout in a source (did you mean timeout?)", at: "t:2:1")) {
            try map.finish()
        }
        var other = try parse("zzz: x").mapping("a source")
        _ = other.optionalNode("b")
        _ = other.optionalNode("a")
        #expect(throws: ConfigurationError("unknown key zzz in a source; known are a, b", at: "t:1:1")) {
            try other.finish()
        }
    }

    @Test func missingKeyIsNamed() throws {
        var map = try parse("a:\n  b: 1\n  intervall: 5s\n  n:").entries()[0].value.mapping("the group")
        #expect(throws: ConfigurationError("c is missing in the group", at: "t:2:3")) { try map.string("c") }
        #expect(throws: ConfigurationError("n has no value; write one", at: "t:4:3")) { try map.string("n") }
        let meant = ConfigurationError("interval is missing in the group (is it intervall here?)", at: "t:3:3")
        #expect(throws: meant) { try map.duration("interval") }
    }

    @Test(arguments: [
        ("v: yes", "v must be true or false, not `yes`; write true"),
        ("v: Off", "v must be true or false, not `Off`; write false"),
        ("v: 1", "v must be true or false, not `1`"),
        ("v: \"true\"", "v must be true or false, not text; remove the quotes"),
        ("v: [x]", "v must be true or false, but there is a list"),
    ])
    func boolIsTrueOrFalse(text: String, expected: String) throws {
        let value = try parse(text).entries()[0].value
        #expect(throws: ConfigurationError(expected, at: "t:1:4")) { try value.bool() }
    }

    @Test(arguments: [
        ("v: 1.5", "v must be a whole number, not `1.5`"), ("v: 0x10", "v must be a whole number, not `0x10`"),
        ("v: 11", "v must be between 1 and 10, not 11"),
        ("v: {a: 1}", "v must be a whole number, but there is keys with values"),
        ("v: 99999999999999999999", "v must be a whole number, not `99999999999999999999`"),
    ])
    func intIsInRange(text: String, expected: String) throws {
        let value = try parse(text).entries()[0].value
        #expect(throws: ConfigurationError(expected, at: "t:1:4")) { try value.int(in: 1...10) }
    }

    @Test func otherKindsSayWhatTheyWant() throws {
        func value(_ text: String) throws -> YAMLNode { try parse(text).entries()[0].value }
        #expect(throws: ConfigurationError("v must be a time such as 250ms, 15s or 1m30s, not `5`", at: "t:1:4")) {
            try value("v: 5").duration()
        }
        #expect(throws: ConfigurationError("v must be at least 1s, not `10ms`", at: "t:1:4")) {
            try value("v: 10ms").duration(minimum: .seconds(1))
        }
        #expect(throws: ConfigurationError("v must be one of red, blue, not `rad` (did you mean red?)", at: "t:1:4")) {
            try value("v: rad").choice(of: ["red", "blue"])
        }
        #expect(throws: ConfigurationError("v must be a number, not `nan`", at: "t:1:4")) {
            try value("v: nan").double()
        }
        #expect(throws: ConfigurationError("v has no value; write one, or \"\" for the empty text", at: "t:1:3")) {
            try value("v:").string()
        }
        #expect(throws: ConfigurationError("item 2 of v must be text, but there is a list", at: "t:1:8")) {
            try value("v: [a, [b]]").strings()
        }
        #expect(throws: ConfigurationError("the document must be keys with values, but there is nothing", at: "t:1:1"))
        {
            _ = try parse("").mapping("it")
        }
    }

    @Test func secretIsTextOrVariableOrFile() throws {
        try withFile(Array("geheim\n".utf8), name: "password") { path in
            let yaml = path.replacing("password", with: "app.yaml")
            let text = "a: plain\nb: {file: password}\nc: {file: \(path)}\nd: {env: PATH}"
            var map = try YAMLDocument(text: text, name: yaml).root.mapping("it")
            #expect(try map.secret("a").value == "plain")
            #expect(try map.secret("b").value == "geheim")
            #expect(try map.secret("c").value == "geheim")
            #expect(try !map.secret("d").value.isEmpty)
            #expect(try map.optionalSecret("e") == nil)
        }
    }

    @Test(arguments: [
        ("v: {env: FLEET_NO_SUCH}", "v: the environment variable FLEET_NO_SUCH is not set; set it to the secret"),
        ("v: {env: A, file: b}", "v must be text, { env: NAME } or { file: /path }"),
        ("v: [a]", "v must be text, but there is a list"),
        (
            "v: {file: /nowhere/x}",
            "v: /nowhere/x: cannot read the file: No such file or directory; check the path and its permissions"
        ),
    ])
    func unusableSecretIsFoundAtOnce(text: String, expected: String) throws {
        let value = try parse(text).entries()[0].value
        #expect(throws: ConfigurationError(expected, at: "t:1:4")) { _ = try value.secret() }
    }
}
