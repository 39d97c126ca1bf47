import Foundation
import Synchronization
import TestSupport
import Testing

/// A shop with sessions, tokens and orders, as flows go through it. Counts what is left behind.
private final class Shop: Sendable {
    private struct State {
        var sessions: Set<String> = []
        var orders: [Int: String] = [:]
        var next = 41
    }
    private let state = Mutex(State())
    private let server = Mutex<HTTPTestServer?>(nil)
    /// Paths that never answer.
    let hanging: Set<String>
    /// Paths that answer 500.
    let broken: Set<String>

    static let password = "probe-pässword"
    static let token = "tok-5up3r-s3cret"

    init(hanging: Set<String> = [], broken: Set<String> = []) throws {
        self.hanging = hanging
        self.broken = broken
        let made = try HTTPTestServer { [weak self] request in self?.answer(request) }
        server.withLock { $0 = made }
    }

    var requests: [HTTPTestRequest] { server.withLock { $0?.requests ?? [] } }
    func url(_ path: String = "") -> String { server.withLock { $0?.url(path) ?? "" } }
    /// What nobody took away again.
    var leftOver: Int { state.withLock { $0.orders.count } }

    private func answer(_ request: HTTPTestRequest) -> HTTPTestAnswer? {
        if hanging.contains(request.path) { return HTTPTestAnswer("late").with(\.delay, .seconds(60)) }
        if broken.contains(request.path) { return HTTPTestAnswer("broken \(Self.token)", status: 500) }
        let isOurs = request.header("authorization") == "Bearer \(Self.token)"
        let cookies = (request.header("cookie") ?? "").split(separator: "; ").map(String.init)
        let session = cookies.first { $0.hasPrefix("session=") }
        switch (request.method, request.path) {
        case ("POST", "/api/login"):
            guard request.body == #"{"user":"probe","password":"\#(Self.password)"}"# else {
                return HTTPTestAnswer("no", status: 401)
            }
            return HTTPTestAnswer(#"{"accessToken":"\#(Self.token)","ok":true}"#).with(
                "Content-Type", "application/json")
        case ("GET", "/api/search"):
            guard isOurs, request.query["q"] == "a b&c" else { return HTTPTestAnswer("", status: 403) }
            return HTTPTestAnswer(#"{"items":[{"id":7}]}"#)
        case ("POST", "/api/orders"):
            guard isOurs, request.header("content-type") == "application/json" else {
                return HTTPTestAnswer("", status: 403)
            }
            let number = state.withLock { state in
                state.next += 1
                state.orders[state.next] = request.body
                return state.next
            }
            return HTTPTestAnswer(#"{"id":\#(number)}"#, status: 201).with("Location", "/api/orders/\(number)")
        case ("PUT", _) where isOurs:
            return HTTPTestAnswer(#"{"sent":\#(request.body)}"#)
        case ("DELETE", _) where isOurs:
            let number = Int(request.path.split(separator: "/").last ?? "") ?? 0
            let isKnown = state.withLock { $0.orders.removeValue(forKey: number) != nil }
            return HTTPTestAnswer("", status: isKnown ? 204 : 404)
        case ("GET", "/"):
            let fresh = "session=\(UUID().uuidString)"
            _ = state.withLock { $0.sessions.insert(fresh) }
            return HTTPTestAnswer("Welcome").with("Set-Cookie", "\(fresh); Path=/; HttpOnly")
        case ("POST", "/signin"):
            guard session != nil, request.form["password"] == Self.password else {
                return HTTPTestAnswer("", status: 403)
            }
            return .redirect(to: "/home", status: 303).with("Set-Cookie", "signed=yes; Path=/home")
                .with("Set-Cookie", "narrow=no; Path=/elsewhere")
        case ("GET", "/home"):
            guard let session, state.withLock({ $0.sessions.contains(session) }), cookies.contains("signed=yes"),
                !cookies.contains("narrow=no")
            else { return HTTPTestAnswer("who are you?", status: 403) }
            return HTTPTestAnswer("Hello, probe. Sign out")
        default: return HTTPTestAnswer("nothing here", status: 404)
        }
    }
}

/// Flows of app-exporter against a server that keeps sessions and orders.
@Suite struct AppFlowIntegrationTests {
    private let secret = ["SHOP_PASSWORD": Shop.password]

    private func label(_ flow: String, _ shop: Shop, _ path: String = "") -> String {
        "{kind=\"flow\",probe=\"\(flow)\",target=\"\(shop.url(path))\"}"
    }

    private func orders(_ shop: Shop, timeout: String = "5s", cancel: String = "") -> String {
        """
        flows:
          order:
            interval: 5s
            timeout: \(timeout)
            stale_after: 60s
            base: "\(shop.url("/api"))"
            steps:
              - name: login
                post: /login
                json: { user: probe, password: { env: SHOP_PASSWORD } }
                expect: { status: 200, json: .ok, headers: { Content-Type: { contains: json } } }
                extract: { token: .accessToken }
              - { name: search, get: "/search?q={{x}}", bearer: "{token}" }
              - name: create
                post: /orders
                bearer: "{token}"
                json: { reference: "r-{run_id}" }
                expect: { status: 201 }
                extract: { id: .id, place: { header: Location }, digits: { header: Location, jq: 'split("/")[-1] | tonumber' } }
              - name: change
                put: "{place}"
                headers: { Authorization: "Bearer {token}" }
                json: { id: "{id}", digits: "{digits}", text: "n {id}" }
                expect: { json: '.sent == {id: \(41 + 1), digits: 42, text: "n 42"}' }
              - { name: cancel, always: true, delete: "/orders/{id}", bearer: "{token}", expect: { status: 204 }\(cancel) }
        defaults: { jitter: 0% }
        """.replacing("{{x}}", with: "a%20b%26c")
    }

    @Test func aTokenGoesFromStepToStepAndOrdersAreCleanedUp() async throws {
        let shop = try Shop()
        let app = try AppExporterUnderTest(orders(shop), environment: secret)
        let all = label("order", shop, "/api")
        let values = try await app.scrape { $0["probe_success\(all)"] != nil }
        #expect(values["probe_success\(all)"] == 1, "\(app.process.standardError)")
        for step in ["login", "search", "create", "change", "cancel"] {
            #expect(values["probe_flow_step_success{probe=\"order\",step=\"\(step)\"}"] == 1, "\(step)")
            #expect((values["probe_flow_step_duration_seconds_count{probe=\"order\",step=\"\(step)\"}"] ?? 0) >= 1)
        }
        #expect(values["probe_flow_runs_total{failed_step=\"\",probe=\"order\",result=\"ok\"}"] == 1)
        #expect(values["probe_flow_runs_total{failed_step=\"login\",probe=\"order\",result=\"failed\"}"] == 0)
        #expect(values["probe_flow_cleanup_failures_total{probe=\"order\"}"] == 0)
        #expect(
            values["probe_runs_total{kind=\"flow\",probe=\"order\",result=\"ok\",target=\"\(shop.url("/api"))\"}"] == 1)
        #expect((values["probe_last_success_timestamp_seconds\(all)"] ?? 0) > 1.6e9)
        #expect((values["probe_duration_seconds\(all)"] ?? 0) > 0)
        #expect(shop.leftOver == 0)
        let created = try #require(shop.requests.first { $0.path == "/api/orders" })
        #expect(created.body.wholeMatch(of: /\{"reference":"r-[0-9a-f]{16}"\}/) != nil)
    }

    @Test func cookiesLastOneRunAndFollowRedirects() async throws {
        let shop = try Shop()
        let app = try AppExporterUnderTest(
            """
            flows:
              front:
                interval: 1s
                timeout: 1s
                base: "\(shop.url())"
                cookies: true
                follow_redirects: true
                headers: { X-Synthetic: "yes" }
                steps:
                  - { name: front, get: /, expect: { body: Welcome } }
                  - { name: signin, post: /signin, form: { user: probe, password: { env: SHOP_PASSWORD } }, expect: { body: Sign out } }
                  - { name: home, get: /home, expect: { status: 200, body: "Hello, probe" } }
              forgetful:
                interval: 1s
                timeout: 1s
                base: "\(shop.url())"
                steps:
                  - { name: front, get: / }
                  - { name: home, get: /home }
                  - { name: never, get: / }
            """, environment: secret)
        let ok = "probe_flow_runs_total{failed_step=\"\",probe=\"front\",result=\"ok\"}"
        let values = try await app.scrape {
            ($0[ok] ?? 0) >= 2 && $0["probe_success\(label("forgetful", shop, "/"))"] != nil
        }
        #expect(values["probe_success\(label("front", shop, "/"))"] == 1, "\(app.process.standardError)")
        #expect(values["probe_success\(label("forgetful", shop, "/"))"] == 0)
        #expect(values["probe_flow_step_success{probe=\"forgetful\",step=\"front\"}"] == 1)
        #expect(values["probe_flow_step_success{probe=\"forgetful\",step=\"home\"}"] == 0)
        #expect(values["probe_flow_step_success{probe=\"forgetful\",step=\"never\"}"] == nil)
        let first = shop.requests.filter { $0.path == "/" && $0.header("x-synthetic") == "yes" }
        #expect(
            first.count >= 2 && first.allSatisfy { $0.header("cookie") == nil }, "each run begins with an empty jar")
    }

