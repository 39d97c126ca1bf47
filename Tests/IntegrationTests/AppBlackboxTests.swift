import ExporterKitTesting
import Foundation
import TestSupport
import Testing

/// `/probe` of app-exporter, beside Debian's blackbox_exporter with the same file.
@Suite struct AppBlackboxIntegrationTests {
    private static let modules = """
        modules:
          http_2xx: { prober: http, timeout: 3s, http: { preferred_ip_protocol: ip4 } }
          stay: { prober: http, timeout: 3s, http: { preferred_ip_protocol: ip4, follow_redirects: false, valid_status_codes: [302] } }
          rules:
            prober: http
            timeout: 3s
            http:
              preferred_ip_protocol: ip4
              fail_if_body_not_matches_regexp: ['"state":\\s*"up"']
              fail_if_header_matches: [{ header: Set-Cookie, allow_missing: true, regexp: '.*' }]
              headers: { X-Key: hush-key }
              basic_auth: { username: me, password: hush-password }
          post: { prober: http, timeout: 3s, http: { method: POST, preferred_ip_protocol: ip4, body: hello, headers: { Content-Type: text/plain } } }
          hasty: { prober: http, timeout: 300ms, http: { preferred_ip_protocol: ip4 } }
          tls: { prober: http, timeout: 3s, http: { preferred_ip_protocol: ip4, fail_if_not_ssl: true, tls_config: { ca_file: CA } } }
          strict: { prober: http, timeout: 3s, http: { preferred_ip_protocol: ip4 } }
          connect: { prober: tcp, timeout: 3s, tcp: { preferred_ip_protocol: ip4 } }
          banner:
            prober: tcp
            timeout: 2s
            tcp:
              preferred_ip_protocol: ip4
              query_response:
                - { expect: "^220 ([^ ]+) ready", labels: [{ name: host, value: "${1}" }] }
                - { send: "HELLO" }
                - { expect: "^250 ok" }
          six: { prober: tcp, timeout: 3s, tcp: { preferred_ip_protocol: ip6, ip_protocol_fallback: false } }
        """

