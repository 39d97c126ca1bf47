import CurlClient
import Foundation
import TLSClient
import Testing

/// https against `openssl s_server` with a certificate made by the test.
@Suite(.serialized)
struct CertificateTests {
    private let client = CurlClient()
    private var soon: ContinuousClock.Instant { .now.advanced(by: .seconds(20)) }

    @Test func trustedCertificateGivesItsExpiry() async throws {
        let server = try TLSServer()
        defer { server.stop() }
        var call = HTTPCall("https://localhost:\(server.port)/")
        call.usesFreshConnection = true
        call.tls.authorityFile = server.certificateFile
        let answer = try await client.answer(to: call, until: soon)
        #expect(answer.status == 200)
        #expect(answer.usedTLS)
        #expect(answer.timings.tls > .zero)
        let handshake = try #require(answer.handshake)
        #expect(handshake.isTrusted)
        #expect(["TLS 1.2", "TLS 1.3"].contains(handshake.version))
        let leaf = try #require(handshake.presented.first)
        #expect(leaf.names == ["localhost"])
        #expect(leaf.subject.contains("localhost"))
        let days = (try #require(leaf.expiry) - Date().timeIntervalSince1970) / 86_400
        #expect((9.9...10.1).contains(days))
    }

    @Test func unknownAuthorityIsRefused() async throws {
        let server = try TLSServer()
        defer { server.stop() }
        var call = HTTPCall("https://localhost:\(server.port)/")
        call.usesFreshConnection = true
        await #expect {
            try await client.answer(to: call, until: soon)
        } throws: {
            let error = $0 as? CurlError
            return error?.kind == .tls && error?.handshake?.isTrusted == false
                && error?.handshake?.presented.first?.names == ["localhost"]
        }
    }

    @Test func anotherServerNameIsSentAndChecked() async throws {
        let server = try TLSServer()
        defer { server.stop() }
        var call = HTTPCall("https://127.0.0.1:\(server.port)/")
        call.tls.authorityFile = server.certificateFile
        call.tls.serverName = "localhost"
        #expect(try await client.answer(to: call, until: soon).status == 200)
    }

    @Test func wrongNameIsRefused() async throws {
        let server = try TLSServer()
        defer { server.stop() }
        var call = HTTPCall("https://127.0.0.1:\(server.port)/")
        call.tls.authorityFile = server.certificateFile
        await #expect { try await client.answer(to: call, until: soon) } throws: { ($0 as? CurlError)?.kind == .tls }
    }

    @Test func missingAuthorityFileIsConfiguration() async throws {
        let server = try TLSServer()
        defer { server.stop() }
        var call = HTTPCall("https://localhost:\(server.port)/")
        call.tls.authorityFile = "/nonexistent/ca.pem"
        await #expect { try await client.answer(to: call, until: soon) } throws: {
            ($0 as? CurlError)?.kind == .configuration
        }
    }
}

/// `openssl s_server -www` on a free port, with a certificate for `localhost` that ends in ten days.
private struct TLSServer {
    let port: Int
    let certificateFile: String
    private let process = Process()

    init() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("curl-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        certificateFile = folder.appendingPathComponent("cert.pem").path
        let key = folder.appendingPathComponent("key.pem").path
        let made = try Process.run(
            URL(fileURLWithPath: "/usr/bin/env"),
            arguments: [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-keyout", key, "-out", certificateFile, "-days", "10", "-subj", "/CN=localhost",
                "-addext", "subjectAltName=DNS:localhost",
            ])
        while made.isRunning { usleep(10_000) }
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "openssl", "s_server", "-www", "-accept", "localhost:0", "-cert", certificateFile, "-key", key,
        ]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var text = ""
        var found: Int?
        while found == nil {
            let chunk = output.fileHandleForReading.availableData
            guard !chunk.isEmpty else { break }
            text += String(decoding: chunk, as: UTF8.self)
            if let line = text.split(separator: "\n").first(where: { $0.hasPrefix("ACCEPT") }), text.hasSuffix("\n") {
                found = line.split(separator: ":").last.flatMap { Int($0) }
            }
        }
        port = try #require(found)
    }

    /// SIGKILL, because a child inherits the signal mask of the thread that started it and may never see SIGTERM.
    func stop() {
        kill(process.processIdentifier, SIGKILL)
    }
}
