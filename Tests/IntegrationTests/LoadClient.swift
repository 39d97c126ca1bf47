import Foundation
import Glibc

/// Many requests to one exporter over a few connections that stay open, as a Prometheus sends them.
enum LoadClient {
    /// Asks for every path.
    ///
    /// - Parameter width: connections.
    /// - Returns: the bodies, in no order.
    static func get(_ port: Int, _ paths: [String], width: Int) async throws -> [String] {
        try await withThrowingTaskGroup(of: [String].self) { group in
            for worker in 0..<width {
                let own = stride(from: worker, to: paths.count, by: width).map { paths[$0] }
                group.addTask {
                    try await withCheckedThrowingContinuation { continuation in
                        Thread.detachNewThread { continuation.resume(with: Result { try talk(port, own) }) }
                    }
                }
            }
            var bodies: [String] = []
            for try await some in group { bodies += some }
            return bodies
        }
    }

    private static func talk(_ port: Int, _ paths: [String]) throws -> [String] {
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
        guard isConnected else { throw FleetError("cannot connect to port \(port)") }
        var received = Data()
        return try paths.map { path in
            let request = Array("GET \(path) HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
            guard send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
                throw FleetError("the exporter closed the connection")
            }
            return try answer(socket, &received)
        }
    }

    /// One answer; what comes behind it stays.
    private static func answer(_ socket: Int32, _ received: inout Data) throws -> String {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            if let head = received.range(of: Data("\r\n\r\n".utf8)) {
                let text = String(decoding: received[..<head.lowerBound], as: UTF8.self).lowercased()
                guard let field = text.firstMatch(of: /content-length: (\d+)/), let length = Int(field.1) else {
                    throw FleetError("an answer without a length: \(text)")
                }
                if received.endIndex - head.upperBound >= length {
                    let end = head.upperBound + length
                    defer { received = Data(received[end...]) }
                    return String(decoding: received[head.upperBound..<end], as: UTF8.self)
                }
            }
            let count = recv(socket, &chunk, chunk.count, 0)
            guard count > 0 else { throw FleetError("the exporter closed the connection") }
            received.append(contentsOf: chunk[..<count])
        }
    }
}

extension FleetProcess {
    /// Resident memory now.
    func residentKiB() throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        guard let match = status.firstMatch(of: /VmRSS:\s+(\d+) kB/), let size = Int(match.1) else {
            throw FleetError("no resident size of \(pid)")
        }
        return size
    }
}
