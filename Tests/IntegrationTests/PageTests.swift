import ExporterKit
import Testing

/// The page at `/` in a real browser.
@Suite(.serialized) struct PageTests {
    // MARK: - A whole exporter

    @Test(arguments: Browser.Scheme.allCases)
    func showsARealExporter(scheme: Browser.Scheme) async throws {
        let exporter = try FleetProcess(
            "pg-exporter", ["--web.listen-address=127.0.0.1:0", "--web.telemetry-path=/numbers"],
            environment: ["DATA_SOURCE_NAME": FleetServers()("FLEET_PG17_MONITOR_URL")])
        let origin = "http://127.0.0.1:\(try await exporter.port())/"
        try await Browser.run(scheme) { browser in
            try await browser.openPage(origin)
            #expect(try await browser.waits(for: "document.querySelectorAll('#rows tr.family').length > 50"))
            #expect(try await browser.text("document.querySelector('.targets').textContent").contains("/fleet"))
            #expect(try await browser.waits(for: "document.querySelectorAll('#collectors .good').length > 5"))
            try await browser.type("/pg_exporter_scrapes_total")
            #expect(try await browser.waits(for: "document.querySelectorAll('#rows tr.family').length === 1"))
            let before = try #require(Double(try await browser.cell("pg_exporter_scrapes_total", 4)))
            let hasMoved = try await eventually(within: .seconds(15)) {
                Double(try await browser.cell("pg_exporter_scrapes_total", 4)) ?? 0 > before
            }
            #expect(hasMoved)
            #expect(try await browser.console() == [])
            let requests = try await browser.requests()
            #expect(
                requests.contains(origin + "numbers") && requests.allSatisfy { $0.hasPrefix(origin) }, "\(requests)")
        }
    }

    // MARK: - Keyboard and search

    @Test func everythingCanBeReachedByKeyboard() async throws {
        try await withPage(PageMetrics()) { address, _ in
            try await Browser.run { browser in
                try await browser.openPage("http://\(address)/")
                #expect(try await browser.waits(for: "document.querySelectorAll('#rows tr.family').length > 5"))
                let all = try await browser.families
                try await browser.type("/toy_many")
                #expect(try await browser.waits(for: "document.querySelectorAll('#rows tr').length === 1"))
                #expect(try await browser.families == ["toy_many"])
                try await browser.press(Browser.Key.down, Browser.Key.enter)
                #expect(try await browser.count("#rows tr.series") == 50)
                #expect(try await browser.text("document.activeElement.getAttribute('aria-expanded')") == "true")
                try await browser.press(Browser.Key.end, Browser.Key.enter)
                #expect(try await browser.count("#rows tr.series") == 120)
                #expect(try await browser.count("#rows tr.more") == 0)
                // The focus goes to the first row that was hidden.
                #expect(try await browser.text("document.activeElement.textContent").contains("item-50"))
                try await browser.press(Browser.Key.left, Browser.Key.left)
                #expect(try await browser.count("#rows tr.series") == 0)
                try await browser.press(Browser.Key.escape)
                #expect(try await browser.waits(for: "document.querySelectorAll('#rows tr').length > 5"))
                #expect(try await browser.families == all)
                #expect(try await browser.text("document.activeElement.textContent").contains("toy_many"))
                #expect(try await browser.console() == [])
            }
        }
    }

    @Test(arguments: [
        ("jobs done", ["toy_jobs_total"], 1), ("HISTOGRAM", ["toy_wait_seconds"], 1), ("<TOYS>", ["toy_size_bytes"], 1),
        ("item=item-77", ["toy_many"], 1), ("many shard=\"3\"", ["toy_many"], 15), ("nothing like it", [], 0),
    ])
    func searchFindsNamesHelpsKindsAndLabels(query: String, families: [String], series: Int) async throws {
        try await withPage(PageMetrics()) { address, _ in
            try await Browser.run { browser in
                try await browser.openPage("http://\(address)/")
                #expect(try await browser.waits(for: "document.querySelectorAll('#rows tr.family').length > 5"))
                try await browser.type("/" + query)
                let isFiltered = try await eventually(within: .seconds(10)) { try await browser.families == families }
                #expect(isFiltered)
                if !families.isEmpty { try await browser.press(Browser.Key.enter, Browser.Key.enter) }
                #expect(try await browser.count("#rows tr.series") == series)
            }
        }
    }

    // MARK: - What it shows

    @Test func valuesMoveAndCoursesAreDrawn() async throws {
        try await withPage(PageMetrics(), path: "/a:b") { address, _ in
            try await Browser.run { browser in
                try await browser.openPage("http://\(address)/")
                #expect(try await browser.waits(for: "document.querySelectorAll('#rows svg.spark').length > 3"))
                #expect(try await browser.cell("toy_jobs_total", 5).hasSuffix("/s"))
                #expect(try await browser.cell("toy_size_bytes", 4).hasSuffix("\u{A0}MiB"))
                let wait = try await browser.cell("toy_wait_seconds", 4)
                #expect(wait.contains("mean\u{A0}500\u{A0}ms") && wait.contains("p95"), "\(wait)")
                #expect(try await browser.cell("toy_call_seconds", 4).contains("0.5:\u{A0}20\u{A0}ms"))
                #expect(try await browser.count("#rows svg.bars rect") == 3)
                let result = "document.querySelectorAll('#collectors tbody tr')[1].cells[1].textContent"
                #expect(try await browser.text(result) == "permission denied for <b>toys</b>")
                #expect(
                    try await browser.waits(
                        for: "document.getElementById('collector-count').textContent.includes('1 failed')"))
                try await browser.execute("document.getElementById('moved').click()")
                let moved = try await browser.families
                #expect(moved.contains("toy_jobs_total") && !moved.contains("toy_hostile"))
                #expect(try await browser.console() == [])
            }
        }
    }

    @Test func textNeverBecomesMarkup() async throws {
        try await withPage(PageMetrics()) { address, _ in
            try await Browser.run { browser in
                try await browser.openPage("http://\(address)/")
                #expect(try await browser.waits(for: "document.querySelectorAll('#rows tr.family').length > 5"))
                try await browser.type("/toy_hostile")
                #expect(try await browser.waits(for: "document.querySelectorAll('#rows tr').length === 1"))
                try await browser.press(Browser.Key.enter, Browser.Key.right)
                let shown = try await browser.text("JSON.parse(document.querySelector('#rows bdi').textContent)")
                #expect(shown == PageMetrics.hostile)
                #expect(try await browser.count("#rows img, #rows script, #collectors b") == 0)
                #expect(try await browser.isTrue("window.hit === undefined"))
                // The policy itself refuses what the script never tries.
                let refused =
                    "(() => { try { document.body.innerHTML = '<b>'; return false } catch { return true } })()"
                #expect(try await browser.isTrue(refused))
                #expect(try await browser.requests().allSatisfy { $0.hasPrefix("http://\(address)/") })
            }
        }
    }

    @Test func aLostExporterIsToldAndComesBack() async throws {
        try await Browser.run { browser in
            let lost = try await withPage(PageMetrics()) { address, _ in
                try await browser.openPage("http://\(address)/")
                #expect(try await browser.waits(for: "document.querySelectorAll('#rows tr.family').length > 5"))
                #expect(try await browser.isTrue("document.getElementById('failure').hidden"))
                return address
            }
            #expect(try await browser.waits(for: "!document.getElementById('failure').hidden"))
            let told = try await browser.text("document.getElementById('failure').textContent")
            #expect(told.hasPrefix("The exporter does not answer: ") && told.contains("Trying again every 1 s."))
            try await withPage(PageMetrics(), on: "\(lost)") { _, _ in
                let isWell = try await browser.waits(for: "document.getElementById('failure').hidden")
                #expect(isWell)
            }
        }
    }

    @Test func aPausedPageAsksNothing() async throws {
        try await withPage(PageMetrics()) { address, _ in
            try await Browser.run { browser in
                try await browser.openPage("http://\(address)/")
                #expect(try await browser.waits(for: "document.querySelectorAll('#rows svg.spark').length > 3"))
                try await browser.execute("document.getElementById('pause').click()")
                // What was asked before the click may still be on its way.
                try await Task.sleep(for: .milliseconds(500))
                _ = try await browser.requests()
                try await Task.sleep(for: .seconds(2.5))
                #expect(try await browser.requests() == [])
                try await browser.execute("document.getElementById('pause').click()")
                let asksAgain = try await eventually(within: .seconds(10)) { try await !browser.requests().isEmpty }
                #expect(asksAgain)
            }
        }
    }

    @Test func tenThousandSeriesDoNotFreezeIt() async throws {
        try await withPage(PageMetrics(many: 10_000)) { address, _ in
            try await Browser.run { browser in
                try await browser.openPage("http://\(address)/")
                #expect(try await browser.waits(for: "document.querySelectorAll('#rows svg.spark').length > 3"))
                try await browser.execute(
                    "window.longest = 0; new PerformanceObserver(list => { for (const task of list.getEntries()) "
                        + "longest = Math.max(longest, task.duration) }).observe({ type: 'longtask' })")
                try await browser.type("/toy_many")
                try await browser.press(Browser.Key.enter, Browser.Key.enter)
                #expect(try await browser.count("#rows tr") == 52)
                let age = try await browser.text("document.getElementById('age').textContent")
                #expect(try await browser.waits(for: "document.getElementById('age').textContent !== '\(age)'"))
                let longest: Double = try await browser.value("longest")
                #expect(longest < 1000, "a task of \(longest) ms")
            }
        }
    }

    // MARK: - Looks

    @Test(arguments: [(Browser.Scheme.light, 1280), (.dark, 1280), (.light, 360), (.dark, 360)])
    func isLegibleAndFits(scheme: Browser.Scheme, width: Int) async throws {
        try await withPage(PageMetrics()) { address, _ in
            try await Browser.run(width: width, scheme) { browser in
                try await browser.openPage("http://\(address)/")
                #expect(try await browser.waits(for: "document.querySelectorAll('#rows svg.spark').length > 0"))
                try await browser.type("/toy_")
                try await browser.press(Browser.Key.enter)
                for _ in 0..<6 { try await browser.press(Browser.Key.enter, Browser.Key.down) }
                #expect(try await browser.isTrue("document.documentElement.scrollWidth <= \(width)"))
                try await browser.execute(Self.contrast)
                let isDark = try await browser.isTrue("brightness(backdrop(document.body)) < 0.1")
                #expect(isDark == (scheme == .dark))
                #expect(try await browser.value("faint()", as: [String].self) == [])
                let outline = "getComputedStyle(document.activeElement).outlineStyle"
                #expect(try await browser.text(outline) == "solid")
            }
        }
    }

    /// `faint()`: texts in sight with less contrast than level AA asks for.
    /// Source: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
    private static let contrast = """
        window.parts = color => color.match(/[\\d.]+/g).map(Number);
        window.brightness = color => parts(color).slice(0, 3).map(part => part / 255)
            .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
            .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
        window.backdrop = element => {
            const color = getComputedStyle(element).backgroundColor;
            return (parts(color)[3] ?? 1) > 0 || !element.parentElement ? color : backdrop(element.parentElement);
        };
        window.faint = () => [...document.querySelectorAll('body *')].filter(element => {
            if (!element.checkVisibility() || ![...element.childNodes].some(child => child.nodeType === 3 && child.data.trim())) return;
            const pair = [getComputedStyle(element).color, backdrop(element)].map(brightness);
            return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05) < 4.5;
        }).map(element => `${element.className}: ${element.textContent}`);
        """

    // MARK: - The parser

    @Test func readsTheTextFormats() async throws {
        try await withPage(PageMetrics()) { address, _ in
            try await Browser.run { browser in
                try await browser.open("http://\(address)/")
                try await browser.execute(PageVectors.script)
                for (text, expected) in PageVectors.all {
                    let parsed = "page.parse(decodeURIComponent('\(Self.percentEncoded(text))'))"
                    let script = "import(document.querySelector('script').src).then(page => summary(\(parsed)))"
                    #expect(try await browser.text(script) == expected, "\(text)")
                }
            }
        }
    }

    private static func percentEncoded(_ text: String) -> String {
        text.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
