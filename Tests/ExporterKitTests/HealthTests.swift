import Foundation
import Synchronization
import Testing

@testable import ExporterKit

@Suite struct HealthTests {
    private struct Wrong: Error {}

    /// A source with a collector that fared badly, one that had nothing to tell and one that did not run yet.
    private struct Toys: MetricSource {
        var collectors: [CollectorStatus] {
            let bad = CollectorError(.permission, "user secret@10.0.0.1 may not")
            return [
                CollectorStatus(
                    CollectorDescriptor("bad", "B."),
                    last: CollectorOutcome(duration: .milliseconds(3), series: 0, error: bad)),
                CollectorStatus(
                    CollectorDescriptor("calm", "C."),
                    last: CollectorOutcome(duration: .zero, series: 0, error: CollectorError(.noData, "none"))),
                CollectorStatus(CollectorDescriptor("new", "N.")),
            ]
        }

        func families(for request: ScrapeRequest) async -> [MetricFamily] { [] }
    }

    private func ask(
        _ path: String, _ checks: [HealthCheck] = [], sources: [any MetricSource] = []
    ) async throws -> (status: Int, json: [String: Any], text: String) {
        var answer: (Int, [String: Any], String)?
        try await withServer(sources, { $0.healthChecks = checks }) { server, _ in
            let response = await server.respond(to: HTTPRequest(target: path))
            #expect(response.headers.contains { $0 == ("Cache-Control", "no-store") })
            #expect(response.headers.contains { $0 == ("Content-Type", "application/json") })
            let json = try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any]
            answer = (response.status, try #require(json), String(decoding: response.body, as: UTF8.self))
        }
        return try #require(answer)
    }

    @Test func tellsEveryCheckAndCollector() async throws {
        let answer = try await ask(
            "/health",
            [
                HealthCheck("good") { _ in },
                HealthCheck("wrong", isCritical: false) { _ in throw Wrong() },
                HealthCheck("refused", isCritical: false) { _ in throw CollectorError(.authentication, "password 123")
                },
            ], sources: [Toys()])
        #expect(answer.status == 200)
        #expect(answer.json["status"] as? String == "degraded")
        let checks = try #require(answer.json["checks"] as? [[String: Any]])
        let told = checks.map { "\($0["name"] ?? "") \($0["status"] ?? "") \($0["reason"] ?? "")" }
        #expect(
            told == [
                "good healthy <null>", "wrong unhealthy error", "refused unhealthy authentication",
                "collector.bad unhealthy permission", "collector.calm healthy no_data", "collector.new unknown <null>",
            ])
        #expect(checks[0]["response_time_ms"] as? Double ?? -1 >= 0)
        #expect((checks[0]["timestamp"] as? String)?.contains(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) == true)
        #expect(checks[3]["response_time_ms"] as? Double == 3)
        let resources = try #require(answer.json["resources"] as? [String: Any])
        #expect(resources["resident_memory_bytes"] as? Double ?? 0 > 1_000_000)
        #expect(!answer.text.contains("secret") && !answer.text.contains("123") && !answer.text.contains("10.0.0.1"))
    }

    @Test(arguments: [
        ("/health", true, 503, "unhealthy"), ("/health", false, 200, "degraded"),
        ("/health/ready", true, 503, "not_ready"), ("/health/ready", false, 200, "ready"),
        ("/health/live", true, 200, "alive"),
    ])
    func onlyWhatIsCriticalIsFatal(path: String, isCritical: Bool, status: Int, word: String) async throws {
        let check = HealthCheck("wrong", isCritical: isCritical) { _ in throw Wrong() }
        let answer = try await ask(path, [check])
        #expect(answer.status == status && answer.json["status"] as? String == word)
    }

    /// It heeds neither its deadline nor its cancellation.
    @Test func hangingCheckCostsOnlyItself() async throws {
        let calls = Mutex(0)
        let release = Gate()
        let checks = [
            HealthCheck("hangs", timeout: .milliseconds(100)) { _ in
                calls.withLock { $0 += 1 }
                await release.waitStubbornly()
            },
            HealthCheck("good") { _ in },
        ]
        try await withServer([], { $0.healthChecks = checks }) { server, _ in
            for _ in 0..<3 {
                let began = ContinuousClock.now
                let answer = await server.respond(to: HTTPRequest(target: "/health"))
                #expect(began.duration(to: .now) < .seconds(30))
                #expect(answer.status == 503)
                let text = String(decoding: answer.body, as: UTF8.self)
                #expect(
                    text.contains(
                        "\"name\":\"hangs\",\"status\":\"unhealthy\",\"critical\":true,\"reason\":\"timeout\""))
                #expect(text.contains("\"name\":\"good\",\"status\":\"healthy\""))
            }
            // Not asked again while it hangs; on a busy machine the task that asks may begin late.
            #expect(await eventually { calls.withLock { $0 } > 0 } && calls.withLock { $0 } == 1)
            release.open()
            var status = 503
            for _ in 0..<1000 where status != 200 {
                try await Task.sleep(for: .milliseconds(10))
                status = await server.respond(to: HTTPRequest(target: "/health/ready")).status
            }
            #expect(status == 200)
        }
    }

    /// Who is told that a call took too long may at once want to know whether it still runs.
    @Test func lateCallIsCountedBeforeItsCallerKnows() async {
        let (alarm, release) = (Alarm(), Gate())
        for _ in 0..<500 {
            let late = LateCalls()
            let call = BoundedCall(alarm, late: late) { await release.waitStubbornly() }
            #expect(await call.value(until: .after(.microseconds(200))) == nil)
            #expect(late.isAny)
        }
        release.open()
    }

    @Test func simultaneousCallersShareTheChecks() async throws {
        let calls = Mutex(0)
        let release = Gate()
        let check = HealthCheck("slow", timeout: .seconds(60)) { _ in
            calls.withLock { $0 += 1 }
            _ = await release.wait()
        }
        try await withServer([], { $0.healthChecks = [check] }) { server, _ in
            await withTaskGroup { group in
                for _ in 0..<10 {
                    group.addTask {
                        let answer = await server.respond(to: HTTPRequest(target: "/health"))
                        #expect(answer.status == 200)
                    }
                }
                _ = await eventually { calls.withLock { $0 } > 0 }
                try? await Task.sleep(for: .milliseconds(50))
                release.open()
            }
            #expect(calls.withLock { $0 } == 1)
        }
    }

    @Test(arguments: [
        "", "plain", "\"\\/\u{8}\u{c}\n\r\t", "\u{0}\u{1f}\u{7f}\u{2028}", "äöü 日本 👩‍👩‍👧", "a\u{301}", "\u{10FFFF}",
    ])
    func anyTextSurvivesJSON(text: String) throws {
        let bytes = JSONValue.object([(text, .array([.string(text), .number(-0.5), .number(.nan), .bool(true)]))]).bytes
        let json = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: [Any]]
        let (key, values) = try #require(json?.first)
        #expect(Array(key.unicodeScalars) == Array(text.unicodeScalars))
        #expect((values[0] as? String).map { Array($0.unicodeScalars) } == Array(text.unicodeScalars))
        #expect(values[1] as? Double == -0.5 && values[2] is NSNull && values[3] as? Bool == true)
    }
}
