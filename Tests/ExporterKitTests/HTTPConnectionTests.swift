import Foundation
import Synchronization
import Testing

@testable import ExporterKit

/// HTTP as it is spoken, well and badly.
@Suite struct HTTPConnectionTests {
    @Test(arguments: [
        ("rubbish\r\n\r\n", "400"), ("GET / HTTP/2.0\r\nHost: x\r\n\r\n", "505"), ("GET / HTTP/1.1\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "400"), ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\n\r\n", "417"),
        ("GET / HTTP/1.1\r\n: x\r\n\r\n", "400"), ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", "400"),
        ("CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", "404"),
        ("OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "404"),
        ("POST /metrics HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n", "405"),
    ])
    func oddRequestsAreAnsweredAndClosed(request: String, status: String) async throws {
        try await withServer { _, port in
            let answer = try await RawClient.exchange(request, port: port)
            #expect(answer.split(separator: " ").dropFirst().first.map(String.init) == status)
            #expect(answer.contains("\r\nConnection: close\r\n"))
        }
    }

    @Test(arguments: [
        "GET http://exporter:9187/-/healthy HTTP/1.1\r\nHost: exporter:9187\r\nConnection: close\r\n\r\n",
        "GET http://exporter:9187/-/healthy?a=/b HTTP/1.0\r\n\r\n", "GET /%2d/healthy HTTP/1.0\r\n\r\n",
        "GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n\u{1}\u{2}",
        "\r\nGET /-/healthy HTTP/1.1\r\nhOsT: x\r\ncOnNeCtIoN: ClOsE\r\n\r\n",
    ])
    func unusualFormsAreUnderstood(request: String) async throws {
        try await withServer { _, port in
            let answer = try await RawClient.exchange(request, port: port)
            #expect(answer.hasSuffix("\r\n\r\ntoy is healthy.\n"))
        }
    }

    @Test func oldClientsKeepTheirConnectionWhenTheyAsk() async throws {
        try await withServer { _, port in
            let client = try await RawClient(port: port)
            for count in 1...2 {
                try await client.send("GET /-/healthy HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                #expect(await eventually { client.received.components(of: "is healthy.") == count })
            }
            #expect(client.received.components(of: "\r\nConnection: keep-alive\r\n") == 2)
        }
    }

    @Test func headHasTheHeadersOfGetAndNoBody() async throws {
        let registry = Registry()
        registry.gauge("toy", "A toy.").set(5)
        try await withServer([registry]) { _, port in
            func headers(_ method: String) async throws -> [Substring] {
                let answer = try await RawClient.exchange("\(method) /metrics HTTP/1.0\r\n\r\n", port: port)
                #expect(answer.hasSuffix("\r\n\r\n") == (method == "HEAD"))
                let end = try #require(answer.firstRange(of: "\r\n\r\n"))
                return answer[..<end.lowerBound].split(separator: "\r\n").filter { !$0.hasPrefix("Date: ") }
            }
            let get = try await headers("GET")
            #expect(try await headers("HEAD") == get)
            #expect(get.contains { $0.hasPrefix("Content-Length: ") && $0 != "Content-Length: 0" })
        }
    }

    @Test func answersCarryTheDate() async throws {
        #expect(TimeText.imfDate(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        try await withServer { _, port in
            let answer = try await RawClient.exchange("GET / HTTP/1.0\r\n\r\n", port: port)
            #expect(answer.contains(/\r\nDate: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} 20\d\d \d\d:\d\d:\d\d GMT\r\n/))
        }
    }

    @Test func malformedRequestAfterGoodOnesWaitsItsTurn() async throws {
        let gate = Gate()
        try await withServer(
            [],
            {
                $0.routes["/slow"] = { _ in
                    await gate.wait() ? .text(200, "slow") : .text(500, "")
                }
            }
        ) { _, port in
            let client = try await RawClient(port: port)
            try await client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\nrubbish\r\n\r\nmore")
            try await Task.sleep(for: .milliseconds(50))
            #expect(client.received == "")
            gate.open()
            let answers = try #require(await client.end())
            #expect(answers.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answers.contains("slow\nHTTP/1.1 400 Bad Request\r\n"))
        }
    }

    @Test func closedSendingSideStillGetsItsAnswers() async throws {
        let gate = Gate()
        try await withServer(
            [],
            {
                $0.routes["/slow"] = { _ in
                    await gate.wait() ? .text(200, "slow") : .text(500, "")
                }
            }
        ) { _, port in
            let client = try await RawClient(port: port)
            try await client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n")
            try await client.finishSending()
            try await Task.sleep(for: .milliseconds(100))
            gate.open()
            let answers = try #require(await client.end())
            #expect(answers.contains("slow\n") && answers.hasSuffix("is healthy.\n"))
        }
    }

    @Test func halfARequestIsAnsweredWhenNothingMoreComes() async throws {
        try await withServer { _, port in
            let client = try await RawClient(port: port)
            try await client.send("GET /metr")
            try await client.finishSending()
            #expect(await client.end()?.hasPrefix("HTTP/1.1 400 ") == true)
        }
    }

    @Test func clientThatHangsUpCancelsItsAnswer() async throws {
        let state = Mutex((began: false, cancelled: false))
        try await withServer(
            [],
            {
                $0.limits.halfClosedTime = .milliseconds(100)
                $0.routes["/long"] = { _ in
                    state.withLock { $0.began = true }
                    let isCancelled = await eventually(within: .seconds(30)) { Task.isCancelled }
                    state.withLock { $0.cancelled = isCancelled }
                    return .text(200, "")
                }
            }
        ) { server, port in
            let client = try await RawClient(port: port)
            try await client.send("GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await eventually { state.withLock { $0.began } })
            await client.close()
            #expect(await eventually(within: .seconds(20)) { state.withLock { $0.cancelled } })
            #expect(await server.book.untilIdle(.seconds(20)))
        }
    }

    /// A header that would split the answer costs its own answer only.
    @Test func illegalHeaderOfARouteClosesTheConnection() async throws {
        try await withServer(
            [], { $0.routes["/bad"] = { _ in .text(200, "x", headers: [("X-Bad", "a\r\nb: c")]) } }
        ) { server, port in
            let answer = try await RawClient.exchange("GET /bad HTTP/1.1\r\nHost: x\r\n\r\n", port: port)
            #expect(!answer.contains("b: c"))
            #expect(await server.book.untilIdle(.seconds(20)))
        }
    }

    /// Random bytes, mutilated requests, and requests cut anywhere: the server outlives them all.
    @Test(arguments: 0..<4)
    func rubbishOfEveryKindHarmsNobody(seed: Int) async throws {
        try await withServer { server, port in
            var random = Numbers(seed: UInt64(seed))
            for _ in 0..<40 {
                let client = try await RawClient(port: port)
                try? await client.send(Self.rubbish(&random))
                if Bool.random(using: &random) { try? await client.finishSending() } else { await client.close() }
            }
            let answer = try await RawClient.exchange("GET /-/healthy HTTP/1.0\r\n\r\n", port: port)
            #expect(answer.hasSuffix("is healthy.\n"))
            #expect(await server.book.untilIdle(.seconds(20)))
        }
    }

    private static func rubbish(_ random: inout Numbers) -> [UInt8] {
        let good =
            "POST /metrics?a=%4&b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nT: u\r\n\r\n"
        var bytes = Array((good + "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n").utf8)
        switch random.next() % 3 {
        case 0: bytes = (0..<Int(random.next() % 4000)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        case 1: bytes = Array(bytes.prefix(Int(random.next() % UInt64(bytes.count))))
        default:
            for _ in 0..<1 + random.next() % 8 {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
        }
        return bytes
    }

    /// The same numbers in every run of a seed: splitmix64.
    private struct Numbers: RandomNumberGenerator {
        private var state: UInt64

        init(seed: UInt64) { state = seed }

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    @Test(arguments: [
        (["--fail", "-s"], "toy 5"), (["-s", "--http1.0"], "toy 5"), (["-s", "--compressed"], "toy 5"),
        (["-s", "--http2"], "toy 5"), (["-s", "-I"], "200 OK"), (["-s", "-d", "a=b"], "405 method not allowed"),
        (["-s", "-T", "/proc/self/status"], "405 method not allowed"),
        (["-s", "-H", "Expect: 100-continue", "-d", "a=b"], "405 method not allowed"),
        (["-s", "-H", "X: \(String(repeating: "x", count: 60_000))"], "431 request header fields too large"),
    ])
    func curlGetsItsAnswer(arguments: [String], expected: String) async throws {
        let registry = Registry()
        registry.gauge("toy", "A toy.").set(5)
        try await withServer([registry]) { _, port in
            let output = try await curl(arguments + ["http://127.0.0.1:\(port)/metrics"])
            #expect(output.contains(expected))
        }
    }

    private func curl(_ arguments: [String]) async throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["curl", "--max-time", "20"] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        return try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { _ in
                continuation.resume(
                    returning: String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self))
            }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
    }
}
