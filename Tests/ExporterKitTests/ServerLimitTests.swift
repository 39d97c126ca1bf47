import Glibc
import Synchronization
import Testing

@testable import ExporterKit

/// What clients that are slow, greedy or broken can do to a server: nothing to the others.
@Suite struct ServerLimitTests {
    private let get = "GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n"

    /// Bytes that keep coming do not buy time.
    @Test(arguments: ["", "GET /-/healthy HTTP/1.1\r\nX-Slow: "])
    func slowRequestIsCutOff(start: String) async throws {
        try await withServer([], { $0.limits.requestTime = .milliseconds(300) }) { _, port in
            let client = try await RawClient(port: port)
            let began = ContinuousClock.now
            if !start.isEmpty { try await client.send(start) }
            while !client.isEnded, began.duration(to: .now) < .seconds(10) {
                if !start.isEmpty { try? await client.send("a") }
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(client.received == "")
            #expect(began.duration(to: .now) < .seconds(9))
        }
    }

    @Test func requestsAfterTheFirstHaveTheSameTime() async throws {
        try await withServer([], { $0.limits.requestTime = .seconds(2) }) { _, port in
            let client = try await RawClient(port: port)
            try await client.send(get)
            #expect(await client.receives("is healthy."))
            try await Task.sleep(for: .milliseconds(2500))  // longer than a request may take: idle is not slow
            try await client.send("GET /")
            #expect(await client.end(within: .seconds(30))?.components(of: "is healthy.") == 1)
        }
    }

    @Test func idleConnectionIsClosed() async throws {
        try await withServer([], { $0.limits.idleTime = .milliseconds(200) }) { _, port in
            let client = try await RawClient(port: port)
            try await client.send(get)
            #expect(await client.end(within: .seconds(30))?.hasSuffix("is healthy.\n") == true)
        }
    }

    /// Named, so that a test's log does not hold a megabyte.
    enum Oversized: String, CaseIterable {
        case header, target, headers, announcedBody, absurdBody, chunkedBody

        var request: String {
            let post = "POST / HTTP/1.1\r\nHost: x\r\n"
            return switch self {
            case .header: "GET / HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "a", count: 1 << 20))\r\n\r\n"
            case .target: "GET /\(String(repeating: "a", count: 1 << 17)) HTTP/1.1\r\nHost: x\r\n\r\n"
            case .headers: "GET / HTTP/1.1\r\nHost: x\r\n\((0..<2000).map { "X\($0): \($0)\r\n" }.joined())\r\n"
            case .announcedBody: post + "Content-Length: 99999999\r\n\r\n"
            case .absurdBody: post + "Content-Length: 99999999999999999999999\r\n\r\n"
            case .chunkedBody:
                post + "Transfer-Encoding: chunked\r\n\r\n20000\r\n" + String(repeating: "b", count: 0x20000)
            }
        }

        var status: String {
            switch self {
            case .header, .target, .headers: "431"
            case .announcedBody, .chunkedBody: "413"
            case .absurdBody: "400"
            }
        }
    }

    @Test(arguments: Oversized.allCases)
    func oversizedRequestIsRefused(kind: Oversized) async throws {
        try await withServer { _, port in
            let answer = try await RawClient.exchange(kind.request, port: port)
            #expect(answer.hasPrefix("HTTP/1.1 \(kind.status) "))
            #expect(answer.contains("\r\nConnection: close\r\n"))
        }
    }

    @Test func smallBodiesAreReadAndForgotten() async throws {
        try await withServer { _, port in
            let client = try await RawClient(port: port)
            try await client.send("GET /-/healthy HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello" + get)
            #expect(await eventually { client.received.components(of: "is healthy.") == 2 })
        }
    }

    @Test func connectionsBeyondTheLimitAreClosed() async throws {
        try await withServer([], { $0.limits.connections = 20 }) { server, port in
            var clients: [RawClient] = []
            for _ in 0..<120 { clients.append(try await RawClient(port: port)) }
            let all = clients
            #expect(await eventually { all.count(where: \.isEnded) == 100 })
            #expect(server.refused.value == 100)
            let open = clients.filter { !$0.isEnded }
            for client in open { try await client.send(get) }
            for client in open { #expect(await client.receives("is healthy.")) }
            // Room is made again by whoever leaves.
            await open[0].close()
            #expect(await eventuallyAnswered(port))
        }
    }

    private func eventuallyAnswered(_ port: Int) async -> Bool {
        for _ in 0..<200 {
            if let client = try? await RawClient(port: port), (try? await client.send(get)) != nil,
                await eventually(within: .seconds(2), { client.isEnded || client.received.contains("is healthy.") }),
                client.received.contains("is healthy.")
            {
                return true
            }
        }
        return false
    }

    @Test func pipelinedRequestsAreBounded() async throws {
        let gate = Gate()
        try await withServer(
            [],
            {
                $0.routes["/slow"] = { _ in
                    await gate.wait() ? .text(200, "slow") : .text(500, "")
                }
            }
        ) { _, port in
            let slow = "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"
            let greedy = try await RawClient(port: port)
            try await greedy.send(slow + String(repeating: get, count: 17))
            #expect(await greedy.end() == "")
            let modest = try await RawClient(port: port)
            try await modest.send(slow + String(repeating: get, count: 16))
            gate.open()
            #expect(await eventually { modest.received.components(of: "is healthy.") == 16 })
            #expect(modest.received.components(of: "slow\n") == 1)
        }
    }
}

/// Answers that take long, and those who take them.
@Suite struct LargeAnswerTests {
    private static let block = (0..<65_537).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    /// 50 MB whose blocks do not fall together with slices.
    private static let large = [UInt8](unsafeUninitializedCapacity: 800 * block.count) { bytes, count in
        for number in 0..<800 {
            UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(bytes)[(number * block.count)...])
                .copyBytes(from: block)
        }
        count = bytes.count
    }
    private static let get = "GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    private func serve(
        _ adjust: (inout MetricsServer.Configuration) -> Void = { _ in },
        _ body: (MetricsServer, Int) async throws -> Void
    ) async throws {
        let large = Self.large
        try await withServer(
            [],
            {
                $0.routes["/large"] = { _ in HTTPResponse(status: 200, headers: [], body: large) }
                adjust(&$0)
            }, body)
    }

