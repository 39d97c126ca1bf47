import CurlClient
import ExporterCommand
import Foundation
import Testing

@testable import app_exporter

/// Flows are read as written, and every kind of mistake is told with its place.
struct FlowConfigurationTests {
    private func read(_ text: String) throws -> AppConfiguration {
        try ConfigurationReader.read(YAMLDocument(text: text, name: "app.yaml"))
    }

    private func refusal(_ steps: String) throws -> String {
        do {
            _ = try read("flows:\n  shop:\n    base: https://shop.example\n    timeout: 8s\n    steps:\n\(steps)")
        } catch {
            return "\(error)"
        }
        Issue.record("accepted")
        return ""
    }

    @Test func theExampleIsAccepted() throws {
        let path = #filePath.replacing(
            "Tests/AppExporterTests/FlowConfigurationTests.swift", with: "docs/examples/flows.yaml")
        setenv("PROBE_PASSWORD", "x", 1)
        let configuration = try ConfigurationReader.read(YAMLDocument(file: path))
        #expect(configuration.flows.map(\.name) == ["login-and-search", "order", "shop-front"])
        #expect(configuration.flows[1].steps.last?.isAlways == true)
    }

    @Test func everyKeyOfAStepIsRead() throws {
        let configuration = try read(
            """
            flows:
              shop:
                interval: 2m
                timeout: 20s
                base: "https://shop.example/api?x=1"
                cookies: true
                headers: { X-Flow: "yes" }
                steps:
                  - name: login
                    post: /login
                    json: { user: probe, age: 42, ok: true, none: ~, tags: [a, "1"], id: "{run_id}" }
                    expect: { status: [200, 201], headers: { Content-Type: { contains: json } }, within: 2s, json: .ok }
                    extract: { token: .accessToken, next: { header: Location }, etag: { header: ETag, jq: ".[1:]" } }
                  - { name: out, delete: "/s/{token}", bearer: "{token}", always: true, timeout: 2s, think: 1s }
            """)
        let flow = try #require(configuration.flows.first)
        #expect(flow.target == "https://shop.example/api")
        #expect(flow.timing.interval == .seconds(120))
        #expect(flow.keepsCookies)
        #expect(flow.cleanUpReserve == .seconds(2))
        let (login, out) = (flow.steps[0], flow.steps[1])
        #expect(login.method == .post && out.method == .delete)
        #expect(login.expectation.statuses == [200...200, 201...201])
        #expect(login.expectation.headers.map(\.name) == ["Content-Type"])
        #expect(login.extractions.map(\.variable) == ["token", "next", "etag"])
        #expect(out.variables == ["token", "token"])
        let body = try #require(login.body)
        let text = String(decoding: try body.bytes(with: FlowVariables(runID: 0xab)), as: UTF8.self)
        #expect(
            text == #"{"user":"probe","age":42,"ok":true,"none":null,"tags":["a","1"],"id":"00000000000000ab"}"#)
    }

    @Test(arguments: [
        (
            "      - { name: a, get: /, extract: { tokn: .t } }\n      - { name: b, get: '/{token}' }",
            "app.yaml:7:25: no step before this one extracts {token} (did you mean tokn?)"
        ),
        (
            "      - { name: a, get: '/{later}' }\n      - { name: b, get: /, extract: { later: .x } }",
            "app.yaml:6:25: no step before this one extracts {later}; known are run_id"
        ),
        (
            "      - { name: a, get: /, bearer: {token} }",
            "app.yaml:6:36: a variable must stand in quotes: \"{token}\""
        ),
        (
            "      - { name: a, get: / }\n      - { name: a, get: / }",
            "app.yaml:7:17: there are two steps a; give each a name of its own"
        ),
        ("      - { name: a, get: /, json: {} }", "app.yaml:6:34: get sends no body; use post, put, patch or delete"),
        (
            "      - { name: a, post: /, json: {}, form: {} }",
            "app.yaml:6:45: a step has one of json, form and body, not two"
        ),
        (
            "      - { name: a, get: /, post: / }",
            "app.yaml:6:9: a step needs exactly one of get, head, post, put, patch, delete, with a path"
        ),
        (
            "      - { name: a, get: v1/x }",
            "app.yaml:6:25: get must begin with /, http://, https:// or a {variable}"
        ),
        (
            "      - { name: a, get: /, timeout: 9s }",
            "app.yaml:6:37: timeout must be less than the flow's timeout of 8s, not 9s"
        ),
        (
            "      - { name: a, get: /, always: true, timeout: 5s }\n"
                + "      - { name: b, get: /x, always: true, timeout: 4s }",
            "app.yaml:6:7: the timeouts of the clean-up steps take the whole timeout of 8s; "
                + "make them shorter or the flow's longer"
        ),
        (
            "      - { name: a, get: /, expects: { status: 200 } }",
            "app.yaml:6:28: unknown key expects in a step (did you mean expect?)"
        ),
        (
            "      - { name: a, get: /, extract: { run_id: .x } }",
            "app.yaml:6:39: `run_id` cannot be the name of a variable; use letters, digits and _"
        ),
        (
            "      - { name: a, get: /, extract: { x: { cookie: y } } }",
            "app.yaml:6:44: unknown key cookie in an extraction; known are header, jq"
        ),
    ])
    func mistakesAreToldWithTheirPlace(steps: String, expected: String) throws {
        #expect(try refusal(steps) == expected)
    }

    @Test func aFlowCannotHaveTheNameOfAProbe() throws {
        #expect(throws: ConfigurationError.self) {
            try read(
                """
                probes: { one: { http: "http://a.example/" } }
                flows: { one: { base: "http://a.example", steps: [{ name: a, get: / }] } }
                """)
        }
    }

    @Test(arguments: [
        ("plain", "plain"), ("/a/{x}/b", "/a/v 1/b"), ("{{x}}", "{x}"), ("{\"a\": {\"b\": 1}}", "{\"a\": {\"b\": 1}}"),
        ("{x}{x}", "v 1v 1"), ("{ x }", "{ x }"), ("{1x}", "{1x}"), ("a{", "a{"), ("{{x}", "{v 1"), ("", ""),
    ])
    func variablesAreFoundInTexts(source: String, expected: String) throws {
        var values = FlowVariables()
        values.set("x", .init("v 1"))
        #expect(try FlowText(source).expanded(with: values) == expected)
    }

    @Test func aValueThatIsOnlyAVariableKeepsItsKind() throws {
        var values = FlowVariables()
        values.set("n", try #require(.init(JSONScalar.number(42))))
        values.set("b", try #require(.init(JSONScalar.bool(true))))
        values.set("t", .init("a\"\\\n\u{1}é"))
        let tree = FlowJSON.array(["{n}", "{b}", "n{n}", "{t}"].map { .text(.text(FlowText($0))) })
        #expect(try tree.text(with: values) == #"[42,true,"n42","a\"\\\n\u0001é"]"#)
        #expect(FlowVariables.Value(JSONScalar.null)?.json == nil)
        #expect(FlowVariables.Value(JSONScalar.compound)?.json == nil)
    }

    @Test func formsAndPathsArePercentEncoded() throws {
        var values = FlowVariables()
        values.set("q", .init("a b&c=ä/~"))
        let form = FlowBody.form([("the key", .text(FlowText("{q}")))])
        #expect(String(decoding: try form.bytes(with: values), as: UTF8.self) == "the%20key=a%20b%26c%3D%C3%A4%2F~")
    }
}
