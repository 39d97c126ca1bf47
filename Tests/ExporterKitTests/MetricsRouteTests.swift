import Synchronization
import Testing

@testable import ExporterKit

/// A source that counts how often it is asked and answers when it is let.
private final class GatedSource: MetricSource {
    let calls = Atomic<Int>(0)
    let cancelled = Atomic<Int>(0)
    let isOpen = Mutex(false)
    let deadlines = Mutex<[Deadline]>([])
    let collectors = [
        CollectorStatus(CollectorDescriptor("one", "One.")), CollectorStatus(CollectorDescriptor("two", "Two.")),
    ]

    func families(for request: ScrapeRequest) async -> [MetricFamily] {
        calls.add(1, ordering: .relaxed)
        deadlines.withLock { $0.append(request.deadline) }
        while !isOpen.withLock({ $0 }) {
            if Task.isCancelled {
                cancelled.add(1, ordering: .relaxed)
                break
            }
            try? await Task.sleep(for: .milliseconds(2))
        }
        let descriptor = MetricDescriptor("m", "M.", kind: .gauge)
        let second = MetricDescriptor("n", "N.", kind: .gauge)
        return [MetricFamily(descriptor, [Sample(1), Sample(2)]), MetricFamily(second, [Sample(3)])]
    }
}

@Suite struct MetricsRouteTests {
    private func get(_ query: String = "", _ headers: [(String, String)] = []) -> HTTPRequest {
        HTTPRequest(target: "/metrics" + query, headers: headers.map { ($0.0, $0.1) })
    }

    @Test func duplicateIsServedOnceAndCounted() async {
        let source = GatedSource()
        source.isOpen.withLock { $0 = true }
        let response = await MetricsRoute(sources: [source]).respond(to: get())
        let text = String(decoding: response.body, as: UTF8.self)
        #expect(response.status == 200)
        #expect(text.contains("\nm 1\n") && !text.contains("\nm 2\n"))
        #expect(text.contains("exporter_dropped_series_total{reason=\"duplicate\"} 1"))
    }

