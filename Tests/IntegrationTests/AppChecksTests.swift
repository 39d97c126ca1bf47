import Foundation
import TestSupport
import Testing

/// Checks of app-exporter beside those of blackbox_exporter: the same targets, the same verdicts.
@Suite struct AppChecksIntegrationTests {
    /// One target, as both are told about it.
    private struct Case {
        let name: String
        /// The module of blackbox_exporter, below `modules:`.
        let module: String
        let target: String
        /// The probe of ours, in flow style.
        let probe: String
    }

    /// What both must say alike, where blackbox_exporter says it.
    private static let compared = [
        "probe_success", "probe_http_status_code", "probe_http_redirects", "probe_http_ssl", "probe_http_version",
        "probe_http_content_length", "probe_http_uncompressed_body_length", "probe_ip_protocol",
        "probe_failed_due_to_regex", "probe_ssl_earliest_cert_expiry",
        "probe_ssl_last_chain_expiry_timestamp_seconds", "probe_dns_answer_rrs", "probe_dns_authority_rrs",
        "probe_dns_additional_rrs", "probe_dns_query_succeeded", "probe_dns_serial",
    ]

    @Test func verdictsCodesAndExpiryAreThoseOfBlackboxExporter() async throws {
        let authority = try TestAuthority()
        let targets = try Targets(authority)
        let cases = httpCases(targets) + tlsCases(targets, authority) + tcpCases(targets)
        let modules = (cases + dnsCases(0)).map { "  \($0.name): \($0.module)\n" }.joined()
        let peers = try await CheckPeers(modules)
        let all = cases + dnsCases(peers.nameServerPort)
        let probes = all.map { "  \($0.name): \($0.probe)\n" }.joined()
        let app = try AppExporterUnderTest("probes:\n  defaults: { interval: 4s, timeout: 4s }\n\(probes)")
        let ours = try await app.scrape { values in
            all.allSatisfy { entry in values.contains { Self.is($0.key, "probe_success", entry.name) } }
        }
        for entry in all {
            let theirs = try await peers.probe(entry.name, entry.target)
            for metric in Self.compared {
                guard let expected = theirs[metric] else { continue }
                // Without a connection there is nothing to say about it.
                if metric == "probe_ip_protocol", theirs["probe_success"] == 0 { continue }
                // blackbox_exporter shows zeros where it knows nothing, and the year 1 where nothing is verified.
                let isUnknown =
                    expected < 0 && metric.hasPrefix("probe_ssl") || expected == 0 && metric != "probe_success"
                let found = ours.first { Self.is($0.key, metric, entry.name) }?.value
                if isUnknown, found == nil { continue }
                if metric == "probe_failed_due_to_regex", found != nil, theirs["probe_success"] == 0, expected == 0 {
                    continue
                }
                #expect(found == expected, "\(entry.name): \(metric)")
            }
        }
        // What blackbox_exporter cannot say: when a certificate ends that is not trusted.
        let (expired, ends) = (try await expiry(targets.past), try await expiry(targets.stranger))
        for name in ["https_expired", "https_name", "tls_expired", "tls_name"] {
            let expiry = ours.first { Self.is($0.key, "probe_ssl_leaf_cert_expiry_timestamp_seconds", name) }?.value
            #expect(expiry == (name.hasSuffix("expired") ? expired : ends), "\(name)")
            #expect(ours.first { Self.is($0.key, "probe_ssl_verified", name) }?.value == 0, "\(name)")
        }
    }

    private static func `is`(_ series: String, _ metric: String, _ probe: String) -> Bool {
        series.hasPrefix("\(metric){") && series.contains("probe=\"\(probe)\"")
    }

    // MARK: - Targets

    private final class Targets {
        let web: HTTPTestServer
        let good: HTTPTestServer
        let bad: HTTPTestServer
        let other: HTTPTestServer
        let mail: LoopbackServer
        let silent: LoopbackServer
        /// tcpmux, which nobody runs.
        let closed = 1
        let past: ServerTLS
        let stranger: ServerTLS

