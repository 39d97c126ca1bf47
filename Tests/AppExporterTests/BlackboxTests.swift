import CurlClient
import ExporterCommand
import NIOCore
import Testing

@testable import app_exporter

/// Module files of blackbox_exporter: what is read, refused, hidden.
struct BlackboxTests {
    private func read(_ text: String) throws -> BlackboxConfiguration {
        try BlackboxConfiguration.read(YAMLDocument(text: text, name: "bb.yml"))
    }

    /// Every key of the documentation, in values of this test's own.
    static let everything = """
        modules:
          page:
            prober: http
            timeout: 7s
            http:
              valid_http_versions: ["HTTP/1.1", "HTTP/2.0"]
              valid_status_codes: [200, 204]
              method: POST
              headers: { Host: shop.example, X-Api-Key: hush1 }
              http_headers:
                Accept-Language: { values: [de, fr] }
                X-Token: { values: [a], secrets: [hush2] }
              body_size_limit: 2MB
              compression: gzip
              follow_redirects: false
              fail_if_ssl: false
              fail_if_not_ssl: true
              fail_if_body_matches_regexp: ["out of order"]
              fail_if_body_not_matches_regexp: ['"state":\\s*"up"']
              fail_if_header_matches: [{ header: Set-Cookie, allow_missing: true, regexp: '.*' }]
              fail_if_header_not_matches: [{ header: Vary, regexp: '(\\*|Origin)' }]
              tls_config: { insecure_skip_verify: true, server_name: other.example, min_version: TLS12, max_version: TLS13 }
              basic_auth: { username: me, password: hush3 }
              proxy_url: "http://proxy.example:3128"
              no_proxy: "a.example,b.example"
              skip_resolve_phase_with_proxy: true
              enable_http2: false
              preferred_ip_protocol: ip4
              ip_protocol_fallback: false
              body: '{"pin":"hush4"}'
          bearer: { prober: http, http: { authorization: { credentials: hush5 }, proxy_from_environment: true } }
          mail:
            prober: tcp
            timeout: 5s
            tcp:
              query_response:
                - { expect: "^220 ([^ ]+) ESMTP", labels: [{ name: host, value: "${1}" }] }
                - { send: "EHLO me\\r" }
                - { expect: "^250-STARTTLS", send: "STARTTLS\\r" }
                - { expect: "^220", starttls: true }
              tls: false
              tls_config: { insecure_skip_verify: true }
          database:
            prober: tcp
            tcp:
              query_response:
                - send: !!binary AAAACATSFi8=
                - expect_bytes: S
                - starttls: true
          zone:
            prober: dns
            dns:
              query_name: www.test.example
              query_type: A
              query_class: IN
              recursion_desired: false
              transport_protocol: tcp
              dns_over_tls: true
              valid_rcodes: [NOERROR, NXDOMAIN]
              validate_answer_rrs:
                fail_if_matches_regexp: [".*127.0.0.1"]
                fail_if_all_match_regexp: [".*192.*"]
                fail_if_not_matches_regexp: ["A\\t192"]
                fail_if_none_matches_regexp: ["192", "193"]
              validate_authority_rrs: { fail_if_matches_regexp: ["x"] }
              validate_additional_rrs: { fail_if_matches_regexp: ["y"] }
          health: { prober: grpc, grpc: { service: shop, tls: true, metadata: { x-key: [hush6] } } }
          ping: { prober: icmp, icmp: { ttl: 5, payload_size: 10, dont_fragment: true } }
          socket: { prober: unix, unix: { query_response: [{ send: PING }] } }
          live: { prober: websocket, websocket: { headers: { a: b }, query_response: [{ expect: x }] } }
          rules: { prober: http, http: { fail_if_body_json_matches_cel: "body.a == 1", enable_http3: true, enable_http2: false } }
          login: { prober: http, http: { oauth2: { client_id: me, client_secret: hush7, token_url: "https://a.example" } } }
        """