    @Test func arrivesWhole() async throws {
        try await serve { _, port in
            let client = try await RawClient(port: port)
            try await client.send(Self.get)
            #expect(await eventually(within: .seconds(60)) { client.isEnded })
            let bytes = client.receivedBytes
            let head = bytes.count - Self.large.count
            try #require(head > 0)
            #expect(memcmp(Array(bytes[head...]), Self.large, Self.large.count) == 0)
        }
    }

    /// Copies for 20 clients that read nothing would be a gigabyte.
    @Test func slowReadersCostOneSliceEach() async throws {
        try await serve { _, port in
            let before = residentBytes()
            var clients: [RawClient] = []
            for _ in 0..<20 {
                let client = try await RawClient(port: port, reads: false)
                try await client.send(Self.get)
                clients.append(client)
            }
            try await Task.sleep(for: .milliseconds(300))
            let healthy = try await RawClient.exchange("GET /-/healthy HTTP/1.0\r\n\r\n", port: port)
            #expect(healthy.hasSuffix("is healthy.\n"))
            #expect(residentBytes() - before < 300 << 20)
            for client in clients { await client.close() }
        }
    }

    @Test func slowReaderIsCutOff() async throws {
        try await serve({ $0.limits.answerTime = .milliseconds(300) }) { server, port in
            let client = try await RawClient(port: port, reads: false)
            try await client.send(Self.get)
            try await Task.sleep(for: .milliseconds(600))
            try await client.startReading()
            #expect(await eventually { client.isEnded })
            #expect(client.receivedBytes.count < 40 << 20)
            #expect(await server.book.untilIdle(.seconds(5)))
        }
    }

    private func residentBytes() -> Int {
        guard let statm = try? readSmallFile("/proc/self/statm") else { return 0 }
        return (statm.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
    }
}