        init(_ authority: TestAuthority) throws {
            web = try HTTPTestServer { request in
                switch request.path {
                case "/ok": HTTPTestAnswer("hello world").with("X-Version", "2")
                case "/moved": .redirect(to: "/ok")
                case "/loop": .redirect(to: "/loop")
                case "/slow": HTTPTestAnswer("late").with(\.delay, .seconds(20))
                case "/echo": HTTPTestAnswer(request.body)
                default: HTTPTestAnswer("none", status: 404)
                }
            }
            let soon = try authority.issue(until: 864_000)
            past = try authority.issue(until: -86_400)
            stranger = try authority.issue(alternatives: "DNS:other.example", until: 864_000)
            good = try HTTPTestServer(tls: soon, ["/": "ok"])
            bad = try HTTPTestServer(tls: past, ["/": "ok"])
            other = try HTTPTestServer(tls: stranger, ["/": "ok"])
            mail = try LoopbackServer { connection in
                connection.send("220 mail.example ESMTP\r\n")
                while let line = connection.receive(through: "\n") {
                    connection.send(line.hasPrefix("EHLO") ? "250 mail.example\r\n" : "221 bye\r\n")
                }
            }
            silent = try LoopbackServer { $0.waitForHangUp() }
        }
    }

    /// `notAfter` by openssl.
    private func expiry(_ tls: ServerTLS) async throws -> Double {
        let text = try await FleetProcess.output(
            "openssl", ["x509", "-in", tls.certificateFile, "-noout", "-enddate", "-dateopt", "iso_8601"])
        let date = text.replacing("notAfter=", with: "").replacing(" ", with: "T")
        return try #require(ISO8601DateFormatter().date(from: date)).timeIntervalSince1970
    }

    private func httpCases(_ targets: Targets) -> [Case] {
        func entry(_ name: String, _ path: String, _ http: String = "", _ probe: String = "") -> Case {
            let url = path.hasPrefix("http") ? path : targets.web.url(path)
            return Case(
                name: name,
                module: "{ prober: http, timeout: 4s, http: { preferred_ip_protocol: ip4, \(http) } }", target: url,
                probe: "{ http: \"\(url)\", follow_redirects: true, \(probe) }")
        }
        return [
            entry("http_ok", "/ok"),
            entry("http_missing", "/missing"),
            entry("http_missing_expected", "/missing", "valid_status_codes: [404]", "expect: { status: 404 }"),
            entry("http_moved", "/moved"),
            entry("http_not_followed", "/moved", "follow_redirects: false", "follow_redirects: false"),
            entry("http_loop", "/loop"),
            entry("http_slow", "/slow"),
            entry("http_refused", "http://127.0.0.1:\(targets.closed)/"),
            entry("http_no_such_name", "http://no.such.invalid/"),
            entry(
                "http_body", "/ok", "fail_if_body_not_matches_regexp: [\"^hello \\\\w+$\"]",
                "expect: { body: { matches: \"^hello \\\\w+$\" } }"),
            entry(
                "http_wrong_body", "/ok", "fail_if_body_not_matches_regexp: [\"goodbye\"]",
                "expect: { body: goodbye }"),
            entry(
                "http_unwanted_body", "/ok", "fail_if_body_matches_regexp: [\"(?i)HELLO\"]",
                "expect: { body: { not_matches: \"(?i)HELLO\" } }"),
            entry(
                "http_header", "/ok",
                "fail_if_header_not_matches: [{ header: X-Version, regexp: \"^[0-9]$\" }]",
                "expect: { headers: { X-Version: { matches: \"^[0-9]$\" } } }"),
            entry(
                "http_wrong_header", "/ok",
                "fail_if_header_not_matches: [{ header: X-Version, regexp: \"^3$\" }]",
                "expect: { headers: { X-Version: 3 } }"),
            entry(
                "http_post", "/echo", "method: POST, body: ping, fail_if_body_not_matches_regexp: [\"^ping$\"]",
                "method: POST, body: ping, expect: { body: { equals: ping } }"),
            entry("http_needs_tls", "/ok", "fail_if_not_ssl: true", "expect: { tls: true }"),
        ].map { entry in
            // A key stands once: the last one of the same name is the case's own.
            guard entry.name == "http_not_followed" else { return entry }
            return Case(
                name: entry.name, module: entry.module, target: entry.target,
                probe: entry.probe.replacing("follow_redirects: true, ", with: ""))
        }
    }

