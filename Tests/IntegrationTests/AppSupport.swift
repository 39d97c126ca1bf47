import ExporterKitTesting
import Foundation
import Glibc
import Synchronization
import Testing

/// app-exporter as a process, with a configuration of the test's own.
final class AppExporterUnderTest {
    let process: FleetProcess
    private let folder: URL

    init(
        _ configuration: String, _ flags: [String] = [], file named: String? = nil, environment: [String: String] = [:]
    ) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("app-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent("app.yaml")
        try configuration.write(to: file, atomically: true, encoding: .utf8)
        process = try FleetProcess(
            "app-exporter", ["--config.file=\(named ?? file.path)", "--web.listen-address=127.0.0.1:0"] + flags,
            environment: environment)
    }

    deinit {
        process.signal(SIGKILL)
        try? FileManager.default.removeItem(at: folder)
    }

    func url() async throws -> String { "http://127.0.0.1:\(try await process.port())/metrics" }

    /// Series by name and labels as printed; a test asks for what it needs.
    func scrape() async throws -> [String: Double] {
        let samples = try Exposition(parsing: await curl(url()).body).samples
        return Dictionary(samples.map { ($0.series, $0.value) }) { _, last in last }
    }

    /// Scrapes until the condition holds.
    func scrape(until condition: ([String: Double]) -> Bool) async throws -> [String: Double] {
        var last: [String: Double] = [:]
        let isSo = try await eventually(within: .seconds(20)) {
            // A single request may fail while everything runs at once.
            last = (try? await scrape()) ?? last
            return condition(last)
        }
        let interesting = last.filter { $0.value != 0 && !$0.key.contains("_bucket") }.map { "\($0.key) \($0.value)" }
        try #require(isSo, "\(interesting.sorted().joined(separator: "\n"))\n\(process.standardError)")
        return last
    }
}

/// A small HTTP server on loopback: an answer by path.
final class AppTestServer: Sendable {
    let port: Int
    private let listener: Int32
    private let seen = Mutex<[String]>([])

    /// - Parameter answers: body by path; other paths are 404.
    init(_ answers: [String: String]) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutableBytes(of: &address) { bytes -> Bool in
            guard let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress else { return false }
            return bind(listener, pointer, length) == 0 && listen(listener, 16) == 0
                && getsockname(listener, pointer, &length) == 0
        }
        guard isBound else { throw FleetError("no port for the test's HTTP server") }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        // The thread does not hold the server: it ends with the listener.
        Thread.detachNewThread { [weak self] in
            while case let client = accept(listener, nil, nil), client >= 0 {
                self?.serve(client, answers)
                close(client)
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// Heads of the requests so far.
    var requests: [String] { seen.withLock { $0 } }

    func url(_ path: String = "") -> String { "http://127.0.0.1:\(port)\(path)" }

    private func serve(_ client: Int32, _ answers: [String: String]) {
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while head.suffix(4) != [13, 10, 13, 10], recv(client, &byte, 1, 0) == 1 { head.append(byte) }
        let text = String(decoding: head, as: UTF8.self)
        seen.withLock { $0.append(text) }
        let words = text.split(separator: " ")
        let path = words.count > 1 ? words[1].prefix { $0 != "?" } : ""
        let body = answers[String(path)]
        let status = body == nil ? "404 Not Found" : "200 OK"
        let reply = Array(
            "HTTP/1.1 \(status)\r\nContent-Length: \(body?.utf8.count ?? 0)\r\nConnection: close\r\n\r\n\(body ?? "")"
                .utf8)
        _ = send(client, reply, reply.count, Int32(MSG_NOSIGNAL))
    }
}
