import ExporterKit
import Foundation
import Logging
import Testing

@testable import ExporterCommand

/// A login and TLS that flags give, with and without a file beside them.
@Suite struct WebOverridesTests {
    private static let hash = "$2a$04$H3cUKluFJ9Exajh.4XgE8u5rUy0HAd7OyVY8O/IeGF5IWeUO8Qx.O"  // sesame

    private func login(_ secret: String, isHash: Bool = false) throws -> WebOverrides {
        var overrides = WebOverrides()
        try overrides.admit("ann", secret: secret, isHash: isHash, from: "--secret")
        return overrides
    }

    private func file(_ text: String) throws -> String {
        let path = NSTemporaryDirectory() + "web-\(UUID().uuidString).yml"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func status(_ configuration: WebConfiguration, _ user: String?) async -> Int {
        let security = configuration.security(logger: Logger(label: "test"))
        let header = user.map { [(name: "Authorization", value: "Basic " + base64(Array($0.utf8)))] } ?? []
        switch await security.admit(HTTPRequest(target: "/metrics", headers: header)) {
        case .admitted: return 200
        case .refused(let answer): return answer.status
        }
    }

    @Test(arguments: [("sesame", false), (hash, true)])
    func oneUserIsLetIn(secret: String, isHash: Bool) async throws {
        let configuration = try WebConfiguration(WebSource("", try login(secret, isHash: isHash)))
        #expect(await status(configuration, "ann:sesame") == 200)
        for user in [nil, "ann:wrong", "bob:sesame", "ann:"] { #expect(await status(configuration, user) == 401) }
    }

    @Test func longPasswordOf72BytesCountsAsAWhole() async throws {
        let password = String(repeating: "x", count: 71) + "y"
        let configuration = try WebConfiguration(WebSource("", try login(password)))
        #expect(await status(configuration, "ann:\(password)") == 200)
        #expect(await status(configuration, "ann:\(password.dropLast())z") == 401)
        let error = #expect(throws: UsageError.self) { try login(password + "z") }
        #expect(error?.description == "--secret: is longer than 72 bytes or has a NUL")
    }

    @Test func whatIsNoHashIsNotShown() {
        let error = #expect(throws: UsageError.self) { try login("hunter2", isHash: true) }
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func fileAndFlagMayNotSayTheSame() throws {
        let users = try file("basic_auth_users: { bob: \(Self.hash) }\n")
        let error = #expect(throws: ConfigurationError.self) {
            try WebConfiguration(WebSource(users, try login("sesame")))
        }
        #expect(error?.description == "\(users): basic_auth_users is here and --secret is given too; keep one of them")
    }

    @Test func fileAndFlagsTogether() async throws {
        let limits = try file("rate_limit: { interval: 1h, burst: 1 }\n")
        let security = try WebConfiguration(WebSource(limits, try login("sesame"))).security(
            logger: Logger(label: "test"))
        var statuses: [Int] = []
        for _ in 0..<2 {
            if case .refused(let answer) = await security.admit(HTTPRequest(target: "/")) {
                statuses.append(answer.status)
            }
        }
        #expect(statuses == [401, 429])
    }

    @Test func versionOfTLSIsChecked() {
        var overrides = WebOverrides()
        let tls = WebOverrides.TLS(certificateFile: "c", keyFile: "k", clientCAFile: nil, minimumVersion: "TLS12")
        let error = #expect(throws: UsageError.self) {
            try overrides.secure(tls, from: "--cert", versionOrigin: "--version")
        }
        #expect(error?.description == "--version: `TLS12` is not one of TLS1.0, TLS1.1, TLS1.2, TLS1.3")
    }
}
