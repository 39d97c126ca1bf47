import ExporterKit
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import app_exporter

/// Access tokens by client credentials: kept, renewed, asked for with the secret as it is.
struct OAuthTests {
    /// An API and the server of its tokens in one: `token-1`, `token-2` ...
    private final class TokenServer: Sendable {
        let issued = Atomic(0)
        /// Only this token is taken; 0 takes the newest.
        let accepted = Atomic(0)
        let lifetime: Int?
        let secret = Mutex("s3cret&=")
        let log = Mutex<[String]>([])

        init(lifetime: Int?) { self.lifetime = lifetime }

        func answer(_ request: HTTPTestRequest) -> HTTPTestAnswer {
            guard request.path == "/token" else {
                let wanted = accepted.load(ordering: .relaxed)
                let number = wanted == 0 ? issued.load(ordering: .relaxed) : wanted
                return request.header("authorization") == "Bearer token-\(number)"
                    ? HTTPTestAnswer("7") : HTTPTestAnswer("", status: 401)
            }
            log.withLock { $0.append(request.body + " " + (request.header("authorization") ?? "")) }
            let secret = secret.withLock { $0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "" }
            let basic = "Basic " + Data("me%40x:\(secret)".utf8).base64EncodedString()
            guard
                request.header("authorization") == basic
                    || request.form["client_secret"] == self.secret.withLock({ $0 })
            else { return HTTPTestAnswer(#"{"error":"invalid_client"}"#, status: 401) }
            let number = issued.wrappingAdd(1, ordering: .relaxed).newValue
            let expiry = lifetime.map { ",\"expires_in\":\($0)" } ?? ""
            return HTTPTestAnswer(#"{"access_token":"token-\#(number)","token_type":"Bearer"\#(expiry)}"#)
        }
    }

    private func groups(_ server: HTTPTestServer, _ secret: SecretFile, _ more: String = "") throws -> GroupsUnderTest {
        try GroupsUnderTest(
            """
            sources:
              api:
                http:
                  base: "\(server.url())"
                  oauth2: { token_url: "\(server.url("/token"))", client_id: "me@x", client_secret: { file: "\(secret.path)" }\(more) }
            groups:
            \((0..<6).map { "  g\($0): { source: api, get: /n, metrics: [{ gauge: n\($0 == 0 ? "" : "\($0)"), value: ., help: N. }] }" }.joined(separator: "\n"))
            """)
    }

    @Test(arguments: [3_600, nil])
    func aTokenIsKept(lifetime: Int?) async throws {
        let tokens = TokenServer(lifetime: lifetime)
        let server = try HTTPTestServer(tokens.answer)
        let secret = try SecretFile("s3cret&=")
        let groups = try groups(server, secret, ", scopes: [read, more], endpoint_params: { audience: x y }")
        for _ in 0..<3 { #expect(try await groups.run().values == ["n": 7]) }
        let asked = tokens.log.withLock { $0 }
        #expect(asked.count == 1)
        #expect(asked[0].hasPrefix("grant_type=client_credentials&scope=read%20more&audience=x%20y Basic "))
    }

    @Test func groupsThatAskAtTheSameTimeShareOneToken() async throws {
        let tokens = TokenServer(lifetime: 3_600)
        let server = try HTTPTestServer(tokens.answer)
        let secret = try SecretFile("s3cret&=")
        let groups = try groups(server, secret, ", auth: body")
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for number in 0..<6 {
                tasks.addTask {
                    let findings = try await groups.run("g\(number)")
                    #expect(findings.error == nil)
                }
            }
            try await tasks.waitForAll()
        }
        #expect(tokens.log.withLock { $0.count } == 1)
        #expect(tokens.log.withLock { $0[0] }.contains("client_id=me%40x&client_secret=s3cret%26%3D"))
    }

    @Test func aTokenThatExpiredIsReplacedBeforehand() async throws {
        let tokens = TokenServer(lifetime: 1)
        let server = try HTTPTestServer(tokens.answer)
        let secret = try SecretFile("s3cret&=")
        let groups = try groups(server, secret)
        #expect(try await groups.run().error == nil)
        try await Task.sleep(for: .milliseconds(950))
        #expect(try await groups.run().error == nil)
        #expect(tokens.issued.load(ordering: .relaxed) == 2)
        #expect(await groups.metrics()["app_exporter_client_requests_total{result=4xx,source=api}"] == nil)
    }

    @Test func aRefusedTokenIsRenewedOnce() async throws {
        let tokens = TokenServer(lifetime: 3_600)
        let server = try HTTPTestServer(tokens.answer)
        let secret = try SecretFile("s3cret&=")
        let groups = try groups(server, secret)
        #expect(try await groups.run().error == nil)
        tokens.accepted.store(2, ordering: .relaxed)
        #expect(try await groups.run().values == ["n": 7])
        #expect(await groups.metrics()["app_exporter_client_retries_total{reason=token,source=api}"] == 1)
        tokens.accepted.store(99, ordering: .relaxed)
        #expect(try await groups.run().error?.reason == .authentication)
        #expect(tokens.issued.load(ordering: .relaxed) == 3)
    }

    @Test func aRotatedSecretCountsAtOnce() async throws {
        let tokens = TokenServer(lifetime: 3_600)
        let server = try HTTPTestServer(tokens.answer)
        let secret = try SecretFile("s3cret&=")
        let groups = try groups(server, secret)
        #expect(try await groups.run().error == nil)
        tokens.secret.withLock { $0 = "new one" }
        try secret.write("new one")
        #expect(try await groups.run().error == nil)
        #expect(tokens.issued.load(ordering: .relaxed) == 2)
        try secret.write("wrong")
        let refused = try await groups.run()
        #expect(refused.error?.reason == .authentication)
        #expect(refused.error?.message.contains("answered 401 (invalid_client); check client_id") == true)
        #expect(refused.error?.message.contains("wrong") == false)
    }

    @Test(arguments: ["{}", "[]", "x", #"{"access_token":""}"#, #"{"access_token":7}"#])
    func anAnswerWithoutATokenIsAnError(body: String) async throws {
        let server = try HTTPTestServer { _ in HTTPTestAnswer(body) }
        let secret = try SecretFile("x")
        let findings = try await groups(server, secret).run()
        #expect(findings.error?.message.contains("has no access_token in it; check token_url") == true)
    }
}
