import CurlClient
import TestSupport
import Testing

/// Calls against a listener that answers, stalls, floods and lies.
struct CurlClientTests {
    private let client = CurlClient()

    private func soon(_ seconds: Int = 10) -> ContinuousClock.Instant { .now.advanced(by: .seconds(seconds)) }

    private func failure(
        _ call: HTTPCall, until deadline: ContinuousClock.Instant? = nil
    ) async throws -> CurlError {
        do throws(CurlError) {
            let answer = try await client.answer(to: call, until: deadline ?? soon())
            Issue.record("answered \(answer.status)")
            throw CurlError(.cancelled, "no failure")
        } catch {
            return error
        }
    }

    @Test func givesStatusHeadersBodyAndTimings() async throws {
        let server = try LoopbackServer { connection in
            while connection.request() != nil {
                connection.answer("hello", status: "404 Not Found", headers: "X-Kind: tea \r\n")
            }
        }
        let answer = try await client.answer(to: HTTPCall(server.url("/a?b=c")), until: soon())
        #expect(answer.status == 404)
        #expect(answer.header("x-kind") == "tea")
        #expect(String(decoding: answer.body, as: UTF8.self) == "hello")
        #expect(answer.declaredBodyBytes == 5)
        #expect(answer.version == 1.1)
        #expect(answer.primaryAddress == "127.0.0.1")
        #expect(answer.timings.total > .zero)
        #expect(answer.timings.tls == .zero)
        #expect(answer.handshake == nil)
        #expect(server.requests.first?.hasPrefix("GET /a?b=c HTTP/1.1\r\n") == true)
    }

    @Test func reusesTheConnection() async throws {
        let server = try LoopbackServer { connection in
            var count = 0
            while connection.request() != nil {
                count += 1
                connection.answer("\(count)")
            }
        }
        var call = HTTPCall(server.url())
        for expected in ["1", "2", "3"] {
            #expect(try await String(decoding: client.answer(to: call, until: soon()).body, as: UTF8.self) == expected)
        }
        call.usesFreshConnection = true
        #expect(try await String(decoding: client.answer(to: call, until: soon()).body, as: UTF8.self) == "1")
    }

    @Test func silentServerTimesOutByTheDeadline() async throws {
        let server = try LoopbackServer { $0.waitForHangUp() }
        let began = ContinuousClock.now
        let error = try await failure(HTTPCall(server.url()), until: .now.advanced(by: .milliseconds(200)))
        #expect(error.kind == .timeout)
        #expect(error.message.hasPrefix("GET http://127.0.0.1:\(server.port)/: "))
        #expect(began.duration(to: .now) < .seconds(10))
    }

    @Test func deadlineInThePastAsksNothing() async throws {
        let server = try LoopbackServer { $0.waitForHangUp() }
        let error = try await failure(HTTPCall(server.url()), until: .now.advanced(by: .seconds(-1)))
        #expect(error.kind == .timeout)
        #expect(server.requests.isEmpty)
    }

    @Test func cancellationEndsTheCallAtOnce() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.request()
            connection.waitForHangUp()
        }
        let client = client
        let began = ContinuousClock.now
        let result = await withTaskGroup(of: CurlError.Kind?.self) { group in
            group.addTask {
                do throws(CurlError) {
                    _ = try await client.answer(to: HTTPCall(server.url()), until: .now.advanced(by: .seconds(60)))
                    return nil
                } catch { return error.kind }
            }
            while server.requests.isEmpty { await Task.yield() }
            group.cancelAll()
            return await group.next() ?? nil
        }
        #expect(result == .cancelled)
        #expect(began.duration(to: .now) < .seconds(20))
    }

    @Test func cancelledTaskAsksNothing() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.request()
            connection.answer("late")
        }
        let client = client
        let kind = await withTaskGroup(of: CurlError.Kind?.self) { group in
            group.cancelAll()
            group.addTask {
                do throws(CurlError) {
                    _ = try await client.answer(to: HTTPCall(server.url()), until: .now.advanced(by: .seconds(60)))
                    return nil
                } catch { return error.kind }
            }
            return await group.next() ?? nil
        }
        #expect(kind == .cancelled)
    }

    @Test func endlessBodyIsTooLarge() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\n\r\n")
            while connection.send(String(repeating: "x", count: 10_000)) {}
        }
        let error = try await failure(HTTPCall(server.url()))
        #expect(error.kind == .tooLarge)
        #expect(error.message.contains("larger than 1048576 bytes"))
    }

    @Test func declaredBodyBeyondTheLimitIsTooLarge() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\nx")
            connection.waitForHangUp()
        }
        #expect(try await failure(HTTPCall(server.url())).kind == .tooLarge)
    }

    @Test func endlessHeadersAreTooLarge() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\n")
            while connection.send("X-Many: \(String(repeating: "y", count: 900))\r\n") {}
        }
        let error = try await failure(HTTPCall(server.url()))
        #expect(error.kind == .tooLarge)
        #expect(error.message.contains("headers"))
    }

    @Test(arguments: ["not http at all\r\n\r\n", "", "HTTP/1.1 2"])
    func garbageIsAnErrorOfProtocolOrConnection(text: String) async throws {
        let server = try LoopbackServer { connection in
            _ = connection.request()
            connection.send(text)
        }
        let kind = try await failure(HTTPCall(server.url())).kind
        #expect(kind == .protocol || kind == .connect)
    }

    @Test func refusedConnectionSaysSo() async throws {
        let server = try LoopbackServer { _ in }
        server.stop()
        let error = try await failure(HTTPCall(server.url("/x?key=secret")))
        #expect(error.kind == .connect)
        #expect(error.message.hasPrefix("GET http://127.0.0.1:\(server.port)/x: "))
        #expect(!error.message.contains("secret"))
    }

    @Test func unknownNameIsResolve() async throws {
        #expect(try await failure(HTTPCall("http://no-such-host.invalid/")).kind == .resolve)
    }

    @Test(arguments: ["ftp://example.com/", "file:///etc/passwd", "nonsense", "http://user:pass@example.com/", ""])
    func otherURLsAreRefused(url: String) async throws {
        #expect(try await failure(HTTPCall(url)).kind == .configuration)
    }

    @Test func lineBreakInAHeaderIsRefused() async throws {
        var call = HTTPCall("http://127.0.0.1:1/")
        call.headers = [("X-A", "b\r\nX-C: d")]
        #expect(try await failure(call).kind == .configuration)
    }

    @Test func closedClientFailsCalls() async throws {
        let client = CurlClient()
        await client.close()
        await #expect(throws: CurlError.self) {
            try await client.answer(to: HTTPCall("http://127.0.0.1:1/"), until: soon())
        }
    }

    @Test func manyCallsAtOnceAllEnd() async throws {
        let server = try LoopbackServer { connection in
            while connection.request() != nil { connection.answer("ok") }
        }
        let client = client
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    try await client.answer(to: HTTPCall(server.url()), until: .now.advanced(by: .seconds(20))).body
                        .count
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(count == 200)
    }
}
