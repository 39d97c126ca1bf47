import ExporterKit
import Synchronization
import TestSupport
import Testing

@testable import app_exporter

/// HTTP groups against a server that the test scripts: pages, credentials, retries, limits.
struct HTTPGroupTests {
    /// One source and one group that adds up `.n` of `.items`.
    private func groups(
        _ server: HTTPTestServer, source: String = "", paging: String? = nil, ask: String = "get: /list?a=b"
    ) throws -> GroupsUnderTest {
        try GroupsUnderTest(
            """
            sources: { api: { http: { base: "\(server.url("/v1"))"\(source.isEmpty ? "" : ", ")\(source) } } }
            groups:
              g:
                source: api
                \(ask)
                items: .items[]
                \(paging.map { "paging: \($0)" } ?? "")
                metrics: [{ gauge: total, reduce: sum, value: .n, help: Sum. }]
            """)
    }

    // MARK: - Pages

    /// Seven numbers, two per page.
    private static func page(_ number: Int) -> String {
        let items = (1...7).dropFirst(number * 2).prefix(2).map { "{\"n\":\($0)}" }.joined(separator: ",")
        let next = number < 3 ? "\"c\(number + 1)\"" : "null"
        return #"{"items":[\#(items)],"next":\#(next),"more":\#(number < 3)}"#
    }

