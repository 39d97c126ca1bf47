import Testing

@testable import ExporterKit

/// Says one thing and never ends by itself.
private struct StuckSource: MetricSource {
    func families(for request: ScrapeRequest) async -> [MetricFamily] {
        try? await Task.sleep(for: .seconds(30))
        return []
    }
}

@Suite struct MetricsServerTests {
    private func server(_ sources: [any MetricSource]) -> MetricsServer {
        let addresses = [ListenAddress("127.0.0.1:0"), ListenAddress("127.0.0.1:0")].compactMap(\.self)
        let page = LandingPage(name: "toy <exporter>", summary: "Toys.", version: "1", targets: ["a&b:1"])
        return MetricsServer(
            MetricsServer.Configuration(listenAddresses: addresses, page: page), sources: sources,
            logger: .silent)
    }

    @Test func answersOnEveryAddress() async throws {
        let registry = Registry()
        registry.gauge("toy", "A toy.").set(5)
        let server = server([registry])
        let bound = try await server.start()
        #expect(bound.count == 2 && bound[0].port != bound[1].port)
        for address in bound {
            let answer = try await RawClient.exchange(
                "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", port: address.port)
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8; escaping=underscores\r\n"))
            #expect(answer.contains("\ntoy 5\n"))
        }
        await server.shutdown(within: .seconds(1))
    }

    @Test(arguments: [
        ("GET / HTTP/1.0\r\n\r\n", "200", "toy &lt;exporter&gt;"),
        ("GET /-/healthy HTTP/1.0\r\n\r\n", "200", "is healthy."),
        ("GET /-/ready HTTP/1.0\r\n\r\n", "200", "is ready."), ("GET /nope HTTP/1.0\r\n\r\n", "404", "page not found"),
        ("POST /metrics HTTP/1.0\r\n\r\n", "405", "Allow: GET, HEAD"),
        ("HEAD /metrics HTTP/1.0\r\n\r\n", "200", "Content-Length: "),
        ("rubbish\r\n\r\n", "400", ""),
    ])
    func answersEachPath(request: String, status: String, contains: String) async throws {
        let server = server([])
        let port = try await server.start()[0].port
        let answer = try await RawClient.exchange(request, port: port)
        #expect(answer.split(separator: " ").dropFirst().first.map(String.init) == status)
        #expect(contains.isEmpty || answer.contains(contains))
        if request.hasPrefix("HEAD") { #expect(answer.hasSuffix("\r\n\r\n")) }
        await server.shutdown(within: .seconds(1))
    }

    @Test func requestsOnOneConnectionAreAnsweredInOrder() async throws {
        let server = server([])
        let port = try await server.start()[0].port
        let answer = try await RawClient.exchange(
            "GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\nGET /-/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            port: port)
        let healthy = try #require(answer.firstRange(of: "is healthy."))
        let ready = try #require(answer.firstRange(of: "is ready."))
        #expect(healthy.lowerBound < ready.lowerBound)
        await server.shutdown(within: .seconds(1))
    }

    @Test func shutdownDoesNotWaitLongerThanToldTo() async throws {
        let server = server([StuckSource()])
        let port = try await server.start()[0].port
        async let answer = RawClient.exchange("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", port: port)
        try await Task.sleep(for: .milliseconds(100))
        let began = ContinuousClock.now
        await server.shutdown(within: .milliseconds(200))
        #expect(began.duration(to: .now) < .seconds(5))
        #expect(try await answer == "")
    }

    @Test func portInUseIsOneClearLine() async throws {
        let server = server([])
        let taken = try await server.start()[0]
        let page = LandingPage(name: "toy", summary: "", version: "1")
        let other = MetricsServer(
            MetricsServer.Configuration(listenAddresses: [taken], page: page), sources: [],
            logger: .silent)
        let error = await #expect(throws: MetricsServer.ListenError.self) { try await other.start() }
        #expect(
            error?.description.hasPrefix("cannot listen on \(taken): address already in use; choose another") == true)
        await server.shutdown(within: .seconds(1))
    }

    @Test(arguments: [
        (":9187", ":9187"), ("127.0.0.1:0", "127.0.0.1:0"), ("[::1]:9100", "[::1]:9100"),
        ("localhost:80", "localhost:80"), ("vsock://:9100", "vsock://:9100"),
        ("vsock://:4294967294", "vsock://:4294967294"),
        ("vsock://:4294967295", nil), ("vsock://:", nil), ("vsock://3:9100", nil),
        ("9187", nil), ("::1:80", nil), (":99999", nil), ("host:", nil), ("", nil),
    ])
    func readsListenAddresses(text: String, expected: String?) {
        #expect(ListenAddress(text)?.description == expected)
    }
}
