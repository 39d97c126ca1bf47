import CurlClient
import TestSupport
import Testing

/// Redirects are followed only when asked, and nothing secret follows them to another host.
struct RedirectTests {
    private let client = CurlClient()
    private var soon: ContinuousClock.Instant { .now.advanced(by: .seconds(10)) }

    private func call(_ url: String, redirects: Int) -> HTTPCall {
        var call = HTTPCall(url)
        call.credentials = .bearer("top-secret")
        call.headers = [("X-Api-Key", "also-secret")]
        call.maximumRedirects = redirects
        return call
    }

    private func redirecting(to location: String) throws -> LoopbackServer {
        try LoopbackServer { connection in
            while let request = connection.request() {
                if request.hasPrefix("GET /end") {
                    connection.answer("end")
                } else {
                    connection.answer("", status: "302 Found", headers: "Location: \(location)\r\n")
                }
            }
        }
    }

    @Test func aRedirectIsTheAnswerByDefault() async throws {
        let server = try redirecting(to: "/end")
        let answer = try await client.answer(to: call(server.url(), redirects: 0), until: soon)
        #expect(answer.status == 302)
        #expect(answer.redirects == 0)
        #expect(server.requests.count == 1)
    }

    @Test func theSameHostKeepsCredentials() async throws {
        let server = try redirecting(to: "/end")
        let answer = try await client.answer(to: call(server.url(), redirects: 3), until: soon)
        #expect(answer.status == 200)
        #expect(answer.redirects == 1)
        #expect(
            server.requests.allSatisfy { $0.contains("Authorization: Bearer top-secret") && $0.contains("also-secret") }
        )
    }

    @Test func anotherHostOrPortGetsNoSecrets() async throws {
        let other = try redirecting(to: "/end")
        for target in [other.url("/end"), other.url("/end", host: "localhost")] {
            let server = try redirecting(to: target)
            let answer = try await client.answer(to: call(server.url(), redirects: 3), until: soon)
            #expect(answer.status == 200)
        }
        #expect(other.requests.count == 2)
        #expect(other.requests.allSatisfy { !$0.contains("secret") })
    }

    @Test func aLoopEnds() async throws {
        let server = try redirecting(to: "/again")
        await #expect {
            try await client.answer(to: call(server.url(), redirects: 4), until: soon)
        } throws: { ($0 as? CurlError)?.kind == .redirects }
        #expect(server.requests.count == 5)
    }

    @Test func aRedirectToAFileIsRefused() async throws {
        let server = try redirecting(to: "file:///etc/passwd")
        await #expect {
            try await client.answer(to: call(server.url(), redirects: 4), until: soon)
        } throws: { ($0 as? CurlError)?.kind == .configuration }
    }
}
