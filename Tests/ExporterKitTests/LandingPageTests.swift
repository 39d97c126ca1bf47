import Testing

@testable import ExporterKit

@Suite struct LandingPageTests {
    private let page = LandingPage(name: "toy <1>", summary: "Toys & more.", version: "1\"2", targets: ["a&b:1"])

    private func status(_ name: String, _ last: CollectorOutcome?) -> CollectorStatus {
        CollectorStatus(CollectorDescriptor(name, "Gives <\(name)>."), last: last)
    }

    private var mixed: [CollectorStatus] {
        let error = CollectorError(.query, "no \"table\" <t>\n\\here")
        return [
            status("fine", CollectorOutcome(duration: .microseconds(12_345), series: 7)),
            status("broken", CollectorOutcome(duration: .microseconds(2_000_051), series: 0, error: error)),
            status("waiting", nil),
        ]
    }

    private func answer(
        _ target: String, path: String = "/metrics", _ headers: [(name: String, value: String)] = [],
        _ collectors: [CollectorStatus] = []
    ) -> HTTPResponse {
        page.response(
            to: HTTPRequest(target: target, headers: headers), telemetryPath: path, collectors: collectors)
    }

    private func header(_ name: String, _ response: HTTPResponse) -> String? {
        response.headers.first { $0.name == name }?.value
    }

    private func html(_ collectors: [CollectorStatus], path: String = "/metrics") -> String {
        String(decoding: answer("/", path: path, [], collectors).body, as: UTF8.self)
    }

    @Test func textIsEscaped() {
        let html = html(mixed)
        for part in ["toy &lt;1&gt;", "Toys &amp; more.", "1&quot;2", "a&amp;b:1", "Gives &lt;fine&gt;.", "&lt;t&gt;"] {
            #expect(html.contains(part))
        }
        for part in ["<1>", "<fine>", "<t>", "a&b"] { #expect(!html.contains(part)) }
    }

    @Test func everyCollectorHasItsResultWithoutScript() {
        let html = html(mixed)
        #expect(
            html.contains(
                "<span class=\"good\">ok</span></td><td class=\"number\">12.34 ms</td><td class=\"number\">7<")
        )
        #expect(html.contains("<span class=\"bad\">no &quot;table&quot;"))
        #expect(html.contains("<span class=\"idle\">not yet run</span>"))
        #expect(!self.html([]).contains("Collectors"))
    }

    @Test(arguments: [(8, false, true), (9, false, false), (9, true, true)])
    func aLongListIsClosedUnlessSomethingFailed(count: Int, hasFailure: Bool, isOpen: Bool) {
        var collectors = (0..<count).map { status("c\($0)", nil) }
        if hasFailure { collectors[3] = mixed[1] }
        #expect(html(collectors).contains("<details id=\"collectors\" open>") == isOpen)
    }

    @Test func stateIsJSON() {
        let response = answer("/-/page.json", path: "/metrics", [], mixed)
        #expect(header("Content-Type", response) == "application/json")
        let expected =
            #"[["ok","12.34 ms","7"],["no \"table\" <t>\u000a\\here","2000.05 ms","0"],["not yet run","",""]]"#
        #expect(String(decoding: response.body, as: UTF8.self) == expected + "\n")
    }

    @Test func policyAllowsNothingFromElsewhereAndNothingInline() throws {
        let policy = try #require(header("Content-Security-Policy", answer("/")))
        #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self';"))
        for word in ["unsafe", "data:", "http", "*"] { #expect(!policy.contains(word)) }
        for name in ["base-uri", "form-action", "frame-ancestors", "trusted-types"] {
            #expect(policy.contains("\(name) 'none'"))
        }
        let html = html(mixed)
        for part in ["<style", "style=", " onclick", "javascript:", "https://", "http://"] {
            #expect(!html.contains(part))
        }
    }

    /// A path that looks like a scheme or a host stays a path of this server.
    @Test(arguments: ["/metrics", "/a:b", "//evil.example/x", "/m?x=\"1\""])
    func metricsStayOnTheSameServer(path: String) {
        let escaped = path.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "&quot;")
        #expect(html([], path: path).contains("data-metrics=\".\(escaped)\""))
    }

    @Test(arguments: PageAsset.all)
    func assetsAreKeptUnderTheirOwnVersionOnly(asset: PageAsset) {
        #expect(html([]).contains("\"\(asset.reference)\""))
        let own = answer(String(asset.reference.dropFirst()))
        #expect(own.status == 200 && !own.body.isEmpty)
        #expect(header("Cache-Control", own) == "max-age=31536000, immutable")
        for other in [asset.path, asset.path + "?older"] {
            let response = answer(other)
            #expect(response.body == own.body && header("Cache-Control", response) == "no-store")
        }
        let small = answer(asset.path, [("Accept-Encoding", "br, gzip")])
        #expect(header("Content-Encoding", small) == "gzip" && small.body.count < own.body.count)
    }

    @Test func scriptInsertsTextOnly() {
        for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"] {
            #expect(!PageScript.text.contains(word))
        }
    }
}