    private func tlsCases(_ targets: Targets, _ authority: TestAuthority) -> [Case] {
        let ca = authority.authorityFile
        func web(_ name: String, _ server: HTTPTestServer, _ extra: String = "") -> Case {
            let url = "https://127.0.0.1:\(server.port)/"
            return Case(
                name: name,
                module:
                    "{ prober: http, timeout: 4s, http: { preferred_ip_protocol: ip4, tls_config: { ca_file: \"\(ca)\"\(extra) } } }",
                target: url, probe: "{ http: \"\(url)\", tls: { ca: \"\(ca)\"\(extra) } }")
        }
        func raw(_ name: String, _ server: HTTPTestServer, _ extra: String = "") -> Case {
            let target = "127.0.0.1:\(server.port)"
            return Case(
                name: name,
                module:
                    "{ prober: tcp, timeout: 4s, tcp: { preferred_ip_protocol: ip4, tls: true, tls_config: { ca_file: \"\(ca)\"\(extra) } } }",
                target: target, probe: "{ tls: { to: \"\(target)\", ca: \"\(ca)\"\(extra) } }")
        }
        return [
            web("https_good", targets.good), web("https_expired", targets.bad), web("https_name", targets.other),
            web("https_server_name", targets.other, ", server_name: other.example"),
            raw("tls_good", targets.good), raw("tls_expired", targets.bad), raw("tls_name", targets.other),
            raw("tls_server_name", targets.other, ", server_name: other.example"),
            raw("tls_skipped", targets.bad, ", insecure_skip_verify: true"),
            Case(
                name: "https_unknown_authority",
                module: "{ prober: http, timeout: 4s, http: { preferred_ip_protocol: ip4 } }",
                target: "https://127.0.0.1:\(targets.good.port)/",
                probe: "{ http: \"https://127.0.0.1:\(targets.good.port)/\" }"),
        ]
    }

    private func tcpCases(_ targets: Targets) -> [Case] {
        func entry(_ name: String, _ port: Int, _ tcp: String = "", _ probe: String = "") -> Case {
            let target = "127.0.0.1:\(port)"
            return Case(
                name: name, module: "{ prober: tcp, timeout: 4s, tcp: { preferred_ip_protocol: ip4, \(tcp) } }",
                target: target, probe: "{ tcp: { to: \"\(target)\", \(probe) } }")
        }
        let right = "[{ expect: \"^220 ([^ ]+) ESMTP\", send: \"EHLO ${1}\" }, { expect: \"^250 mail\" }]"
        let wrong = "[{ expect: \"^220 \", send: \"QUIT\" }, { expect: \"^250\" }]"
        return [
            entry("tcp_open", targets.silent.port), entry("tcp_refused", targets.closed),
            entry("tcp_dialogue", targets.mail.port, "query_response: \(right)", "dialogue: \(right)"),
            entry("tcp_wrong_answer", targets.mail.port, "query_response: \(wrong)", "dialogue: \(wrong)"),
            entry("tcp_silent", targets.silent.port, "query_response: [{ expect: x }]", "expect: x"),
        ]
    }

    private func dnsCases(_ port: Int) -> [Case] {
        func entry(_ name: String, _ query: String, _ type: String, _ dns: String = "", _ probe: String = "") -> Case {
            let server = "127.0.0.1:\(port)"
            return Case(
                name: name,
                module:
                    "{ prober: dns, timeout: 4s, dns: { preferred_ip_protocol: ip4, query_name: \(query), query_type: \(type), \(dns) } }",
                target: server,
                probe: "{ dns: { name: \(query), type: \(type), server: \"\(server)\", recursion: true, \(probe) } }")
        }
        return [
            entry("dns_a", "www.test.example", "A"),
            entry("dns_mx", "test.example", "MX"), entry("dns_txt", "test.example", "TXT"),
            entry("dns_cname", "web.test.example", "CNAME"), entry("dns_srv", "_x._tcp.test.example", "SRV"),
            entry("dns_aaaa_of_none", "www.test.example", "AAAA"),
            entry("dns_no_such_name", "nobody.test.example", "A"),
            entry(
                "dns_no_such_name_expected", "nobody.test.example", "A", "valid_rcodes: [NXDOMAIN]",
                "rcode: NXDOMAIN"),
            entry("dns_tcp", "www.test.example", "A", "transport_protocol: tcp", "transport: tcp"),
            entry(
                "dns_answer", "www.test.example", "A",
                "validate_answer_rrs: { fail_if_not_matches_regexp: [\".*\\\\t192.0.2.10$\"] }",
                "answers: { every: \".*\\\\t192.0.2.10$\" }"),
            entry(
                "dns_wrong_answer", "www.test.example", "A",
                "validate_answer_rrs: { fail_if_none_matches_regexp: [\"192.0.2.11\"] }", "answers: 192.0.2.11"),
        ]
    }

    // MARK: - Bad targets

