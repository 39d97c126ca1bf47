import Foundation
import Glibc

/// One HTTP request on a connection of its own, on a thread of its own.
struct PostgresHTTPAnswer: Sendable {
    let status: Int
    let seconds: Double
    let body: String

    static func get(_ port: Int, timeout: Int? = nil) async throws -> PostgresHTTPAnswer {
        let header = timeout.map { "X-Prometheus-Scrape-Timeout-Seconds: \($0)\r\n" } ?? ""
        let request = "GET /metrics HTTP/1.0\r\nHost: localhost\r\n\(header)\r\n"
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try exchange(request, port) })
            }
        }
    }

    private static func exchange(_ request: String, _ port: Int) throws -> PostgresHTTPAnswer {
        let began = ContinuousClock.now
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { Glibc.close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let isConnected = withUnsafeMutableBytes(of: &address) { bytes -> Bool in
            guard let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress else { return false }
            return connect(socket, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
        let bytes = Array(request.utf8)
        guard isConnected, send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw FleetError("cannot ask port \(port)")
        }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = recv(socket, &chunk, chunk.count, 0), count > 0 { answer += chunk[..<count] }
        let seconds = began.duration(to: .now) / .seconds(1)
        let text = String(decoding: answer, as: UTF8.self)
        guard let status = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) }),
            let head = text.range(of: "\r\n\r\n")
        else {
            throw FleetError("no HTTP answer from port \(port)")
        }
        return PostgresHTTPAnswer(status: status, seconds: seconds, body: String(text[head.upperBound...]))
    }
}