    @Test func everyDocumentedKeyIsRead() throws {
        let configuration = try read(Self.everything)
        let page = try #require(configuration["page"])
        guard case .http(let http) = page.prober else { return #expect(Bool(false), "no http") }
        #expect(page.timeout == .seconds(7) && page.refusals.isEmpty)
        #expect(page.addresses.prefersIPv4 && !page.addresses.fallsBack)
        #expect(http.method == .post && http.maximumRedirects == 0 && http.maximumBodyBytes == 2 << 20)
        #expect(http.acceptEncoding == "gzip" && http.version == .http11 && !http.access.tls.verifies)
        #expect(http.expectation.statuses == [200...200, 204...204] && http.expectation.tls == true)
        #expect(http.expectation.body.count == 2 && http.expectation.headers.count == 2)
        #expect(try http.access.headers.map { try $0.value.value } == ["shop.example", "hush1", "fr", "hush2"])
        guard case .tcp(let mail)? = configuration["mail"]?.prober else { return #expect(Bool(false), "no tcp") }
        #expect(mail.dialogue.steps.count == 4 && mail.dialogue.steps[0].labels.map(\.name) == ["host"])
        guard case .tcp(let database)? = configuration["database"]?.prober else {
            return #expect(Bool(false), "no tcp")
        }
        #expect(database.dialogue.steps[0].sendBytes == [0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f, 0x0a])
        guard case .dns(let zone)? = configuration["zone"]?.prober else { return #expect(Bool(false), "no dns") }
        #expect(zone.usesTLS && !zone.question.wantsRecursion && zone.answers.count == 4)
        #expect(zone.rcodes == ["NOERROR", "NXDOMAIN"])
    }

    @Test func whatIsNotOfferedIsSaidWithItsPlace() throws {
        let configuration = try read(Self.everything)
        let refused = configuration.modules.filter { !$0.refusals.isEmpty }
        #expect(refused.map(\.name) == ["ping", "socket", "live", "rules", "login"])
        let ping = try #require(configuration["ping"]?.refusals.first)
        #expect("\(ping)".hasSuffix("icmp probes are not offered here; keep blackbox_exporter for them"))
        #expect(configuration["rules"]?.refusals.count == 2)
        #expect("\(try #require(configuration["rules"]?.refusals.first))".contains("bb.yml:"))
    }

    @Test func noSecretIsShown() throws {
        let text = BlackboxText.of(try read(Self.everything))
        #expect(!text.contains("hush"), "\(text)")
        #expect(text.contains("password: <secret>") && text.contains("query_name: www.test.example"))
        _ = try YAMLDocument(text: text, name: "shown")
    }

    @Test(arguments: [
        ("modules: { a: { prober: htp } }", "bb.yml:1:25: prober must be one of http, tcp, dns, grpc, icmp, unix, "),
        (
            "modules: { a: { prober: http, http: { methd: GET } } }",
            "bb.yml:1:39: unknown key methd in http (did you mean method?)"
        ),
        (
            "modules: { a: { prober: icmp, icmp: { tll: 1 } } }",
            "bb.yml:1:39: unknown key tll in icmp (did you mean ttl?)"
        ),
        (
            "modules: { a: { prober: http, tcp: { tlss: true } } }",
            "bb.yml:1:38: unknown key tlss in tcp (did you mean tls?)"
        ),
        (
            "modules: { a: { prober: http, http: { tls_config: { ca_fil: x } } } }",
            "bb.yml:1:53: unknown key ca_fil in tls_config"
        ),
        ("modules: { a: { prober: dns, dns: { query_type: A } } }", "bb.yml:1:37: query_name is missing in dns"),
        ("modules: { a: { prober: dns } }", "bb.yml:1:25: a dns module needs dns: { query_name: NAME }"),
        (
            "modules: { a: { prober: http, http: { body: x, body_file: y } } }",
            "bb.yml:1:59: give body or body_file, not both"
        ),
        (
            "modules: { a: { prober: tcp, tcp: { query_response: [{ expect: '(' }] } } }",
            "bb.yml:1:64: `(` is not a regular expression"
        ),
        ("moduls: {}", "bb.yml:1:1: unknown key moduls in the modules file (did you mean modules?)"),
    ])
    func mistakesAreToldWithTheirPlace(text: String, expected: String) throws {
        #expect { try read(text) } throws: { error in
            "\(error)".hasPrefix(expected)
                ? true
                : {
                    print("got \(error)")
                    return false
                }()
        }
    }

    @Test func healthIsAskedAndReadInFrames() {
        #expect(GRPCCheck.question("") == [0, 0, 0, 0, 0])
        #expect(GRPCCheck.question("ab") == [0, 0, 0, 0, 4, 0x0a, 2, 97, 98])
        #expect(GRPCCheck.state(in: [0, 0, 0, 0, 2, 8, 1]) == "SERVING")
        #expect(GRPCCheck.state(in: [0, 0, 0, 0, 0]) == "UNKNOWN")
        #expect(GRPCCheck.state(in: [0, 0, 0, 0, 2, 8, 9]) == nil)
        #expect(GRPCCheck.state(in: [1, 0, 0, 0, 2, 8, 1]) == nil)
        #expect(GRPCCheck.state(in: []) == nil)
    }

    @Test func addressesHashAsBlackboxHashesThem() throws {
        #expect(BlackboxProbe.hash(of: try SocketAddress(ipAddress: "127.0.0.1", port: 9)) == 3_668_918_509)
        #expect(BlackboxProbe.hash(of: try SocketAddress(ipAddress: "::1", port: 9)) == 1_751_717_746)
    }
}