    /// One that hangs, one that trickles, one that floods, one whose name server is silent: the others keep their rhythm.
    @Test func badTargetsDelayNobody() async throws {
        let web = try HTTPTestServer { request in
            switch request.path {
            case "/ok": HTTPTestAnswer("ok")
            case "/hang": HTTPTestAnswer("x").with(\.delay, .seconds(60))
            case "/trickle":
                HTTPTestAnswer(String(repeating: "x", count: 1000)).with(
                    \.delivery, .trickle(bytes: 1, every: .milliseconds(50)))
            default: HTTPTestAnswer(String(repeating: "x", count: 65_536)).with(\.delivery, .endless)
            }
        }
        let silent = try LoopbackServer { $0.waitForHangUp() }
        let flood = try LoopbackServer { connection in
            let bytes = [UInt8](repeating: 10, count: 65_536)
            while connection.send(bytes) {}
        }
        let bad = (0..<40).map { "  hang\($0): { http: \"\(web.url("/hang"))\" }\n" }.joined()
        let app = try AppExporterUnderTest(
            """
            probes:
              defaults: { interval: 1s, timeout: 900ms }
              good: { http: "\(web.url("/ok"))", interval: 1s }
              trickle: { http: "\(web.url("/trickle"))" }
              endless: { http: "\(web.url("/endless"))" }
              flood: { tcp: { to: "127.0.0.1:\(flood.port)", expect: never } }
              silent: { tls: "127.0.0.1:\(silent.port)" }
              dns: { dns: { name: a.example, server: "127.0.0.1:\(silent.port)", transport: tcp } }
            \(bad)
            """)
        let runs = { (values: [String: Double], probe: String, result: String) in
            values.first {
                $0.key.hasPrefix("probe_runs_total{") && $0.key.contains("probe=\"\(probe)\"")
                    && $0.key.contains("result=\"\(result)\"")
            }?.value ?? 0
        }
        let before = try await app.scrape { runs($0, "good", "ok") >= 1 && runs($0, "hang0", "timeout") >= 1 }
        let began = ContinuousClock.now
        var slowest = 0.0
        while began.duration(to: .now) < .seconds(4) {
            slowest = max(slowest, try await curl(app.url()).seconds)
        }
        let after = try await app.scrape()
        #expect(slowest < 0.5, "a scrape took \(slowest) s")
        #expect((3...6).contains(runs(after, "good", "ok") - runs(before, "good", "ok")))
        #expect(runs(after, "good", "timeout") == 0)
        for name in ["hang0", "hang39", "trickle", "silent", "dns"] {
            #expect(runs(after, name, "timeout") >= 3, "\(name)")
        }
        for name in ["endless", "flood"] { #expect(runs(after, name, "body") >= 3, "\(name)") }
    }

    // MARK: - Sources

    @Test func databasesAreChecked() async throws {
        let servers = FleetServers()
        let app = try AppExporterUnderTest(
            """
            sources:
              db: { postgres: { dsn: { env: DSN } } }
              other: { postgres: { dsn: { env: DSN } } }
              cache: { redis: { url: { env: REDIS } } }
            probes:
              defaults: { interval: 1s, timeout: 1s }
              good: { postgres: db, sql: SELECT 1 }
              none: { postgres: db, sql: SELECT 1 WHERE false }
              untrue: { postgres: db, sql: SELECT 1 > 2 }
              wrong: { postgres: db, sql: SELECT nothing }
              slow: { postgres: other, sql: SELECT pg_sleep(9) IS NULL }
              ping: { redis: cache, run: [PING], expect: PONG }
              pong: { redis: cache, run: [PING], expect: { not_equals: PONG } }
              tls: { tls: { to: "\(host(try servers("FLEET_PG17_URL")))", starttls: postgres, insecure_skip_verify: true } }
            """,
            environment: ["DSN": try servers("FLEET_PG17_URL"), "REDIS": try servers("FLEET_REDIS8_URL")])
        let expected = [
            "good": 1.0, "none": 0, "untrue": 0, "wrong": 0, "slow": 0, "ping": 1, "pong": 0, "tls": 1,
        ]
        let values = try await app.scrape { values in
            expected.keys.allSatisfy { name in values.contains { Self.is($0.key, "probe_success", name) } }
        }
        for (name, value) in expected {
            #expect(values.first { Self.is($0.key, "probe_success", name) }?.value == value, "\(name)")
        }
        for text in [
            "the statement gave no row, expected was at least one",
            "the statement gave false, expected was anything else",
            "the reply to PING was expected not to be `PONG`, but it is `PONG`",
        ] {
            #expect(app.process.standardError.contains(text), "\(text)")
        }
    }

    private func host(_ url: String) -> String {
        let parts = URLComponents(string: url)
        return "\(parts?.host ?? "127.0.0.1"):\(parts?.port ?? 5432)"
    }
}
