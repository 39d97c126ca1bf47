import Synchronization
import Testing

@testable import ExporterKit

@Suite struct ScrapeRunnerTests {
    @Test func pureCollectorsShareOneRoundTrip() async {
        let server = FakeServer { .success(Double($0.count)) }
        let runner = ScrapeRunner(
            namespace: "fake", provider: server,
            collectors: [
                FakeQueryCollector("one", asks: ["a", "bb"]),
                FakeCollector("free") { (sink) throws(CollectorError) in
                    sink.add(MetricDescriptor("fake_free", "Free.", kind: .gauge), 7)
                },
                FakeQueryCollector("two", asks: ["ccc"]),
            ])
        #expect(
            await text(of: runner) == """
                fake_a 1
                fake_bb 2
                fake_ccc 3
                fake_free 7
                fake_scrape_collector_success{collector="one"} 1
                fake_scrape_collector_success{collector="free"} 1
                fake_scrape_collector_success{collector="two"} 1
                fake_up 1
                """)
        #expect(server.asked.withLock { $0 } == [["a", "bb", "ccc"]])
    }

    @Test func failureCostsOnlyItsOwnCollector() async {
        let server = FakeServer {
            $0 == "bb" ? .failure(CollectorError(.locked, "lock timeout")) : .success(Double($0.count))
        }
        let runner = ScrapeRunner(
            namespace: "fake", provider: server,
            collectors: [FakeQueryCollector("one", asks: ["a", "bb"]), FakeQueryCollector("two", asks: ["ccc"])])
        #expect(
            await text(of: runner) == """
                fake_a 1
                fake_ccc 3
                fake_scrape_collector_success{collector="one"} 0
                fake_scrape_collector_success{collector="two"} 1
                fake_up 1
                """)
        #expect(runner.collectors.first?.last?.error?.reason == .locked)
        #expect(runner.collectors.last?.last?.error == nil)
    }

    @Test func filterChoosesCollectors() async {
        let server = FakeServer { .success(Double($0.count)) }
        let runner = ScrapeRunner(
            namespace: "fake", provider: server,
            collectors: [FakeQueryCollector("one", asks: ["a"]), FakeQueryCollector("two", asks: ["bb"])])
        #expect(await text(of: runner, .only(["two"])).contains("fake_bb 2"))
        #expect(await !text(of: runner, .only(["two"])).contains("fake_a "))
        #expect(await !text(of: runner, .except(["two"])).contains("fake_bb"))
    }

    @Test func unreachableServerIsUpZeroAndTroubleIsToldOncePerChange() async {
        let server = FakeServer(down: CollectorError(.connection, "refused")) { _ in .success(1) }
        let events = Mutex<[String]>([])
        let runner = ScrapeRunner(
            namespace: "fake", provider: server, collectors: [FakeQueryCollector("one", asks: ["a"])],
            log: { event in
                events.withLock { $0.append("\(event.collector ?? "server"): \(event.error?.message ?? "well")") }
            },
            report: { report, sink in
                sink.add(MetricDescriptor("fake_scrapes_total", "Scrapes.", kind: .counter), Double(report.count))
            })
        for _ in 0..<3 { _ = await text(of: runner) }
        #expect(await text(of: runner) == "fake_scrapes_total 4\nfake_up 0")
        server.down.withLock { $0 = CollectorError(.authentication, "wrong password") }
        _ = await text(of: runner)
        server.down.withLock { $0 = nil }
        _ = await text(of: runner)
        _ = await text(of: runner)
        #expect(events.withLock { $0 } == ["server: refused", "server: wrong password", "server: well"])
    }

    @Test func serverThatDoesNotAnswerTheHeartbeatIsDown() async {
        let server = FakeServer(heartbeat: "are you there") { _ in .failure(CollectorError(.timeout, "stalled")) }
        let events = Mutex<[String]>([])
        let runner = ScrapeRunner(
            namespace: "fake", provider: server,
            collectors: [FakeQueryCollector("one", asks: ["a"]), FakeQueryCollector("two", asks: ["b"])],
            log: { event in events.withLock { $0.append(event.error?.message ?? "well") } })
        for _ in 0..<2 { #expect(await text(of: runner) == "fake_up 0") }
        #expect(server.asked.withLock { $0 } == Array(repeating: ["are you there", "a", "b"], count: 2))
        #expect(events.withLock { $0 } == ["stalled"])
    }

    @Test func slowQuestionIsNotTakenForAServerThatIsDown() async {
        let server = FakeServer(heartbeat: "are you there") {
            $0 == "are you there" ? .success(1) : .failure(CollectorError(.timeout, "slow"))
        }
        let runner = ScrapeRunner(
            namespace: "fake", provider: server, collectors: [FakeQueryCollector("one", asks: ["a"])])
        #expect(await text(of: runner) == "fake_scrape_collector_success{collector=\"one\"} 0\nfake_up 1")
    }

    @Test func noDataIsNoTrouble() async {
        let events = Mutex(0)
        let runner = ScrapeRunner(
            namespace: "fake", provider: FakeServer { _ in .success(1) },
            collectors: [
                FakeCollector("idle") { (_) throws(CollectorError) in throw CollectorError(.noData, "nothing") }
            ], log: { _ in events.withLock { $0 += 1 } })
        #expect(await text(of: runner) == "fake_scrape_collector_success{collector=\"idle\"} 0\nfake_up 1")
        #expect(events.withLock { $0 } == 0)
    }

    @Test func secondCollectorOfANameIsLeftOut() async {
        let runner = ScrapeRunner(
            namespace: "fake", provider: FakeServer { _ in .success(1) },
            collectors: [FakeQueryCollector("one", asks: ["a"]), FakeQueryCollector("one", asks: ["b"])])
        #expect(runner.collectors.count == 1)
    }
}
