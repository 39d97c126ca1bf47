import ExporterKit
import Foundation
import Logging
import Testing

@testable import ExporterCommand

/// The whole of a configuration without TLS, as a server asks it.
@Suite struct WebConfigGateTests {
    private static let users =
        "basic_auth_users: { ann: $2a$04$H3cUKluFJ9Exajh.4XgE8u5rUy0HAd7OyVY8O/IeGF5IWeUO8Qx.O }\n"
    private static let headers = "http_server_config: { headers: { X-Frame-Options: deny } }\n"

    /// A configuration whose file a test rewrites.
    private final class Site {
        let file: URL
        let security: ServerSecurity
        let log = Collected()

        init(_ text: String) throws {
            file = FileManager.default.temporaryDirectory.appendingPathComponent("web-\(UUID().uuidString).yml")
            try Data(text.utf8).write(to: file)
            let log = log
            let logger = Logger(label: "test") { _ in
                StandardErrorLog(level: .info, format: .logfmt, write: { log.add($0) })
            }
            security = try WebConfiguration(file: file.path).security(logger: logger)
        }

        deinit { try? FileManager.default.removeItem(at: file) }

        func write(_ text: String) throws { try Data(text.utf8).write(to: file) }

        /// Status and headers of a refusal; 200 for admitted.
        func ask(_ user: String? = nil) async -> (status: Int, headers: [String: String]) {
            let login = user.map { [(name: "Authorization", value: "Basic " + base64(Array($0.utf8)))] } ?? []
            switch await security.admit(HTTPRequest(target: "/metrics", headers: login)) {
            case .admitted(let headers): return (200, Dictionary(headers.map { ($0.name, $0.value) }) { $1 })
            case .refused(let answer):
                return (answer.status, Dictionary(answer.headers.map { ($0.name, $0.value) }) { $1 })
            }
        }
    }

    @Test func headersAreOnEveryAnswerToALogin() async throws {
        let site = try Site(Self.headers + Self.users)
        let good = await site.ask("ann:sesame")
        #expect(good.status == 200 && good.headers == ["X-Frame-Options": "deny"])
        for login in [nil, "ann:wrong", "bob:sesame"] {
            let answer = await site.ask(login)
            #expect(answer.status == 401 && answer.headers["WWW-Authenticate"] == "Basic")
            #expect(answer.headers["X-Frame-Options"] == "deny")
        }
    }

    /// 500 comes before 429, 429 before the headers, the headers before 401.
    @Test func orderIsUpstreams() async throws {
        let limit = "rate_limit: { interval: 1h, burst: 1 }\n"
        let site = try Site(Self.headers + Self.users + limit)
        #expect(await site.ask().status == 401)
        let limited = await site.ask("ann:sesame")
        #expect(limited.status == 429 && limited.headers["X-Frame-Options"] == nil)
        try site.write("nonsense")
        #expect(await site.ask().status == 500)
        try site.write(Self.headers + Self.users + limit)
        #expect(await site.ask().status == 429)
    }

    @Test func burstOfZeroLetsNobodyIn() async throws {
        let site = try Site("rate_limit: { interval: 1ms }\n")
        #expect(await site.ask().status == 429)
    }

    @Test func changesCountFromTheNextRequest() async throws {
        let site = try Site("")
        #expect(await site.ask().status == 200)
        try site.write(Self.users)
        #expect(await site.ask().status == 401)
        #expect(await site.ask("ann:sesame").status == 200)
        try site.write(Self.headers)
        #expect(await site.ask().headers == ["X-Frame-Options": "deny"])
        #expect(site.log.text == "")
    }

    @Test func brokenFileIsToldOnceAndSoIsTheRepair() async throws {
        let site = try Site(Self.users)
        for text in ["basic_auth_users: { ann: s3cr3t }\n", "basic_auth_users: { ann: s3cr3t } \n"] {
            try site.write(text)
            for _ in 0..<3 { #expect(await site.ask("ann:sesame").status == 500) }
        }
        try FileManager.default.removeItem(at: site.file)
        #expect(await site.ask("ann:sesame").status == 500)
        try site.write(Self.users)
        for _ in 0..<3 { #expect(await site.ask("ann:sesame").status == 200) }
        let lines = site.log.text.split(separator: "\n")
        #expect(lines.count == 3, "\(lines)")
        #expect(lines[0].contains("level=error msg=\"Unable to parse configuration\" err=\"\(site.file.path):1:26: "))
        #expect(lines[1].contains("No such file"))
        #expect(lines[2].contains("level=info msg=\"Web configuration is good again\""))
        #expect(!site.log.text.contains("s3cr3t"))
    }

    @Test func whatNeedsAStartIsToldOnce() async throws {
        let site = try Site("")
        for text in ["http_server_config: { http2: false }\n", "rate_limit: { interval: 1h, burst: 1 }\n"] {
            try site.write(text)
            for _ in 0..<3 { #expect(await site.ask().status == 200) }
        }
        let lines = site.log.text.split(separator: "\n")
        #expect(lines.count == 1 && lines[0].contains("rate_limit change only at the next start"), "\(lines)")
    }

    @Test func bucketFillsOnePerInterval() {
        let start = ContinuousClock.now
        var bucket = TokenBucket(interval: .seconds(1), burst: 2, at: start)
        func take(_ seconds: Double) -> Bool { bucket.take(at: start.advanced(by: .seconds(seconds))) }
        #expect(
            [0, 0, 0, 0.9, 1, 1.5, 2, 2, 60, 60, 60].map(take) == [
                true, true, false, false, true, false, true, false, true, true, false,
            ])
        #expect(!take(59))
    }

    @Test func fileThatMayHaveChangedUnseenIsReadAgain() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("state-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        func states() -> FileStates { FileStates(of: [file.path]) }
        #expect(states().isStill(states()))
        try Data("a".utf8).write(to: file)
        #expect(!states().isStill(states()))
        // Settled once the clock has left the moment of the write behind.
        #expect(try await settles { states().isStill(states()) })
        let before = states()
        try Data("b".utf8).write(to: file)
        #expect(!before.isStill(states()))
    }

    private func settles(_ condition: () -> Bool) async throws -> Bool {
        let end = ContinuousClock.now.advanced(by: .seconds(10))
        while !condition() {
            guard ContinuousClock.now < end else { return false }
            try await Task.sleep(for: .milliseconds(10))
        }
        return true
    }
}
