import CurlClient
import ExporterCommand
import ExporterKit
import Foundation
import TestSupport
import Testing

@testable import app_exporter

/// HTTP checks against a server whose answers the test decides.
@Suite struct HTTPCheckTests {
    private let client = CurlClient()

    private func run(
        _ server: HTTPTestServer, _ path: String = "/", _ change: (inout HTTPCheckSettings) throws -> Void = { _ in }
    ) async rethrows -> CheckResult {
        var settings = HTTPCheckSettings(url: Secret(server.url(path)), target: server.url(path))
        try change(&settings)
        return await HTTPCheck("x", settings, client: client).run(until: .now.advanced(by: .seconds(10)))
    }

    @Test func aRuleNamesWhatWasExpectedAndWhatCame() async throws {
        let server = try HTTPTestServer { request in
            HTTPTestAnswer("secret body", status: request.path == "/teapot" ? 418 : 200).with("X-A", "1").with(
                "X-A", "2")
        }
        let rule = { (name: String, test: TextRule.Test, isWanted: Bool) in
            HTTPExpectation.HeaderRule(name: name, rule: TextRule(test: test, isWanted: isWanted))
        }
        let cases: [(String, HTTPExpectation, String?)] = [
            ("/", HTTPExpectation(), nil),
            ("/teapot", HTTPExpectation(), "the server answered 418, expected was 2xx"),
            ("/", HTTPExpectation(statuses: [300...399, 204...205]), "answered 200, expected was 3xx or 204-205"),
            ("/", HTTPExpectation(headers: [rule("x-a", .equals("2"), true)]), nil),
            ("/", HTTPExpectation(headers: [rule("X-A", .equals("3"), true)]), "expected to be `3`, but it is `1`"),
            ("/", HTTPExpectation(headers: [rule("X-A", .contains("2"), false)]), "expected not to contain `2`"),
            ("/", HTTPExpectation(headers: [rule("X-B", .contains("2"), true)]), "the answer has no header X-B"),
            ("/", HTTPExpectation(headers: [rule("X-B", .contains("2"), false)]), nil),
            ("/", HTTPExpectation(body: [TextRule(test: .contains("t b"))]), nil),
            (
                "/", HTTPExpectation(body: [TextRule(test: .equals("x"))]),
                "the body (11 bytes) was expected to be `x`"
            ),
            ("/", HTTPExpectation(json: [try JqProgram(".a")]), "the body: "),
            ("/", HTTPExpectation(versions: [2]), "the answer is HTTP 1.1, expected was HTTP 2.0"),
            ("/", HTTPExpectation(tls: true), "came without TLS"),
            ("/", HTTPExpectation(within: .nanoseconds(1)), "allowed are 1ns"),
        ]
        for (path, expectation, message) in cases {
            let result = await run(server, path) { $0.expectation = expectation }
            let text = result.verdict.error?.message
            #expect(result.verdict.hasPassed == (message == nil), "\(text ?? "")")
            if let message { #expect(text?.contains(message) == true, "\(text ?? "") lacks \(message)") }
            #expect(text?.contains("secret body") != true)
        }
    }

    @Test func compressedBodiesAreJudgedAsTheyWere() async throws {
        let server = try HTTPTestServer { request in
            HTTPTestAnswer(String(repeating: "hello ", count: 100))
                .with(\.encoding, request.header("Accept-Encoding") == "gzip" ? .gzip : nil)
        }
        let result = await run(server) {
            $0.acceptEncoding = "gzip"
            $0.expectation.body = [TextRule(test: .contains("hello hello"))]
        }
        #expect(result.verdict.hasPassed, "\(String(describing: result.verdict.error))")
        #expect(result.value("probe_http_uncompressed_body_length") == 600)
        #expect(try #require(result.value("probe_http_content_length")) < 100)
    }

    @Test func limitsAreKept() async throws {
        let server = try HTTPTestServer { request in
            request.path == "/loop"
                ? .redirect(to: "/loop")
                : HTTPTestAnswer(String(repeating: "x", count: 65_536)).with(\.delivery, .endless)
        }
        let flooded = await run(server) { $0.maximumBodyBytes = 1000 }
        #expect(flooded.verdict.outcome == .body)
        let loop = await run(server, "/loop") { $0.maximumRedirects = 3 }
        #expect(loop.verdict.outcome == .redirect)
        #expect(loop.value("probe_http_status_code") == 302)
        #expect(loop.value("probe_http_redirects") == 4)
    }

    @Test func methodBodyAndHeadersArrive() async throws {
        let server = try HTTPTestServer { _ in
            HTTPTestAnswer("ok").with("Last-Modified", "Thu, 01 Jan 1970 00:01:00 GMT")
        }
        let result = await run(server) {
            $0.method = .put
            $0.body = Secret("payload")
            $0.access.headers = [("X-Probe", Secret("1"))]
            $0.addressFamily = .v4
            $0.version = .http10
        }
        #expect(result.verdict.hasPassed)
        #expect(result.value("probe_http_last_modified_timestamp_seconds") == 60)
        #expect(result.value("probe_ip_protocol") == 4)
        let request = try #require(server.requests.first)
        #expect(request.method == "PUT" && request.body == "payload" && request.header("X-Probe") == "1")
        #expect(request.head.contains("HTTP/1.0"))
        let other = await run(server) { $0.addressFamily = .v6 }
        #expect(!other.verdict.hasPassed)
    }
}
