import Foundation
import Synchronization
import Testing

/// TLS of `web.config.yml` under curl and openssl.
@Suite(.serialized) struct WebConfigTLSTests {
    @Test func bothProtocolsAreServed() async throws {
        let site = try await WebConfigSite(tls: [])
        for (option, version) in [("--http2", "HTTP/2 200"), ("--http1.1", "HTTP/1.1 200 OK")] {
            let answer = try await site.ask("/metrics", with: ["--include", option])
            #expect(answer.body.hasPrefix(version), "\(answer.body.prefix(100))")
            #expect(answer.body.contains("\nredis_up 0\n"))
        }
        let line = try #require(site.lines("TLS is enabled.").first)
        #expect(line.contains("address=127.0.0.1:\(site.port)") && line.contains("http2=true"))
        site.exporter.signal(SIGTERM)
        #expect(try await site.exporter.exitStatus(within: .seconds(5)) == 0)
    }

    @Test func http2CanBeSwitchedOff() async throws {
        let site = try await WebConfigSite(tls: [], "http_server_config: { http2: false }\n")
        #expect(try await site.ask(with: ["--include", "--http2"]).body.hasPrefix("HTTP/1.1 200 OK"))
        #expect(site.lines("TLS is enabled.").first?.contains("http2=false") == true)
    }

    @Test func withoutTLSThatIsSaid() async throws {
        let site = try await WebConfigSite(tls: nil)
        #expect(try await curl("http://127.0.0.1:\(site.port)/-/healthy").status == 200)
        #expect(site.lines("TLS is disabled.").first?.contains("http2=false") == true)
    }

    /// Many answers at once on one connection, none of them mixed up.
    @Test func streamsOfOneConnectionAreServedSideBySide() async throws {
        let site = try await WebConfigSite(tls: [])
        let address = "https://localhost:\(site.port)"
        let urls = (0..<40).flatMap { number in
            ["--output", "\(site.folder.path)/\(number).txt", "\(address)\(number % 2 == 0 ? "/metrics" : "/-/ready")"]
        }
        let last = try await site.ask(with: ["--http2", "--parallel", "--parallel-max", "40"] + urls)
        #expect(last.status == 200)
        for number in 0..<40 {
            let body = try site.read("\(number).txt")
            #expect(body.contains(number % 2 == 0 ? "\nredis_up 0\n" : "is ready."), "\(number): \(body.prefix(200))")
        }
    }

    private static let oldClient = ["-cipher", "DEFAULT@SECLEVEL=0"]

