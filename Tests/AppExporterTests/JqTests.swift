import ExporterKit
import Testing

@testable import app_exporter

struct JqTests {
    private func outputs(_ source: String, of text: String, limit: Int = 100) throws -> [JSONScalar] {
        try JqProgram(source).outputs(of: JqValue(parsing: Array(text.utf8)), limit: limit).map(\.scalar)
    }

    @Test func givesEveryOutput() throws {
        let text = #"{"responses":[{"class":"promoter","n":2},{"class":"passive","n":0.5},{}]}"#
        #expect(try outputs(".responses[].class", of: text) == [.text("promoter"), .text("passive"), .null])
        #expect(
            try outputs(".responses | length, (.[0].n == 2), .[0]", of: text) == [.number(3), .bool(true), .compound])
        #expect(try outputs("empty", of: text) == [])
    }

    @Test func runsAgainAfterAnErrorAndAfterTheLimit() throws {
        let program = try JqProgram(".a[]")
        for _ in 0..<3 {
            #expect(throws: JqError.self) {
                try program.outputs(of: JqValue(parsing: Array("{\"a\":3}".utf8)), limit: 9)
            }
            #expect(throws: JqError(description: "more than 2 results")) {
                try program.outputs(of: JqValue(parsing: Array("{\"a\":[1,2,3]}".utf8)), limit: 2)
            }
            #expect(try program.outputs(of: JqValue(parsing: Array("{\"a\":[1,2]}".utf8)), limit: 2).count == 2)
        }
    }

    @Test func endlessOutputEnds() throws {
        #expect(throws: JqError(description: "more than 1000 results")) {
            try outputs("repeat(1)", of: "null", limit: 1_000)
        }
    }

    @Test(arguments: [
        (".[", "syntax error"), ("foo", "foo/0 is not defined"), ("", nil), ("import \"a\" as a; a::b", "syntax error"),
        ("include \"/etc/passwd\"; .", "syntax error"), ("\u{0}", "NUL"),
    ])
    func compileErrorsAreInJqsWords(source: String, words: String?) throws {
        guard let words else {
            _ = try JqProgram(source)
            return
        }
        do throws(JqError) {
            _ = try JqProgram(source)
            Issue.record("compiled")
        } catch {
            #expect(error.description.contains(words), "\(error)")
            #expect(!error.description.contains("\n"))
        }
    }

    @Test(arguments: [
        (".a.b.c", "Cannot index number with string \"b\""), ("error(\"mine\")", "mine"),
        ("input", "input cannot be used here"),
        ("halt_error", "halt cannot be used here"), ("halt", "halt cannot be used here"),
    ])
    func runtimeErrorsAreInJqsWords(source: String, words: String) throws {
        do throws(JqError) {
            _ = try JqProgram(source).outputs(of: JqValue(parsing: Array("{\"a\":1}".utf8)), limit: 10)
            Issue.record("ran")
        } catch {
            #expect(error.description.contains(words), "\(error)")
        }
    }

    @Test(arguments: [
        "", " ", "nope", "{", "[1}", "1 2", "1 x", "\u{0}", "\"\\x\"", "\"a", String(repeating: "[", count: 300),
    ])
    func badJSONIsRefused(text: String) {
        #expect(throws: JqError.self) { try JqValue(parsing: Array(text.utf8)) }
    }

    @Test func textKeepsItsBytes() throws {
        #expect(try outputs(".", of: #""a\u0000b \"ü\" 😀""#) == [.text("a\u{0}b \"ü\" 😀")])
    }

    @Test func workerGivesUpAtTheDeadlineAndSaysBusy() async throws {
        let worker = JqWorker("test")
        let slow = try JqProgram("last(range(3e7))")  // some seconds
        let began = ContinuousClock.now
        let run = { @Sendable () -> Result<Int, CollectorError> in
            let value = try? slow.outputs(of: JqValue(parsing: Array("1".utf8)), limit: 1)
            return .success(value?.count ?? -1)
        }
        guard case .failure(let error) = await worker.run(until: .now.advanced(by: .milliseconds(50)), run) else {
            Issue.record("it ended")
            return
        }
        #expect(error.reason == .timeout)
        #expect(began.duration(to: .now) < .seconds(10))
        guard case .failure(let busy) = await worker.run(until: .now.advanced(by: .seconds(5)), { .success(1) }) else {
            Issue.record("it was free")
            return
        }
        #expect(busy.message.contains("has not ended"))
    }
}