    @Test(arguments: [
        ("cursor", "{ next: .next, parameter: after }"), ("cursor", "{ next: .next, parameter: after, more: .more }"),
        ("url", "{ next: .url }"), ("link", "{ link: true }"), ("page", "{ page: p }"),
        ("page", "{ page: p, more: .more }"), ("zero", "{ page: p, first: 0 }"),
    ])
    func everyPageCounts(kind: String, paging: String) async throws {
        let server = try HTTPTestServer { request in
            #expect(request.query["a"] == "b")
            switch kind {
            case "cursor": return HTTPTestAnswer(Self.page(request.query["after"].flatMap { Int($0.dropFirst()) } ?? 0))
            case "url":
                let number = request.query["at"].flatMap { Int($0) } ?? 0
                let url = number < 3 ? #""?a=b&at=\#(number + 1)""# : "null"
                return HTTPTestAnswer(Self.page(number).replacing("\"next\"", with: #""url":\#(url),"next""#))
            case "link":
                let number = request.query["at"].flatMap { Int($0) } ?? 0
                let answer = HTTPTestAnswer(Self.page(number))
                let last = "</v1/list?at=3>; rel=\"last\""
                return answer.with("Link", number < 3 ? "</v1/list?a=b&at=\(number + 1)>; rel=next, \(last)" : last)
            case "page": return HTTPTestAnswer(Self.page((request.query["p"].flatMap { Int($0) } ?? 0) - 1))
            default: return HTTPTestAnswer(Self.page(request.query["p"].flatMap { Int($0) } ?? 9))
            }
        }
        let groups = try groups(server, paging: paging)
        let findings = try await groups.run()
        #expect(findings.error == nil)
        #expect(findings.values == ["total": 28])
        let metrics = await groups.metrics()
        #expect((4...5).contains(metrics["app_exporter_client_pages_total{source=api}"] ?? 0))
        #expect(metrics["business_source_truncated{group=g}"] == 0)
        #expect(server.connections == 1)
    }

    @Test func aHalfSumIsNeverShown() async throws {
        let isBroken = Atomic(true)
        let server = try HTTPTestServer { request in
            let number = request.query["after"].flatMap { Int($0.dropFirst()) } ?? 0
            return number == 2 && isBroken.load(ordering: .relaxed)
                ? HTTPTestAnswer("", status: 500) : HTTPTestAnswer(Self.page(number))
        }
        let groups = try groups(server, paging: "{ next: .next, parameter: after }")
        let broken = try await groups.run()
        #expect(broken.values.isEmpty && broken.error?.reason == .query)
        #expect(await groups.metrics()["business_source_truncated{group=g}"] == 1)
        isBroken.store(false, ordering: .relaxed)
        #expect(try await groups.run().values == ["total": 28])
        #expect(await groups.metrics()["business_source_truncated{group=g}"] == 0)
    }

    @Test func morePagesThanAllowedGiveNothing() async throws {
        let server = try HTTPTestServer { request in
            HTTPTestAnswer(Self.page(request.query["after"].flatMap { Int($0.dropFirst()) } ?? 0))
        }
        let groups = try groups(server, paging: "{ next: .next, parameter: after, max_pages: 3 }")
        let findings = try await groups.run()
        #expect(findings.values.isEmpty)
        #expect(findings.error?.message.contains("more than 3 pages, so nothing is shown; raise max_pages") == true)
        #expect(server.requests.count == 3)
        #expect(await groups.metrics()["business_source_truncated{group=g}"] == 1)
    }

    @Test(arguments: [
        "http://127.0.0.1:1/v1/list", "https://example.com/", "//elsewhere/x", "ftp://127.0.0.1/", "http://",
    ])
    func pagesOfOtherHostsAreNotAsked(link: String) async throws {
        let server = try HTTPTestServer { _ in HTTPTestAnswer(#"{"items":[],"next":"\#(link)"}"#) }
        let findings = try await groups(server, source: "bearer: hidden", paging: "{ next: .next }").run()
        #expect(findings.error?.message.contains("pages of other hosts are not asked") == true)
        #expect(server.requests.count == 1)
    }

    @Test func pagesInACircleEnd() async throws {
        let server = try HTTPTestServer { _ in HTTPTestAnswer(#"{"items":[],"next":"same"}"#) }
        let findings = try await groups(server, paging: "{ next: .next, parameter: after }").run()
        #expect(findings.error?.message.contains("go round in a circle") == true)
        #expect(server.requests.count == 2)
    }

    @Test(arguments: [
        (#"<https://a/2>; rel="next", <https://a/9>; rel="last""#, "https://a/2"),
        (#"<https://a/1>; rel="prev", </2?x=1,2>; title="a, b"; rel="NEXT""#, "/2?x=1,2"),
        (#"</3>;rel="last next""#, "/3"), (#"</3>; rel="last""#, nil), ("", nil), ("</3", nil), ("</3>; next", nil),
    ])
    func linkHeadersAreRead(header: String, expected: String?) {
        #expect(Paging.next(in: header) == expected)
    }

    // MARK: - Requests

    @Test func postSendsItsBody() async throws {
        let server = try HTTPTestServer { _ in HTTPTestAnswer(#"{"items":[{"n":2}]}"#) }
        let ask =
            #"{ post: /search?x=y, json: { query: "a \"b\"", size: 10, deep: [true, null, "1", 007, no] }, items: ".items[]", metrics: [{ gauge: total, reduce: sum, value: .n, help: S. }], source: api }"#
        let groups = try GroupsUnderTest(
            """
            sources: { api: { http: { base: "\(server.url("/v1"))" } } }
            groups: { g: \(ask) }
            """)
        #expect(try await groups.run().values == ["total": 2])
        let request = try #require(server.requests.first)
        #expect(request.method == "POST" && request.target == "/v1/search?x=y")
        #expect(request.header("content-type") == "application/json")
        #expect(request.body == #"{"query":"a \"b\"","size":10,"deep":[true,null,"1","007","no"]}"#)
    }

    @Test func headersAndKeysAreReadForEachRequest() async throws {
        let key = try SecretFile("one")
        let server = try HTTPTestServer { _ in HTTPTestAnswer(#"{"items":[]}"#) }
        let groups = try groups(server, source: "headers: { X-Api-Key: { file: \"\(key.path)\" } }")
        _ = try await groups.run()
        try key.write("two")
        _ = try await groups.run()
        #expect(server.requests.map { $0.header("x-api-key") } == ["one", "two"])
    }

    @Test func redirectsAreOffUnlessAskedFor() async throws {
        let server = try HTTPTestServer { request in
            request.path == "/v1/list" ? .redirect(to: "/there") : HTTPTestAnswer(#"{"items":[{"n":1}]}"#)
        }
        let refused = try await groups(server).run()
        #expect(refused.error?.message.contains("answered 302; ask the address it redirects to") == true)
        #expect(try await groups(server, source: "follow_redirects: true").run().values == ["total": 1])
    }

    // MARK: - Retries

    @Test(arguments: [
        ("[5xx]", 503, 2), ("[network]", 503, 1), ("[503]", 503, 2), ("[409, 5xx]", 409, 2), ("[5xx]", 409, 1),
        ("[4xx]", 429, 2), ("[network]", 0, 2), ("[5xx]", 0, 1),
    ])
    func onlyWhatIsListedIsSentAgain(after: String, status: Int, expected: Int) async throws {
        let count = Atomic(0)
        let server = try HTTPTestServer { _ in
            guard count.wrappingAdd(1, ordering: .relaxed).newValue == 1 else {
                return HTTPTestAnswer(#"{"items":[{"n":5}]}"#)
            }
            return status == 0 ? nil : HTTPTestAnswer("", status: status)
        }
        let groups = try groups(server, source: "retry: { attempts: 3, after: \(after), backoff: 1ms..5ms }")
        let findings = try await groups.run()
        #expect(count.load(ordering: .relaxed) == expected)
        #expect(findings.values == (expected == 2 ? ["total": 5] : [:]))
        let reason = status == 0 ? "network" : status == 429 ? "rate_limited" : "\(status / 100)xx"
        let retries = await groups.metrics()["app_exporter_client_retries_total{reason=\(reason),source=api}"]
        #expect(retries == (expected == 2 ? 1 : nil))
    }

    @Test func attemptsHaveAnEnd() async throws {
        let server = try HTTPTestServer { _ in HTTPTestAnswer("", status: 500) }
        let groups = try groups(server, source: "retry: { attempts: 4, after: [5xx], backoff: 1ms..2ms }")
        #expect(try await groups.run().error?.message.contains("answered 500") == true)
        #expect(server.requests.count == 4)
        #expect(await groups.metrics()["app_exporter_client_requests_total{result=5xx,source=api}"] == 4)
    }

    @Test func retryAfterIsObeyedWithinARunAndBeyond() async throws {
        let server = try HTTPTestServer { _ in HTTPTestAnswer("", status: 429).with("Retry-After", "60") }
        let groups = try groups(server, source: "retry: { attempts: 3, after: [429], backoff: 1ms..2ms }")
        #expect(try await groups.run(within: .seconds(5)).error?.message.contains("answered 429") == true)
        let second = try await groups.run(within: .seconds(5))
        #expect(second.error?.message.contains("asked for a pause (Retry-After)") == true)
        #expect(server.requests.count == 1)
        #expect(await groups.metrics()["app_exporter_client_requests_total{result=rate_limited,source=api}"] == 1)
    }

    @Test func retryAfterThatFitsIsWaitedFor() async throws {
        let count = Atomic(0)
        let server = try HTTPTestServer { _ in
            count.wrappingAdd(1, ordering: .relaxed).newValue == 1
                ? HTTPTestAnswer("", status: 503).with("Retry-After", "1") : HTTPTestAnswer(#"{"items":[]}"#)
        }
        let groups = try groups(server, source: "retry: { attempts: 2, after: [503], backoff: 1ms..2ms }")
        let began = ContinuousClock.now
        #expect(try await groups.run().error == nil)
        #expect(began.duration(to: .now) >= .milliseconds(950))
    }

    @Test func pausesGrowAndStayWithinBounds() {
        let policy = RetryPolicy(attempts: 9, causes: [.network])
        let longest = (0..<5).map { policy.pause(before: $0, chance: 1) }
        #expect(longest == [.milliseconds(500), .seconds(1), .milliseconds(2_500), .seconds(5), .seconds(5)])
        #expect(policy.pause(before: 0, chance: 0) == .milliseconds(375))
    }

    // MARK: - Limits

    @Test func theRateHoldsForAllGroupsOfASource() async throws {
        let server = try HTTPTestServer { _ in HTTPTestAnswer("1") }
        let names = ["a", "b", "c", "d", "e", "f"]
        let groups = try GroupsUnderTest(
            """
            sources: { api: { http: { base: "\(server.url())", rate: 20/s, max_connections: 8 } } }
            groups:
            \(names.map { "  \($0): { source: api, get: /\($0), metrics: [{ gauge: \($0), value: ., help: A. }] }" }.joined(separator: "\n"))
            """)
        let began = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for name in names {
                tasks.addTask {
                    let findings = try await groups.run(name)
                    #expect(findings.error == nil)
                }
            }
            try await tasks.waitForAll()
        }
        // Six requests are five gaps of 50 ms.
        #expect(began.duration(to: .now) >= .milliseconds(240))
        #expect((await groups.metrics()["app_exporter_client_throttled_seconds_total{source=api}"] ?? 0) > 0.2)
    }

    @Test func aTurnThatComesTooLateIsNotWaitedFor() async throws {
        let server = try HTTPTestServer { _ in HTTPTestAnswer(#"{"items":[]}"#) }
        let groups = try groups(server, source: "rate: 1/m")
        #expect(try await groups.run().error == nil)
        let began = ContinuousClock.now
        let second = try await groups.run(within: .seconds(5))
        #expect(second.error?.reason == .timeout)
        #expect(second.error?.message.contains("raise rate or the interval") == true)
        #expect(began.duration(to: .now) < .seconds(2))
    }

    @Test func bodiesBeyondTheLimitAreCutAlsoWhenCompressed() async throws {
        let server = try HTTPTestServer { request in
            let big = HTTPTestAnswer([UInt8](repeating: 0x20, count: 1 << 22))
            return request.query["a"] == "b" ? big.with(\.encoding, .gzip) : big.with(\.delivery, .endless)
        }
        for ask in ["get: /list?a=b", "get: /list"] {
            let findings = try await groups(server, source: "max_body: 64KiB", ask: ask).run()
            #expect(findings.error?.reason == .decode)
            #expect(findings.error?.message.contains("larger than 65536 bytes") == true)
        }
    }
}
