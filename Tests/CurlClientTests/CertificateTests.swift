import CurlClient
import Foundation
import TLSClient
import TestSupport
import Testing

/// https with certificates made by the test.
struct CertificateTests {
    private let client = CurlClient()
    private var soon: ContinuousClock.Instant { .now.advanced(by: .seconds(20)) }

    @Test func trustedCertificateGivesItsExpiry() async throws {
        let authority = try TestAuthority()
        let server = try HTTPTestServer(tls: authority.issue(until: 864_000), ["/": "ok"])
        var call = HTTPCall("https://localhost:\(server.port)/")
        call.usesFreshConnection = true
        call.tls.authorityFile = authority.authorityFile
        let answer = try await client.answer(to: call, until: soon)
        #expect(answer.status == 200)
        #expect(answer.usedTLS)
        #expect(answer.timings.tls > .zero)
        let handshake = try #require(answer.handshake)
        #expect(handshake.isTrusted)
        #expect(["TLS 1.2", "TLS 1.3"].contains(handshake.version))
        #expect(handshake.trusted.count == 2)
        let leaf = try #require(handshake.presented.first)
        #expect(leaf.names.contains("localhost"))
        #expect(leaf.subject.contains("localhost"))
        let days = (try #require(leaf.expiry) - Date().timeIntervalSince1970) / 86_400
        #expect((9.9...10.1).contains(days))
    }

    @Test func unknownAuthorityIsRefused() async throws {
        let authority = try TestAuthority()
        let server = try HTTPTestServer(tls: authority.issue(until: 864_000), ["/": "ok"])
        var call = HTTPCall("https://localhost:\(server.port)/")
        call.usesFreshConnection = true
        await #expect {
            try await client.answer(to: call, until: soon)
        } throws: {
            let error = $0 as? CurlError
            return error?.kind == .tls && error?.handshake?.isTrusted == false
                && error?.handshake?.presented.first?.expiry != nil
        }
    }

    @Test func anotherServerNameIsSentAndChecked() async throws {
        let authority = try TestAuthority()
        let server = try HTTPTestServer(tls: authority.issue(alternatives: "DNS:other.example"), ["/": "ok"])
        var call = HTTPCall("https://127.0.0.1:\(server.port)/")
        call.tls.authorityFile = authority.authorityFile
        call.tls.serverName = "other.example"
        #expect(try await client.answer(to: call, until: soon).status == 200)
        #expect(server.requests.first?.header("Host") == "127.0.0.1:\(server.port)")
    }

    @Test func wrongNameIsRefused() async throws {
        let authority = try TestAuthority()
        let server = try HTTPTestServer(tls: authority.issue(alternatives: "DNS:localhost"), ["/": "ok"])
        var call = HTTPCall("https://127.0.0.1:\(server.port)/")
        call.tls.authorityFile = authority.authorityFile
        await #expect { try await client.answer(to: call, until: soon) } throws: { ($0 as? CurlError)?.kind == .tls }
    }

    @Test func missingAuthorityFileIsConfiguration() async throws {
        let authority = try TestAuthority()
        let server = try HTTPTestServer(tls: authority.issue(until: 864_000), ["/": "ok"])
        var call = HTTPCall("https://localhost:\(server.port)/")
        call.tls.authorityFile = "/nonexistent/ca.pem"
        await #expect { try await client.answer(to: call, until: soon) } throws: {
            ($0 as? CurlError)?.kind == .configuration
        }
    }
}