    @Test func equalScrapesRunOnce() async {
        let source = GatedSource()
        let route = MetricsRoute(sources: [source])
        let statuses = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<20 { group.addTask { await route.respond(to: get()).status } }
            try? await Task.sleep(for: .milliseconds(50))
            source.isOpen.withLock { $0 = true }
            return await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 200, count: 20))
        #expect(source.calls.load(ordering: .relaxed) == 1)
    }

    @Test func onlyWhatIsKnownToBeSmallAnswersAtOnce() async {
        let registry = Registry()
        let gauges = registry.gauge("m", "M.", labels: ["l"], seriesLimit: 0)
        gauges("a").set(1)
        let route = MetricsRoute(sources: [registry])
        #expect(!route.answersAtOnce(get()))
        let first = await route.respond(to: get())
        #expect(route.answersAtOnce(get()) && !route.answersAtOnce(get("", [("Accept-Encoding", "gzip")])))
        #expect(await route.respond(to: get()).body == first.body)

        for number in 0..<10_000 { gauges("\(number)").set(1) }
        _ = await route.respond(to: get())
        #expect(!route.answersAtOnce(get()))
        #expect(await route.respond(to: get("?name[]=none")).body.count < 1000)
        #expect(!route.answersAtOnce(get()))  // the whole is as large as before

        let slow = MetricsRoute(sources: [registry, GatedSource()])
        #expect(!slow.answersAtOnce(get()))
    }

    @Test func moreDifferentScrapesThanAllowedAreRefused() async {
        let source = GatedSource()
        let route = MetricsRoute(sources: [source], options: .init(maxRequests: 1))
        async let first = route.respond(to: get()).status
        while source.calls.load(ordering: .relaxed) == 0 { await Task.yield() }
        let second = await route.respond(to: get("?collect[]=one"))
        #expect(second.status == 503)
        source.isOpen.withLock { $0 = true }
        #expect(await first == 200)
        #expect(await route.respond(to: get("?collect[]=one")).status == 200)
    }

    @Test func workIsCancelledWhenTheLastOneHangsUp() async {
        let source = GatedSource()
        let route = MetricsRoute(sources: [source])
        let scrapers = (0..<2).map { _ in Task { await route.respond(to: get()) } }
        while source.calls.load(ordering: .relaxed) == 0 { await Task.yield() }
        try? await Task.sleep(for: .milliseconds(20))
        scrapers[0].cancel()
        try? await Task.sleep(for: .milliseconds(20))
        #expect(source.cancelled.load(ordering: .relaxed) == 0)
        scrapers[1].cancel()
        _ = await scrapers[1].value
        #expect(await eventually { source.cancelled.load(ordering: .relaxed) == 1 })
    }

    @Test(arguments: [
        ("10", 9.75), ("0.5", 0.25), ("0.2", 0.1), ("3600", 60), ("nonsense", 60), ("-1", 60), ("inf", 60), ("", 60),
    ])
    func deadlineFollowsTheScrapersTimeout(header: String, seconds: Double) async throws {
        let source = GatedSource()
        source.isOpen.withLock { $0 = true }
        let before = ContinuousClock.now
        _ = await MetricsRoute(sources: [source]).respond(
            to: get("", [("X-Prometheus-Scrape-Timeout-Seconds", header)]))
        let after = ContinuousClock.now
        let deadline = try #require(source.deadlines.withLock { $0.first })
        #expect(deadline.instant >= before.advanced(by: .seconds(seconds)))
        #expect(deadline.instant <= after.advanced(by: .seconds(seconds)))
    }

    @Test(arguments: [
        ("?collect[]=one", 200), ("?collect%5B%5D=two&collect[]=one", 200), ("?exclude[]=one", 200),
        ("?collect[]=three", 400), ("?collect[]=one&exclude[]=two", 400),
    ])
    func filtersAreChecked(query: String, status: Int) async {
        let source = GatedSource()
        source.isOpen.withLock { $0 = true }
        #expect(await MetricsRoute(sources: [source]).respond(to: get(query)).status == status)
    }

    @Test func namesSelectFamilies() async {
        let source = GatedSource()
        source.isOpen.withLock { $0 = true }
        let response = await MetricsRoute(sources: [source]).respond(to: get("?name[]=n"))
        #expect(String(decoding: response.body, as: UTF8.self) == "# HELP n N.\n# TYPE n gauge\nn 3\n")
    }

    @Test(arguments: [
        (nil, false), ("gzip", true), ("gzip, deflate, br", true), ("deflate;q=1, GZIP;q=0.5", true),
        ("gzip;q=0", false), ("identity", false),
    ])
    func compressesWhenAsked(header: String?, expected: Bool) async {
        let source = GatedSource()
        source.isOpen.withLock { $0 = true }
        let headers = header.map { [("accept-encoding", $0)] } ?? []
        let response = await MetricsRoute(sources: [source]).respond(to: get("", headers))
        #expect(response.headers.contains { $0.name == "Content-Encoding" && $0.value == "gzip" } == expected)
        #expect(response.body.starts(with: [0x1f, 0x8b]) == expected)
    }

    /// It heeds neither its deadline nor its cancellation.
    private final class StubbornSource: MetricSource {
        let calls = Atomic<Int>(0)
        let gate = Gate()
        let returned = Atomic<Int>(0)

        func families(for request: ScrapeRequest) async -> [MetricFamily] {
            calls.add(1, ordering: .relaxed)
            await gate.waitStubbornly()
            returned.add(1, ordering: .relaxed)
            return [MetricFamily(MetricDescriptor("stubborn", "S.", kind: .gauge), [Sample(1)])]
        }
    }

    @Test func lateSourceCostsOnlyItself() async {
        let stubborn = StubbornSource()
        let registry = Registry()
        registry.gauge("toy", "A toy.").set(5)
        let route = MetricsRoute(
            sources: [stubborn, registry], options: .init(scrapeTimeout: .seconds(1)))
        for count in 1...3 {
            let began = ContinuousClock.now
            let text = String(decoding: await route.respond(to: get()).body, as: UTF8.self)
            #expect(began.duration(to: .now) < .seconds(30))
            #expect(text.contains("\ntoy 5\n") && !text.contains("\nstubborn "))
            #expect(text.contains("\nexporter_late_sources_total \(count)\n"))
        }
        // While it is late it is not asked again; as soon as it is back it is.
        #expect(stubborn.calls.load(ordering: .relaxed) == 1)
        stubborn.gate.open()
        #expect(await eventually { stubborn.returned.load(ordering: .relaxed) == 1 })
        var text = ""
        for _ in 0..<500 where !text.contains("\nstubborn 1\n") {
            text = String(decoding: await route.respond(to: get()).body, as: UTF8.self)
        }
        #expect(text.contains("\nstubborn 1\n"))
    }

    @Test func sourcesAreAskedAtOnce() async {
        let sources = (0..<5).map { _ in GatedSource() }
        let route = MetricsRoute(sources: sources)
        async let answer = route.respond(to: get()).status
        #expect(await eventually { sources.allSatisfy { $0.calls.load(ordering: .relaxed) == 1 } })
        for source in sources { source.isOpen.withLock { $0 = true } }
        #expect(await answer == 200)
    }

    @Test func ownMetricsKeepTheirNames() async {
        let registry = Registry()
        registry.counter("exporter_refused_scrapes_total", "Mine.").increment(by: 99)
        let route = MetricsRoute(sources: [registry])
        let text = String(decoding: await route.respond(to: get()).body, as: UTF8.self)
        #expect(text.contains("\nexporter_refused_scrapes_total 0\n") && !text.contains("Mine."))
        #expect(text.contains("\nexporter_dropped_series_total{reason=\"reserved_name\"} 1\n"))
    }

    /// A scrape that somebody with less time could not join still ends with its last client.
    @Test func supersededScrapeIsCancelledToo() async {
        let source = GatedSource()
        let route = MetricsRoute(sources: [source])
        func scrape(_ seconds: String, until count: Int) async -> Task<HTTPResponse, Never> {
            let request = get("", [("X-Prometheus-Scrape-Timeout-Seconds", seconds)])
            let task = Task { await route.respond(to: request) }
            #expect(await eventually { source.calls.load(ordering: .relaxed) == count })
            return task
        }
        let patient = await scrape("60", until: 1)
        let hasty = await scrape("5", until: 2)
        patient.cancel()
        #expect(await eventually { source.cancelled.load(ordering: .relaxed) == 1 })
        hasty.cancel()
        #expect(await eventually { source.cancelled.load(ordering: .relaxed) == 2 })
    }

    @Test(arguments: [
        ("GET", "/anything?name[]=n", 200, "# HELP n N.\n# TYPE n gauge\nn 3\n"),
        ("HEAD", "/metrics?name[]=n", 200, "# HELP n N.\n# TYPE n gauge\nn 3\n"),
        ("POST", "/metrics", 405, "405 method not allowed: use GET\n"),
    ])
    func anyServerCanMountIt(method: String, target: String, status: Int, body: String) async {
        let source = GatedSource()
        source.isOpen.withLock { $0 = true }
        let headers = ["accept": "text/plain", "x-other": "1"].map { (name: $0.key, value: $0.value) }
        let answer = await MetricsRoute(sources: [source]).respond(method: method, target: target, headers: headers)
        #expect(answer.status == status)
        #expect(String(decoding: answer.body, as: UTF8.self) == body)
    }
}