    /// Lines of the configuration, options of the client, what it reports; `nil` when it must be refused.
    private static let handshakes: [([String], [String], String?)] = [
        ([], [], "Protocol version: TLSv1.3"), ([], ["-tls1_2"], "Protocol version: TLSv1.2"),
        ([], ["-tls1_1"] + oldClient, nil), (["min_version: TLS13"], ["-tls1_2"], nil),
        (["max_version: TLS12"], ["-tls1_3"], nil), (["max_version: TLS12"], [], "Protocol version: TLSv1.2"),
        (["min_version: TLS10"], ["-tls1"] + oldClient, "Protocol version: TLSv1\n"),
        (["min_version: TLS11"], ["-tls1"] + oldClient, nil),
        ([], ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-SHA"], "Ciphersuite: ECDHE-ECDSA-AES256-SHA"),
        ([], ["-tls1_2", "-cipher", "AES128-SHA"], nil),
        (
            ["cipher_suites: [TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256]"], ["-tls1_2"],
            "Ciphersuite: ECDHE-ECDSA-CHACHA20-POLY1305"
        ),
        (
            ["cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]"],
            ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"], nil
        ),
        (["cipher_suites: [TLS_AES_128_GCM_SHA256]"], ["-tls1_2"], nil),
        (["cipher_suites: [TLS_AES_128_GCM_SHA256]"], [], "Protocol version: TLSv1.3"),
        (["curve_preferences: [CurveP384]"], ["-groups", "X25519:P-384"], "secp384r1"),
        (["curve_preferences: [X25519]"], ["-groups", "X25519"], "X25519"),
        (["curve_preferences: [CurveP521]"], ["-groups", "P-256:X25519"], nil),
    ]

    @Test(arguments: handshakes)
    func handshakesKeepToTheLimits(configuration: [String], options: [String], says: String?) async throws {
        let site = try await WebConfigSite(tls: configuration)
        let report = try await site.handshake(["-brief"] + options)
        if let says { #expect(report?.contains(says) == true, "\(report ?? "none")") } else { #expect(report == nil) }
    }

    /// Type of authentication, allowed names, client, whether it is served.
    private static let clients: [(String, String, String?, Bool)] = [
        ("NoClientCert", "", nil, true), ("NoClientCert", "", "stranger", true),
        ("RequestClientCert", "", nil, true), ("RequestClientCert", "", "stranger", true),
        ("RequireAnyClientCert", "", nil, false), ("RequireAnyClientCert", "", "stranger", true),
        ("RequireClientCert", "", nil, false), ("RequireClientCert", "", "client", true),
        ("VerifyClientCertIfGiven", "", nil, true), ("VerifyClientCertIfGiven", "", "client", true),
        ("VerifyClientCertIfGiven", "", "stranger", false),
        ("RequireAndVerifyClientCert", "", nil, false), ("RequireAndVerifyClientCert", "", "client", true),
        ("RequireAndVerifyClientCert", "", "stranger", false), ("RequireAndVerifyClientCert", "", "server", false),
        ("RequireAndVerifyClientCert", "prom.example", "client", true),
        ("RequireAndVerifyClientCert", "10.0.0.1", "client", true),
        ("RequireAndVerifyClientCert", "fd00::1", "client", true),
        ("RequireAndVerifyClientCert", "ops@example.org", "client", true),
        ("RequireAndVerifyClientCert", "other, spiffe://example/prom", "client", true),
        ("RequireAndVerifyClientCert", "prom.example", "stranger", false),
        ("RequireAndVerifyClientCert", "prom.example", nil, false),
        ("RequireAndVerifyClientCert", "example, PROM.EXAMPLE, client", "client", false),
        ("VerifyClientCertIfGiven", "nobody", "client", false), ("VerifyClientCertIfGiven", "nobody", nil, false),
        ("RequireAnyClientCert", "prom.example", "stranger", true),
        ("RequireAnyClientCert", "nobody", "stranger", false), ("RequestClientCert", "nobody", nil, false),
    ]

    @Test(arguments: clients, ["1.2", "1.3"])
    func clientsAreAskedForCertificates(
        _ row: (type: String, names: String, client: String?, isServed: Bool), version: String
    ) async throws {
        var lines = ["client_auth_type: \(row.type)"]
        if row.type.contains("Verify") { lines.append("client_ca_file: ca.crt") }
        if !row.names.isEmpty { lines.append("client_allowed_sans: [\(row.names)]") }
        let site = try await WebConfigSite(tls: lines)
        let answer = try? await site.ask(as: row.client, with: ["--tls-max", version])
        #expect((answer?.status == 200) == row.isServed)
        guard !row.isServed else { return }
        #expect(site.lines("TLS handshake failed").count == 1, "\(site.exporter.standardError)")
        if row.names == "nobody", row.client != nil {
            #expect(
                site.exporter.standardError.contains("could not find allowed SANs in client cert, found: [prom.example")
            )
        }
    }

    /// A client that resumes its session shows no certificate again; it must be let in all the same.
    @Test func sessionsWithClientCertificatesAreResumed() async throws {
        let site = try await WebConfigSite(tls: [
            "client_auth_type: RequireAndVerifyClientCert", "client_ca_file: ca.crt",
            "client_allowed_sans: [prom.example]",
        ])
        let session = "\(site.folder.path)/session"
        let client = ["-tls1_2", "-cert", "\(site.folder.path)/client.crt", "-key", "\(site.folder.path)/client.key"]
        #expect(try await site.handshake(client + ["-sess_out", session])?.contains("\nNew, TLSv1.2") == true)
        #expect(try await site.handshake(client + ["-sess_in", session])?.contains("\nReused, TLSv1.2") == true)
    }

    @Test func whatIsNoTLSIsDroppedAndTheServerGoesOn() async throws {
        let site = try await WebConfigSite(tls: [])
        #expect((try? await curl("http://127.0.0.1:\(site.port)/metrics")) == nil)
        #expect(try await site.ask().status == 200)
    }

    // MARK: - Files

    /// What is done to the files before the start, and the message.
    @Test(arguments: [
        ("cp client.key server.key", "server.key: this key does not belong to the certificate ("),
        ("rm server.crt", "server.crt: cannot read the file: No such file or directory"),
        ("cp server.key server.crt", "server.crt: no PEM certificate can be read here; it begins with -----BEGIN"),
        ("cp server.crt server.key", "server.key: no private key can be read here; it must be PEM and must not be"),
        (
            "openssl ec -aes128 -passout pass:s3cr3t -in client.key -out server.key",
            "server.key: no private key can be read here; it must be PEM and must not be encrypted"
        ),
        ("rm server.key; mkfifo server.key", "server.key: not a regular file; it is read again while running"),
        (": > server.crt", "server.crt: no PEM certificate can be read here"),
    ])
    func badCertificatesEndTheStart(command: String, message: String) async throws {
        let site = try await WebConfigSite(tls: [])
        let shell = try FleetProcess("/bin/sh", ["-c", "cd \"$0\"; \(command)", site.folder.path])
        #expect(try await shell.exitStatus() == 0, "\(shell.standardError)")
        let process = try FleetProcess(
            "redis-exporter", ["--check-config", "--web.config.file=\(site.folder.path)/web.yml"])
        #expect(try await process.exitStatus(within: .seconds(10)) == 1)
        #expect(
            process.standardError.contains("redis-exporter: \(site.folder.path)/\(message)"), "\(process.standardError)"
        )
        #expect(process.standardError.split(separator: "\n").count == 1)
    }

