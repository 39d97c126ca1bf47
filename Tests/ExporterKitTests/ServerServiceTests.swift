import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import ExporterKit

/// The server as a service among others.
@Suite struct ServerServiceTests {
    private func server(_ adjust: (inout MetricsServer.Configuration) -> Void = { _ in }) throws -> MetricsServer {
        let address = try #require(ListenAddress("127.0.0.1:0"))
        var configuration = MetricsServer.Configuration(
            listenAddresses: [address], page: LandingPage(name: "toy", summary: "", version: "1"))
        adjust(&configuration)
        return MetricsServer(configuration, sources: [], logger: .silent)
    }

    @Test func gracefulShutdownLetsAnswersEnd() async throws {
        let began = Mutex(0)
        let gate = Gate()
        let server = try server {
            $0.routes["/slow"] = { _ in
                began.withLock { $0 += 1 }
                return await gate.wait() ? .text(200, "done") : .text(500, "")
            }
        }
        let port = try await server.start()[0].port
        let group = ServiceGroup(services: [server], logger: .silent)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            var clients: [RawClient] = []
            for _ in 0..<20 {
                let client = try await RawClient(port: port)
                try await client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
                clients.append(client)
            }
            #expect(await eventually { began.withLock { $0 } == 20 })
            await group.triggerGracefulShutdown()
            #expect(await eventually { !server.isReady })
            gate.open()
            for client in clients {
                let answer = try #require(await client.end())
                #expect(answer.hasSuffix("\r\n\r\ndone\n") && answer.contains("\r\nConnection: close\r\n"))
            }
            try await tasks.waitForAll()
        }
        #expect(await refuses(port))
    }

    @Test(arguments: [false, true])
    func endsWithinBoundsWhateverRuns(isCancelled: Bool) async throws {
        let server = try server {
            $0.shutdownTime = .milliseconds(200)
            $0.routes["/stuck"] = { _ in
                _ = await eventually(within: .seconds(60)) { Task.isCancelled }
                return .text(200, "")
            }
        }
        let port = try await server.start()[0].port
        let client = try await RawClient(port: port)
        try await client.send("GET /stuck HTTP/1.1\r\nHost: x\r\n\r\n")
        let group = ServiceGroup(services: [server], logger: .silent)
        let run = Task { try? await group.run() }
        try await Task.sleep(for: .milliseconds(50))
        let began = ContinuousClock.now
        if isCancelled { run.cancel() } else { await group.triggerGracefulShutdown() }
        await run.value
        #expect(began.duration(to: .now) < .seconds(30))
        #expect(await client.end() == "")
        #expect(await refuses(port))
    }

    @Test func addressInUseEndsTheGroup() async throws {
        try await withServer { _, port in
            let server = try server { $0.listenAddresses = [ListenAddress("127.0.0.1:\(port)")].compactMap(\.self) }
            await #expect(throws: MetricsServer.ListenError.self) {
                try await ServiceGroup(services: [server], logger: .silent).run()
            }
        }
    }

    private func refuses(_ port: Int) async -> Bool {
        do {
            _ = try await RawClient(port: port)
            return false
        } catch { return true }
    }
}