    /// A page, a redirect to it, a slow one.
    private func site(tls: ServerTLS? = nil) throws -> HTTPTestServer {
        try HTTPTestServer(tls: tls) { request in
            switch request.path {
            case "/": HTTPTestAnswer(#"{"state": "up"}"#).with("Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT")
            case "/cookie": HTTPTestAnswer(#"{"state": "up"}"#).with("Set-Cookie", "a=b")
            case "/moved": .redirect(to: "/")
            case "/slow": HTTPTestAnswer("late").with(\.delay, .seconds(20))
            case "/post" where request.method == "POST": HTTPTestAnswer(request.body)
            default: HTTPTestAnswer("nothing", status: 404)
            }
        }
    }

    private func mailer() throws -> LoopbackServer {
        try LoopbackServer { connection in
            connection.send("greetings\r\n220 mail.example ready\r\n")
            guard connection.receive(through: "HELLO\n") != nil else { return }
            connection.send("250 ok\r\n")
        }
    }

    /// The program with modules only, as somebody who moves from blackbox_exporter runs it.
    private final class Ours {
        let process: FleetProcess
        let folder: URL

        init(_ modules: String, _ flags: [String] = []) throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("blackbox-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(modules.utf8).write(to: folder.appendingPathComponent("blackbox.yml"))
            process = try FleetProcess(
                "app-exporter",
                [
                    "--blackbox.config.file=\(folder.path)/blackbox.yml", "--web.listen-address=127.0.0.1:0",
                    "--web.timeout-offset=500ms",
                ] + flags)
        }

        deinit {
            process.signal(SIGKILL)
            try? FileManager.default.removeItem(at: folder)
        }

        func get(_ path: String, _ flags: [String] = []) async throws -> (status: Int, body: String) {
            let answer = try await curl("http://127.0.0.1:\(process.port())\(path)", flags)
            return (answer.status, answer.body)
        }

        func probe(
            _ module: String, _ target: String, _ flags: [String] = []
        ) async throws -> (status: Int, body: String) {
            try await get(
                "/probe",
                ["--get", "--data-urlencode", "module=\(module)", "--data-urlencode", "target=\(target)"] + flags)
        }
    }

    private func values(_ body: String) throws -> [String: Double] {
        Dictionary(try Exposition(parsing: body).samples.map { ($0.series, $0.value) }) { _, last in last }
    }

    @Test func answersAreThoseOfBlackboxExporter() async throws {
        let authority = try TestAuthority()
        let certificate = try authority.issue()
        let (site, secure, mail) = (try self.site(), try self.site(tls: certificate), try mailer())
        let modules = Self.modules.replacing("CA", with: authority.authorityFile)
        let ours = try Ours(modules)
        let free = try LoopbackServer { _ in }
        let port = free.port
        free.stop()
        let peer = try FleetProcess(
            FleetServers()("FLEET_BLACKBOX_EXPORTER"),
            ["--config.file=\(ours.folder.path)/blackbox.yml", "--web.listen-address=127.0.0.1:\(port)"])
        defer { peer.signal(SIGKILL) }
        let isUp = try await eventually(within: .seconds(20)) {
            (try? await curl("http://127.0.0.1:\(port)/-/healthy").status) == 200
        }
        try #require(isUp, "\(peer.standardError)")
        let cases = [
            ("http_2xx", site.url("/")), ("http_2xx", "127.0.0.1:\(site.port)/moved"), ("http_2xx", site.url("/none")),
            ("stay", site.url("/moved")), ("stay", site.url("/")), ("rules", site.url("/")),
            ("rules", site.url("/cookie")), ("rules", site.url("/none")), ("post", site.url("/post")),
            ("hasty", site.url("/slow")), ("http_2xx", "http://127.0.0.1:\(port + 1)/"),
            ("tls", secure.url("/")), ("tls", site.url("/")), ("strict", secure.url("/")),
            ("connect", "127.0.0.1:\(mail.port)"), ("banner", "127.0.0.1:\(mail.port)"),
            ("six", "127.0.0.1:\(mail.port)"), ("connect", "127.0.0.1:1"),
        ]
        // Time passes, and the handshake of a failed check shows more here than there.
        let unequal = ["_seconds", "probe_ssl_", "probe_tls_"]
        for (module, target) in cases {
            let question = [
                "--max-time", "20", "--get", "--data-urlencode", "module=\(module)", "--data-urlencode",
                "target=\(target)",
            ]
            guard let peerAnswer = try? await curl("http://127.0.0.1:\(port)/probe", question) else {
                #expect(Bool(false), "\(module) \(target): blackbox_exporter does not answer: \(peer.standardError)")
                continue
            }
            let theirs = try values(peerAnswer.body)
            guard let answer = try? await ours.probe(module, target, ["--max-time", "20"]) else {
                #expect(Bool(false), "\(module) \(target): we do not answer: \(ours.process.standardError)")
                continue
            }
            let own = try values(answer.body)
            #expect(answer.status == 200 && theirs["probe_success"] != nil)
            for (series, value) in theirs {
                let name = series.prefix { $0 != "{" }
                // Which cipher is agreed on is up to the two TLS libraries.
                if name == "probe_tls_cipher_info", own.keys.contains(where: { $0.hasPrefix(name) }) { continue }
                guard let ownValue = own[series] else {
                    #expect(Bool(false), "\(module) \(target): \(series) is missing")
                    continue
                }
                if unequal.contains(where: { name.contains($0) }) { continue }
                #expect(ownValue == value, "\(module) \(target): \(series)")
            }
        }
        let tls = try values(await ours.probe("tls", secure.url("/")).body)
        #expect(tls["probe_success"] == 1 && tls["probe_http_ssl"] == 1)
        #expect((tls["probe_ssl_earliest_cert_expiry"] ?? 0) > Date().timeIntervalSince1970)
        let banner = try values(await ours.probe("banner", "127.0.0.1:\(mail.port)").body)
        #expect(banner["probe_expect_info{host=\"mail.example\"}"] == 1)
    }

    @Test func requestsThatCannotBeAnsweredSayWhy() async throws {
        let site = try self.site()
        let ours = try Ours(
            Self.modules.replacing("CA", with: "/nonexistent")
                + "\n  ping: { prober: icmp, timeout: 1s }\n  json: { prober: http, http: { fail_if_body_json_matches_cel: x } }\n"
        )
        _ = try await ours.process.port()
        let cases: [(String, Int, String)] = [
            ("/probe?target=x&module=htp_2xx", 400, "Unknown module \"htp_2xx\" (did you mean http_2xx?)"),
            ("/probe?module=http_2xx", 400, "Target parameter is missing"),
            ("/probe?target=x&module=ping", 400, "icmp probes are not offered here; keep blackbox_exporter"),
            ("/probe?target=x&module=json", 400, "CEL is not offered here"),
            ("/probe?target=x&module=connect", 400, "target must be host:port"),
            ("/probe?target=ftp%3A%2F%2Fx&module=connect", 400, "target must be host:port"),
        ]
        for (path, status, text) in cases {
            let answer = try await ours.get(path)
            #expect(answer.status == status && answer.body.contains(text), "\(path): \(answer)")
        }
        let odd = try await ours.probe(
            "http_2xx", site.url("/"), ["--header", "X-Prometheus-Scrape-Timeout-Seconds: soon"])
        #expect(odd.status == 500 && odd.body.contains("must be seconds"))
        #expect(ours.process.standardError.contains("A module cannot be used here"))
        #expect(ours.process.standardError.contains("--probe.allowed-targets"))
        let metrics = try await ours.get("/metrics")
        #expect(metrics.body.contains("blackbox_module_unknown_total 1"))
    }

    @Test func theScrapersTimeoutLessTheOffsetIsKept() async throws {
        let site = try self.site()
        let ours = try Ours(Self.modules.replacing("CA", with: "/nonexistent"))
        let answer = try await ours.probe(
            "http_2xx", site.url("/slow"), ["--header", "X-Prometheus-Scrape-Timeout-Seconds: 1.2"])
        let own = try values(answer.body)
        #expect(own["probe_success"] == 0)
        #expect(abs((own["probe_timeout_seconds"] ?? 0) - 0.7) < 0.001)
        #expect((0.6...1.1).contains(own["probe_duration_seconds"] ?? 0))
        let plain = try values(await ours.probe("hasty", site.url("/")).body)
        #expect(plain["probe_timeout_seconds"] == 0.3)
    }

    @Test func onlyAllowedTargetsAreAskedAlsoByRedirects() async throws {
        let inner = try HTTPTestServer(["/": "secret"])
        let site = try HTTPTestServer { request in
            request.path == "/" ? HTTPTestAnswer("ok") : .redirect(to: inner.url("/"))
        }
        let ours = try Ours(
            Self.modules.replacing("CA", with: "/nonexistent"),
            ["--probe.allowed-targets=127.0.0.1:\(site.port),*.example"])
        #expect(try values(await ours.probe("http_2xx", site.url("/")).body)["probe_success"] == 1)
        let refused = try await ours.probe("http_2xx", inner.url("/"))
        #expect(refused.status == 403 && refused.body.contains("is not among the allowed targets"))
        let wired = try await ours.probe("connect", "127.0.0.1:\(inner.port)")
        #expect(wired.status == 403)
        let redirected = try values(await ours.probe("http_2xx", site.url("/away")).body)
        #expect(redirected["probe_success"] == 0)
        #expect(inner.requests.isEmpty && inner.connections == 0)
    }

    @Test func debugAndConfigHideSecretsAndReloadIsAllOrNothing() async throws {
        let site = try self.site()
        let ours = try Ours(Self.modules.replacing("CA", with: "/nonexistent"))
        let debug = try await ours.probe("rules", site.url("/none?key=hush-query"), ["--data-urlencode", "debug=true"])
        for part in [
            "Logs for the probe:", "the server answered 404", "Metrics that would have been returned:",
            "probe_success 0", "Module configuration:", "password: <secret>",
        ] {
            #expect(debug.body.contains(part), "\(debug.body)")
        }
        let configuration = try await ours.get("/config")
        #expect(configuration.body.contains("banner:") && configuration.body.contains("X-Key: <secret>"))
        for text in [debug.body, configuration.body, ours.process.standardError] { #expect(!text.contains("hush")) }
        let sent = try #require(site.requests.first)
        #expect(sent.header("x-key") == "hush-key" && sent.header("authorization")?.hasPrefix("Basic ") == true)

        let file = ours.folder.appendingPathComponent("blackbox.yml")
        try Data("modules: { a: { prober: tpc } }".utf8).write(to: file)
        let broken = try await ours.get("/-/reload", ["--request", "POST"])
        #expect(broken.status == 500 && broken.body.contains("did you mean tcp?"), "\(broken)")
        #expect(try await ours.probe("http_2xx", site.url("/")).status == 200)
        try Data("modules: { other: { prober: tcp } }".utf8).write(to: file)
        #expect(try await ours.get("/-/reload", ["--request", "POST"]).status == 200)
        #expect(try await ours.probe("http_2xx", site.url("/")).status == 400)
        #expect(try values(await ours.probe("other", "127.0.0.1:\(site.port)").body)["probe_success"] == 1)
    }
}
