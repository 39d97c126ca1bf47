import Foundation
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
        _ = try await FleetProcess.output(
            "curl",
            ["--silent", "--show-error", "--fail", "--cacert", "\(site.folder.path)/ca.crt"]
                + ["--http2", "--parallel", "--parallel-max", "40"] + urls)
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

    private struct Clients: Sendable, CustomTestStringConvertible {
        let type: String
        var names = ""
        /// `nil` is a client without a certificate.
        let served: [String?]
        let refused: [String?]
        var testDescription: String { "\(type) [\(names)]" }
    }

    private static let clients: [Clients] = [
        Clients(type: "NoClientCert", served: [nil, "stranger"], refused: []),
        Clients(type: "RequestClientCert", served: [nil, "stranger"], refused: []),
        Clients(type: "RequireAnyClientCert", served: ["client", "stranger"], refused: [nil]),
        Clients(type: "RequireClientCert", served: ["stranger"], refused: [nil]),
        Clients(type: "VerifyClientCertIfGiven", served: [nil, "client"], refused: ["stranger"]),
        // A certificate for servers is none for clients.
        Clients(type: "RequireAndVerifyClientCert", served: ["client"], refused: ["stranger", "server", nil]),
        Clients(
            type: "RequireAndVerifyClientCert", names: "prom.example", served: ["client"],
            refused: ["stranger", "server", nil]),
        Clients(type: "RequireAndVerifyClientCert", names: "10.0.0.1", served: ["client"], refused: []),
        Clients(type: "RequireAndVerifyClientCert", names: "'fd00::1'", served: ["client"], refused: []),
        Clients(type: "RequireAndVerifyClientCert", names: "ops@example.org", served: ["client"], refused: []),
        Clients(type: "RequireAndVerifyClientCert", names: "x, spiffe://example/prom", served: ["client"], refused: []),
        Clients(
            type: "RequireAndVerifyClientCert", names: "example, PROM.EXAMPLE, client", served: [], refused: ["client"]),
        Clients(type: "VerifyClientCertIfGiven", names: "nobody", served: [], refused: ["client", nil]),
        Clients(type: "RequireAnyClientCert", names: "prom.example", served: ["stranger"], refused: ["server"]),
        Clients(type: "RequestClientCert", names: "nobody", served: [], refused: ["stranger", nil]),
    ]

    @Test(arguments: clients)
    private func clientsAreAskedForCertificates(_ row: Clients) async throws {
        var lines = ["client_auth_type: \(row.type)"]
        if row.type.contains("Verify") { lines.append("client_ca_file: ca.crt") }
        if !row.names.isEmpty { lines.append("client_allowed_sans: [\(row.names)]") }
        let site = try await WebConfigSite(tls: lines)
        for version in ["1.2", "1.3"] {
            for client in row.served {
                #expect(try await site.ask(as: client, with: ["--tls-max", version]).status == 200)
            }
            for client in row.refused {
                let answer = try? await site.ask(as: client, with: ["--tls-max", version])
                #expect(answer == nil, "\(client ?? "none") with TLS \(version)")
            }
        }
        #expect(site.lines("TLS handshake failed").count == min(row.refused.count, 1), "\(site.exporter.standardError)")
        if row.type == "VerifyClientCertIfGiven", row.names == "nobody" {
            #expect(site.exporter.standardError.contains("allowed SANs in client cert, found: [prom.example, 10.0.0.1"))
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
        // Files that were written a moment ago are read again for each connection, and their sessions go with them.
        let isResumed = try await eventually(within: .seconds(10)) {
            _ = try await site.handshake(client + ["-sess_out", session])
            return try await site.handshake(client + ["-sess_in", session])?.contains("Reused, TLSv1.2") == true
        }
        #expect(isResumed, "\(site.exporter.standardError)")
    }

    @Test func namesWithoutAuthenticationAreToldOf() async throws {
        let site = try await WebConfigSite(tls: ["client_allowed_sans: [nobody]"])
        #expect(site.lines("client_allowed_sans has no effect without client_auth_type").count == 1)
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
        // Each request is a connection of its own; what fails is printed.
        let asking = """
            cd "$0" && until [ -e stop ]; do
                curl --silent --show-error --fail --cacert ca.crt "https://127.0.0.1:$1/-/healthy" >/dev/null && echo good
            done
            """
        let clients = try (0..<3).map { _ in
            try FleetProcess("/bin/sh", ["-c", asking, site.folder.path, "\(site.port)"])
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
        try site.write("stop", "")
        for client in clients {
            #expect(try await client.exitStatus() == 0)
            #expect(client.standardError.isEmpty, "\(client.standardError)")
            #expect(client.standardOutput.split(separator: "\n").count > 8)
        }
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
