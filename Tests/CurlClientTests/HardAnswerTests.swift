import CurlClient
import TestSupport
import Testing

/// Answers that are slow, broken, compressed, endless or lie about their length, and certificates of every state.
struct HardAnswerTests {
    private let client = CurlClient()

    private func failure(_ call: HTTPCall, within time: Duration = .seconds(10)) async throws -> CurlError.Kind? {
        do throws(CurlError) {
            _ = try await client.answer(to: call, until: .now.advanced(by: time))
            return nil
        } catch {
            return error.kind
        }
    }

    @Test func answersOfEveryPaceArrive() async throws {
        let server = try HTTPTestServer { request in
            let answer = HTTPTestAnswer("hello")
            switch request.path {
            case "/chunks": return answer.with(\.isChunked, true).with(\.delivery, .trickle(bytes: 2, every: .zero))
            case "/gzip": return answer.with(\.encoding, .gzip)
            case "/deflate": return answer.with(\.encoding, .deflate)
            case "/closes": return answer.with(\.closes, true)
            case "/late": return answer.with(\.delay, .milliseconds(50))
            default: return HTTPTestAnswer("\(request.method) \(request.query["a"] ?? "") \(request.body)")
            }
        }
        for path in ["/chunks", "/gzip", "/deflate", "/closes", "/late"] {
            let answer = try await client.answer(to: HTTPCall(server.url(path)), until: .now + .seconds(10))
            #expect(String(decoding: answer.body, as: UTF8.self) == "hello", "\(path)")
        }
        var call = HTTPCall(server.url("/?a=b%20c"))
        call.method = .post
        call.body = Array("x".utf8)
        let answer = try await client.answer(to: call, until: .now + .seconds(10))
        #expect(String(decoding: answer.body, as: UTF8.self) == "POST b c x")
        #expect(server.requests.count == 6)
    }

    @Test func lyingStallingAndFloodingServersAreFailures() async throws {
        let server = try HTTPTestServer { request in
            let answer = HTTPTestAnswer("0123456789")
            switch request.path {
            case "/short": return answer.with(\.declaredLength, 20).with(\.closes, true)
            case "/stall": return answer.with(\.delivery, .stall(after: 3))
            case "/cut": return answer.with(\.delivery, .cutOff(after: 3))
            case "/endless": return answer.with(\.delivery, .endless)
            case "/bomb":
                return HTTPTestAnswer([UInt8](repeating: 0x20, count: 1 << 24)).with(\.encoding, .gzip)
            case "/hangup": return nil
            default: return answer.with(\.declaredLength, 1 << 40)
            }
        }
        let expected: [(path: String, kind: CurlError.Kind)] = [
            ("/short", .protocol), ("/stall", .timeout), ("/cut", .protocol), ("/endless", .tooLarge),
            ("/bomb", .tooLarge), ("/hangup", .connect), ("/huge", .tooLarge),
        ]
        for (path, kind) in expected {
            let time: Duration = path == "/stall" ? .milliseconds(200) : .seconds(10)
            #expect(try await failure(HTTPCall(server.url(path)), within: time) == kind, "\(path)")
        }
    }

    @Test func certificatesAreTrustedWhileTheyAreValid() async throws {
        let authority = try TestAuthority()
        let good = try HTTPTestServer(tls: authority.issue(), ["/": "good"])
        let expired = try HTTPTestServer(tls: authority.issue(until: -60), ["/": "old"])
        let early = try HTTPTestServer(tls: authority.issue(from: 3_600), ["/": "early"])
        for (server, kind) in [(good, nil), (expired, CurlError.Kind.tls), (early, .tls)] {
            var call = HTTPCall(server.url("/"))
            call.tls.authorityFile = authority.authorityFile
            #expect(try await failure(call) == kind)
        }
    }

    @Test func clientCertificateIsShownToThoseWhoAsk() async throws {
        let authority = try TestAuthority()
        var tls = try authority.issue()
        tls.clientAuthorityFile = authority.authorityFile
        let server = try HTTPTestServer(tls: tls, ["/": "hello"])
        var call = HTTPCall(server.url("/"))
        call.tls.authorityFile = authority.authorityFile
        // In TLS 1.3 the refusal comes behind the handshake.
        let refused = try await failure(call)
        #expect(refused == .tls || refused == .connect)
        let own = try authority.issue("client")
        call.tls.certificateFile = own.certificateFile
        call.tls.keyFile = own.keyFile
        #expect(try await failure(call) == nil)
    }
}
