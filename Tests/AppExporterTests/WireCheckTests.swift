import CurlClient
import ExporterKit
import TestSupport
import Testing

@testable import app_exporter

/// TCP, TLS and DNS checks against servers whose every byte the test decides.
@Suite struct WireCheckTests {
    private var soon: ContinuousClock.Instant { .now.advanced(by: .seconds(20)) }

    private func settings(_ server: LoopbackServer, _ steps: DialogueStep...) -> TCPCheckSettings {
        TCPCheckSettings(
            endpoint: WireEndpoint(host: "127.0.0.1", port: server.port), dialogue: Dialogue(steps: steps))
    }

    @Test func aDialogueTakesGroupsAlong() async throws {
        let server = try LoopbackServer { connection in
            connection.send("220-hello\r\n220 mail.example ESMTP\r\n")
            guard connection.receive(through: "\n") == "EHLO mail.example $1\n" else { return }
            connection.send("250 ok\r\n")
            connection.waitForHangUp()
        }
        let check = TCPCheck(
            settings: settings(
                server, DialogueStep(expect: try Pattern("^220 ([^ ]+) ESMTP"), send: "EHLO ${1} $$1"),
                DialogueStep(expect: try Pattern("^250"))))
        let result = await check.run(until: soon)
        #expect(result.verdict.hasPassed, "\(String(describing: result.verdict.error))")
        #expect(result.value("probe_failed_due_to_regex") == 0)
        #expect(result.value("probe_ip_protocol") == 4)
    }

    @Test func whatWasExpectedAndWhatCameIsTold() async throws {
        let server = try LoopbackServer { connection in
            connection.send("554 go away\r\n")
            connection.close()
        }
        let check = TCPCheck(settings: settings(server, DialogueStep(expect: try Pattern("^220 "))))
        let result = await check.run(until: soon)
        #expect(result.verdict.outcome == .body)
        let text = try #require(result.verdict.error?.message)
        #expect(text.contains("matches `^220 `; the last line was `554 go away`"), "\(text)")
        #expect(result.value("probe_failed_due_to_regex") == 1)
    }

    @Test func aTargetThatSaysNothingEndsWithTheDeadline() async throws {
        let server = try LoopbackServer { $0.waitForHangUp() }
        let check = TCPCheck(settings: settings(server, DialogueStep(expect: try Pattern("x"))))
        let began = ContinuousClock.now
        let result = await check.run(until: .now.advanced(by: .milliseconds(300)))
        #expect(began.duration(to: .now) < .seconds(2))
        #expect(result.verdict.outcome == .timeout)
        #expect(result.verdict.error?.message.contains("nothing came, then the answer was not done in time") == true)
    }

    @Test(arguments: [(1023, "more than 1048576 bytes"), (0, "more than 10000 lines"), (100_000, "a line is longer")])
    func aTargetThatFloodsIsLeft(length: Int, message: String) async throws {
        let server = try LoopbackServer { connection in
            let line = Array(repeating: UInt8(ascii: "x"), count: length) + [10]
            let lines = Array(repeating: line, count: length == 0 ? 1000 : 1).flatMap { $0 }
            while connection.send(lines) {}
        }
        let check = TCPCheck(settings: settings(server, DialogueStep(expect: try Pattern("never"))))
        let result = await check.run(until: soon)
        #expect(result.verdict.outcome == .body)
        #expect(result.verdict.error?.message.contains(message) == true)
    }

    @Test func aClosedPortIsRefused() async throws {
        // tcpmux, which nobody runs.
        let check = TCPCheck(settings: TCPCheckSettings(endpoint: WireEndpoint(host: "127.0.0.1", port: 1)))
        let result = await check.run(until: soon)
        #expect(result.verdict.outcome == .connect)
        #expect(result.verdict.error?.message.hasSuffix("connecting: Connection refused") == true)
    }

    @Test func aNameWithoutAddressIsToldAsThat() async throws {
        let check = TCPCheck(settings: TCPCheckSettings(endpoint: WireEndpoint(host: "no.such.invalid", port: 1)))
        #expect(await check.run(until: soon).verdict.outcome == .dns)
    }

    // MARK: - TLS

    private func look(
        _ server: LoopbackServer, _ authority: TestAuthority, _ kind: StartTLSProtocol? = nil
    ) async throws
        -> CheckResult
    {
        var settings = settings(server)
        settings.trust.authorityFile = authority.authorityFile
        settings.usesTLS = kind == nil
        if let kind { settings.dialogue = try .startTLS(kind) }
        return await TLSCheck(settings: settings).run(until: soon)
    }

    @Test func aTrustedCertificateIsDescribed() async throws {
        let authority = try TestAuthority()
        let server = try LoopbackServer(tls: authority.issue(until: 86_400 * 5)) { $0.waitForHangUp() }
        let result = try await look(server, authority)
        #expect(result.verdict.hasPassed, "\(String(describing: result.verdict.error))")
        #expect(result.value("probe_ssl_verified") == 1)
        let left = try #require(result.value("probe_ssl_leaf_cert_expiry_timestamp_seconds")) - now
        #expect((86_400 * 4.9...86_400 * 5.1).contains(left))
        #expect(result.value("probe_ssl_last_chain_expiry_timestamp_seconds") != nil)
        #expect(result.value("probe_ssl_earliest_cert_expiry") != nil)
        #expect(result.findings.first { $0.family.descriptor.name == "probe_tls_version_info" }?.labels == ["TLS 1.3"])
        let leaf = try #require(result.findings.first { $0.family.descriptor.name == "probe_ssl_leaf_info" })
        #expect(leaf.labels.first == "CN=Test authority")
    }

