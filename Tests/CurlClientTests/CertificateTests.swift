import CurlClient
import Foundation
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
        let leaf = try #require(answer.certificates.first)
        #expect(leaf.subject.contains("localhost"))
        let days = (try #require(leaf.expiry) - Date().timeIntervalSince1970) / 86_400
        #expect((9.9...10.1).contains(days))
    }

    @Test func unknownAuthorityIsRefused() async throws {
        let authority = try TestAuthority()
        let server = try HTTPTestServer(tls: authority.issue(until: 864_000), ["/": "ok"])
        await #expect {
            try await client.answer(to: HTTPCall("https://localhost:\(server.port)/"), until: soon)
        } throws: { ($0 as? CurlError)?.kind == .tls }
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