    @Test func afterAHangingStepThereIsTimeToCleanUp() async throws {
        let shop = try Shop(hanging: ["/api/orders/42"])
        // The change hangs; so would the clean-up, were it sent to the same path.
        let text = orders(shop, timeout: "2s").replacing("delete: \"/orders/{id}\"", with: "delete: \"/orders/x/{id}\"")
        let app = try AppExporterUnderTest(text, environment: secret)
        let values = try await app.scrape { $0["probe_success\(label("order", shop, "/api"))"] != nil }
        #expect(values["probe_flow_step_success{probe=\"order\",step=\"change\"}"] == 0)
        #expect(values["probe_flow_step_success{probe=\"order\",step=\"cancel\"}"] == 1)
        #expect(values["probe_flow_cleanup_failures_total{probe=\"order\"}"] == 0)
        let runs = "probe_runs_total{kind=\"flow\",probe=\"order\",result=\"timeout\",target=\"\(shop.url("/api"))\"}"
        #expect(values[runs] == 1)
        #expect((values["probe_duration_seconds\(label("order", shop, "/api"))"] ?? 9) < 2.1)
        #expect(shop.leftOver == 0)
    }

    @Test func aFailingCleanUpIsCountedAndAFailingLoginLeavesNothingToClean() async throws {
        let (dirty, closed) = (try Shop(broken: ["/api/orders/42"]), try Shop(broken: ["/api/login"]))
        let app = try AppExporterUnderTest(orders(dirty), environment: secret)
        let other = try AppExporterUnderTest(orders(closed), environment: secret)
        let values = try await app.scrape { $0["probe_success\(label("order", dirty, "/api"))"] != nil }
        #expect(values["probe_flow_step_success{probe=\"order\",step=\"cancel\"}"] == 0)
        #expect(values["probe_flow_cleanup_failures_total{probe=\"order\"}"] == 1)
        #expect(values["probe_flow_runs_total{failed_step=\"change\",probe=\"order\",result=\"failed\"}"] == 1)
        let refused = try await other.scrape { $0["probe_success\(label("order", closed, "/api"))"] != nil }
        #expect(refused["probe_flow_step_success{probe=\"order\",step=\"login\"}"] == 0)
        #expect(refused["probe_flow_step_success{probe=\"order\",step=\"cancel\"}"] == nil)
        #expect(refused["probe_flow_cleanup_failures_total{probe=\"order\"}"] == 0)
        #expect(closed.requests.count == 1)
        // What failed is said, what was sent or found is not.
        for (process, step) in [(app.process, "change"), (other.process, "login")] {
            let log = process.standardError
            #expect(log.contains("step \(step): ") && log.contains("the server answered 500"), "\(log)")
            for word in [Shop.password, Shop.token, "orders/42"] { #expect(!log.contains(word), "\(log)") }
        }
    }

    @Test func aProgramThatEndsCleansUpFirst() async throws {
        let shop = try Shop(hanging: ["/api/orders/42"])
        let text = orders(shop).replacing("delete: \"/orders/{id}\"", with: "delete: \"/orders/x/{id}\"")
        let app = try AppExporterUnderTest(text, environment: secret)
        _ = try await app.url()
        let isUnderWay = try await eventually(within: .seconds(10)) { shop.leftOver == 1 }
        #expect(isUnderWay, "\(app.process.standardError)")
        app.process.signal(SIGTERM)
        let isClean = try await eventually(within: .seconds(10)) { shop.leftOver == 0 }
        #expect(isClean, "\(app.process.standardError)")
    }

    @Test func aVariableLeadsToNoOtherHost() async throws {
        let trap = try HTTPTestServer(["/": "trapped"])
        let site = try HTTPTestServer { request in
            request.path == "/" ? HTTPTestAnswer("").with("Location", trap.url("/")) : nil
        }
        let app = try AppExporterUnderTest(
            """
            flows:
              stray:
                base: "\(site.url())"
                headers: { X-Key: { env: SHOP_PASSWORD } }
                steps:
                  - { name: front, get: /, extract: { next: { header: Location } } }
                  - { name: next, get: "{next}" }
              abroad:
                base: "\(site.url())"
                headers: { X-Key: { env: SHOP_PASSWORD } }
                steps:
                  - { name: trap, get: "\(trap.url("/"))" }
            defaults: { jitter: 0% }
            """, environment: secret)
        let values = try await app.scrape {
            $0["probe_flow_step_success{probe=\"stray\",step=\"next\"}"] != nil
                && $0["probe_flow_step_success{probe=\"abroad\",step=\"trap\"}"] != nil
        }
        #expect(values["probe_flow_step_success{probe=\"stray\",step=\"next\"}"] == 0)
        #expect(values["probe_flow_step_success{probe=\"abroad\",step=\"trap\"}"] == 1)
        #expect(trap.requests.count == 1, "only the address that stands in the file is asked")
        #expect(trap.requests.first?.header("x-key") == nil, "headers of the flow stay at home")
        #expect(site.requests.first?.header("x-key") == Shop.password)
        #expect(app.process.standardError.contains("{next} leads to another host"))
    }
}