    @Test func certificatesAreTakenUpUnderLoad() async throws {
        let site = try await WebConfigSite(tls: [])
        for number in 0..<8 { try await WebConfigSite.sign("next\(number)", by: "ca", in: site.folder) }
        let isDone = Done()
        let failures = try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<3 {
                group.addTask { [port = site.port, folder = site.folder.path] in
                    var failures: [String] = []
                    while !isDone.value.load(ordering: .relaxed) {
                        do {
                            let options = ["--cacert", "\(folder)/ca.crt"]
                            let answer = try await curl("https://127.0.0.1:\(port)/-/healthy", options)
                            if answer.status != 200 { failures.append("\(answer.status)") }
                        } catch { failures.append("\(error)") }
                    }
                    return failures
                }
            }
            // The certificate first and the key a moment later, in place: for that moment they do not belong together.
            for number in 0..<8 {
                try site.write("server.crt", site.read("next\(number).crt"))
                try await Task.sleep(for: .milliseconds(50))
                try site.write("server.key", site.read("next\(number).key"))
                let isNew = try await eventually(within: .seconds(10)) {
                    try await site.handshake([])?.contains("subject=CN = next\(number)\n") == true
                }
                #expect(isNew, "next\(number)")
            }
            isDone.value.store(true, ordering: .relaxed)
            return try await group.reduce(into: [String]()) { $0 += $1 }
        }
        #expect(failures.isEmpty, "\(failures.prefix(3))")
    }

    @Test func badFilesWhileRunningLeaveWhatWasGood() async throws {
        let site = try await WebConfigSite(tls: [])
        let (yaml, key) = (try site.read("web.yml"), try site.read("server.key"))
        try site.write("server.key", "nonsense")
        for _ in 0..<3 { #expect(try await site.ask().status == 200) }
        #expect(site.lines("TLS cannot be loaded again; what was good goes on").count == 1)
        try site.write("server.key", key)
        #expect(try await site.ask().status == 200)
        #expect(site.lines("TLS certificates loaded").count == 1)
        try site.write("web.yml", yaml + "nonsense: 1\n")
        for _ in 0..<3 { #expect(try await site.ask().status == 500) }
        #expect(site.lines("Unable to parse configuration").count == 1, "\(site.exporter.standardError)")
        try site.write("web.yml", yaml)
        #expect(try await site.ask().status == 200)
        #expect(site.lines("Web configuration is good again").count == 1)
    }

    @Test func clientAuthenticationChangesWithTheFile() async throws {
        let site = try await WebConfigSite(tls: [])
        let yaml = try site.read("web.yml")
        #expect(try await site.ask().status == 200)
        try site.write(
            "web.yml", yaml + "  client_ca_file: ca.crt\n  client_auth_type: RequireAndVerifyClientCert\n")
        #expect((try? await site.ask()) == nil)
        #expect(try await site.ask(as: "client").status == 200)
    }
}

private final class Done: Sendable {
    let value = Atomic(false)
}