    @Test func anExpiredCertificateIsDescribedTooAndNothingIsZero() async throws {
        let authority = try TestAuthority()
        let server = try LoopbackServer(tls: authority.issue(until: -86_400)) { $0.waitForHangUp() }
        let result = try await look(server, authority)
        #expect(result.verdict.outcome == .tls)
        #expect(result.verdict.error?.message.contains("certificate has expired") == true)
        #expect(result.value("probe_ssl_verified") == 0)
        #expect(abs(try #require(result.value("probe_ssl_leaf_cert_expiry_timestamp_seconds")) - now + 86_400) < 60)
        #expect(result.value("probe_ssl_last_chain_expiry_timestamp_seconds") == nil)
    }

    @Test func aWrongNameIsNotTrusted() async throws {
        let authority = try TestAuthority()
        let server = try LoopbackServer(tls: authority.issue(alternatives: "DNS:other.example")) { $0.waitForHangUp() }
        let result = try await look(server, authority)
        #expect(result.verdict.error?.message.contains("the certificate is not for 127.0.0.1") == true)
        #expect(result.value("probe_ssl_verified") == 0)
    }

    @Test(arguments: [false, true])
    func anUnknownAuthorityIsNotTrustedUnlessToldSo(skips: Bool) async throws {
        let authority = try TestAuthority()
        let server = try LoopbackServer(tls: authority.issue()) { $0.waitForHangUp() }
        var settings = settings(server)
        settings.usesTLS = true
        settings.trust.verifies = !skips
        let result = await TLSCheck(settings: settings).run(until: soon)
        #expect(result.verdict.hasPassed == skips)
        #expect(result.value("probe_ssl_verified") == 0)
    }

    @Test func aCertificateThatEndsTooSoonFails() async throws {
        let authority = try TestAuthority()
        let server = try LoopbackServer(tls: authority.issue(until: 86_400 * 5 + 600)) { $0.waitForHangUp() }
        var settings = settings(server)
        settings.usesTLS = true
        settings.trust.authorityFile = authority.authorityFile
        settings.validFor = .seconds(86_400 * 14)
        let result = await TLSCheck(settings: settings).run(until: soon)
        #expect(result.verdict.error?.message.contains("ends in 5 days, expected are at least 14") == true)
    }

    @Test func aServerWithoutTLSIsToldAsThat() async throws {
        let server = try LoopbackServer { connection in
            connection.send("220 hello\r\n")
            connection.waitForHangUp()
        }
        defer { server.stop() }
        var settings = settings(server)
        settings.usesTLS = true
        let result = await TLSCheck(settings: settings).run(until: soon)
        #expect(result.verdict.outcome == .tls)
        #expect(result.verdict.error?.message.contains("check that the port speaks TLS") == true)
        #expect(result.value("probe_ssl_verified") == nil)
    }

    @Test(arguments: StartTLSProtocol.allCases)
    func serversGoOverToTLS(kind: StartTLSProtocol) async throws {
        let authority = try TestAuthority()
        let tls = try authority.issue()
        let server = try LoopbackServer { connection in
            guard let goOn = Self.converse(connection, kind) else { return connection.close() }
            _ = connection.startTLS(tls, after: goOn)
            connection.waitForHangUp()
        }
        let result = try await look(server, authority, kind)
        #expect(result.verdict.hasPassed, "\(String(describing: result.verdict.error))")
        #expect(result.value("probe_ssl_verified") == 1)
    }

    /// The server's side up to its last word before the handshake, which is given back.
    private static func converse(_ connection: LoopbackConnection, _ kind: StartTLSProtocol) -> String? {
        switch kind {
        case .smtp:
            connection.send("220 mail ESMTP\r\n")
            guard connection.receive(through: "\n")?.hasPrefix("EHLO ") == true else { return nil }
            connection.send("250-mail\r\n250-STARTTLS\r\n250 SIZE\r\n")
            guard connection.receive(through: "\n") == "STARTTLS\r\n" else { return nil }
            return "220 go\r\n"
        case .imap:
            connection.send("* OK ready\r\n")
            guard connection.receive(through: "\n") == "a1 STARTTLS\r\n" else { return nil }
            return "a1 OK begin\r\n"
        case .pop3:
            connection.send("+OK ready\r\n")
            guard connection.receive(through: "\n") == "STLS\r\n" else { return nil }
            return "+OK begin\r\n"
        case .postgres:
            guard connection.receive(exactly: 8) == [0, 0, 0, 8, 4, 210, 22, 47] else { return nil }
            return "S"
        }
    }

    private var now: Double { Timekeeper.system().unixSeconds() }
}

extension CheckResult {
    /// The value of a metric without labels of its own.
    func value(_ name: String) -> Double? {
        findings.first { $0.family.descriptor.name == name }?.value
    }
}
