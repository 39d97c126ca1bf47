import Foundation
import Testing

/// Logins, headers and the rate limit of `web.config.yml` under curl.
@Suite(.serialized) struct WebConfigLoginTests {
    /// `sesame` at cost 4; `correct horse` at cost 5.
    private static let users = """
        basic_auth_users:
          ann: $2a$04$H3cUKluFJ9Exajh.4XgE8u5rUy0HAd7OyVY8O/IeGF5IWeUO8Qx.O
          bob: $2y$05$nllCGO1VlNC8PJSK7rfIUuD5dLbw6srt4lN4Ek0yG7MuqyHed8x/e
        http_server_config:
          headers: { Strict-Transport-Security: max-age=60 }

        """

    @Test(arguments: ["--http2", "--http1.1"])
    func loginsAreChecked(version: String) async throws {
        let site = try await WebConfigSite(tls: [], Self.users)
        // Good, seen before, wrong after it was seen, and good again.
        for (login, status) in [
            ("ann:sesame", 200), ("ann:sesame", 200), ("ann:wrong", 401), ("ann:sesame", 200), ("ann:", 401),
            ("bob:correct horse", 200), ("bob:sesame", 401), ("eve:sesame", 401),
        ] {
            let answer = try await site.ask("/metrics", with: [version, "--include", "--user", login])
            #expect(answer.status == status, "\(login)")
            #expect(answer.body.lowercased().contains("\nstrict-transport-security: max-age=60\r\n"))
            #expect(answer.body.lowercased().contains("\nwww-authenticate: basic\r\n") == (status == 401))
            #expect(answer.body.contains("redis_up") == (status == 200))
        }
        for path in ["/metrics", "/", "/-/healthy", "/nope"] {
            #expect(try await site.ask(path, with: [version]).status == 401)
        }
        let log = site.exporter.standardError
        #expect(!log.contains("sesame") && !log.contains("$2a$") && !log.contains("horse"))
    }

    @Test func rateIsLimited() async throws {
        let site = try await WebConfigSite(tls: nil, "rate_limit: { interval: 1h, burst: 3 }\n")
        let url = "http://127.0.0.1:\(site.port)/metrics"
        var answers: [CurlAnswer] = []
        for _ in 0..<5 { answers.append(try await curl(url)) }
        #expect(answers.map(\.status) == [200, 200, 200, 429, 429])
        #expect(answers[4].body == "Too Many Requests\n")
    }

    @Test func brokenFileIsRepairedWhileRunning() async throws {
        let site = try await WebConfigSite(tls: nil, Self.users)
        let url = "http://127.0.0.1:\(site.port)/metrics"
        let ann = ["--user", "ann:sesame"]
        #expect(try await curl(url, ann).status == 200)
        try site.write("web.yml", "basic_auth_users: { ann: sesame }\n")
        for _ in 0..<3 { #expect(try await curl(url, ann).status == 500) }
        #expect(site.lines("Unable to parse configuration").count == 1)
        #expect(!site.exporter.standardError.contains("sesame"))
        try site.write("web.yml", "")
        #expect(try await curl(url).status == 200)
    }

    /// A stranger must not learn from the clock which users exist.
    @Test func unknownUserTakesAsLongAsWrongPassword() async throws {
        let site = try await WebConfigSite(
            tls: nil, "basic_auth_users: { ann: $2b$10$iqul0g0Cu2ZoWfEt1S/UaOIRvM6kbkzdREYT9GC/V/W4GtHHrTfHi }\n")
        let url = "http://127.0.0.1:\(site.port)/-/healthy"
        func median(_ login: String) async throws -> Double {
            var seconds: [Double] = []
            for _ in 0..<7 { seconds.append(try await curl(url, ["--user", login]).seconds) }
            return seconds.sorted()[3]
        }
        let (wrong, unknown) = (try await median("ann:wrong"), try await median("eve:wrong"))
        let (none, known) = (try await curl(url).seconds, try await median("ann:sesame"))
        #expect((0.5...2).contains(unknown / wrong), "unknown \(unknown) s, wrong password \(wrong) s")
        #expect(max(none, known) < wrong / 2, "no login \(none) s, remembered \(known) s, wrong password \(wrong) s")
    }
}
