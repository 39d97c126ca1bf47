import ExporterKit
import Foundation
import Logging
import Testing

/// Real Prometheus servers of three generations read every format that they ask for.
@Suite struct FormatPrometheusTests {
    /// One Prometheus: where it is, and the protocols it may be told to ask for; empty when it cannot be told.
    struct Generation: Sendable, CustomTestStringConvertible {
        let variable: String
        let protocols: [String]
        let keepsNames: Bool
        /// 2.42 drops exemplars of native histograms that have no classic buckets, and from protobuf it stores the buckets of a
        /// gauge histogram without `_bucket`.
        let isOldest: Bool
        var testDescription: String { variable }

        /// 2.42, 2.53 and 3.5 or later.
        static let all = [
            Generation(
                variable: "FLEET_PROMETHEUS_BOOKWORM", protocols: [], keepsNames: false, isOldest: true),
            Generation(
                variable: "FLEET_PROMETHEUS", protocols: ["OpenMetricsText1.0.0", "PrometheusText0.0.4"],
                keepsNames: false, isOldest: false),
            Generation(
                variable: "FLEET_PROMETHEUS_FORKY",
                protocols: ["OpenMetricsText1.0.0", "PrometheusText0.0.4", "PrometheusText1.0.0"],
                keepsNames: true, isOldest: false),
        ]
    }

    @Test(arguments: Generation.all) func readsEveryFormat(_ generation: Generation) async throws {
        try await withPrometheus(generation) { prometheus in
            try await checkNativeHistograms(prometheus)
            try await checkExemplars(prometheus, generation)
            if !generation.isOldest {
                #expect(try await prometheus.value(#"waiting_bucket{job="default",le="+Inf"}"#) == 3)
            }
            for job in ["default"] + generation.protocols {
                // Text 0.0.4 has no names in quotes, so Prometheus asks for it with underscores.
                let keepsNames = generation.keepsNames && job != "PrometheusText0.0.4"
                try await checkPlainSeries(prometheus, job, keepsNames: keepsNames)
                let texts = try await prometheus.query(#"requests_total{job="\#(job)"}"#)
                #expect(texts.first?.labels["path"] == "/\"\\\n日本")
            }
        }
    }

    /// Only the default job asks for protobuf; what a native histogram answers is within one bucket of the truth.
    private func checkNativeHistograms(_ prometheus: OwnPrometheus) async throws {
        let growth = exp2(exp2(-Double(FormatFamilies.schema)))
        #expect(try await prometheus.value(#"histogram_count(native_seconds{job="default"})"#) == 1008)
        #expect(try await prometheus.value(#"histogram_sum(native_seconds{job="default"})"#) == 500.5)
        for quantile in [0.1, 0.25, 0.5, 0.9, 0.99] {
            let query = #"histogram_quantile(\#(quantile), native_seconds{job="default"})"#
            let answer = try #require(await prometheus.value(query))
            // Eight observations are not positive; they come first.
            let truth = FormatFamilies.observations[max(0, Int((quantile * 1008).rounded(.up)) - 8 - 1)]
            #expect(answer > truth / growth && answer < truth * growth, "\(quantile): \(answer), \(truth)")
        }
        let lowest = try #require(await prometheus.value(#"histogram_quantile(0, native_seconds{job="default"})"#))
        #expect(lowest < -1 && lowest >= -exp2(3.0 / 8))
        #expect(try await prometheus.value(#"histogram_count(both_seconds{job="default"})"#) == 60)
        let top = try #require(await prometheus.value(#"histogram_quantile(1, both_seconds{job="default"})"#))
        #expect(top == exp2(30))
    }

    private func checkPlainSeries(_ prometheus: OwnPrometheus, _ job: String, keepsNames: Bool) async throws {
        let expected: [(query: String, value: Double)] = [
            ("requests_total", 1_234_567), (#"classic_seconds_bucket{le="0.5"}"#, 500), ("classic_seconds_count", 1000),
            ("classic_seconds_sum", 500.5), ("summary_seconds_sum", 3.5), ("summary_seconds_count", 7),
            (#"summary_seconds{quantile="0.5"}"#, 0.25), ("build_info", 1), (#"light{light="red"}"#, 1),
            (#"light{light="green"}"#, 0), ("legacy_value", 1e-7),
            keepsNames
                ? (#"{"http.server.queue","http.route"="/x"}"#, -7.25)
                : (#"http_server_queue{http_route="/x"}"#, -7.25),
        ]
        for (query, value) in expected {
            let selector =
                query.hasSuffix("}") ? query.dropLast() + #",job="\#(job)"}"# : query + #"{job="\#(job)"}"#
            #expect(try await prometheus.value(String(selector)) == value, "\(selector)")
        }
        let median = try await prometheus.value(#"histogram_quantile(0.5, classic_seconds_bucket{job="\#(job)"})"#)
        #expect(median == 0.5)
    }

    private func checkExemplars(_ prometheus: OwnPrometheus, _ generation: Generation) async throws {
        var expected = ["requests_total": "counter", "classic_seconds_bucket": "classic"]
        if !generation.isOldest { expected["native_seconds"] = "native" }
        for (name, id) in expected {
            let found = try await eventually(within: .seconds(15)) {
                try await prometheus.exemplars(name).contains("\"trace_id\":\"\(id)\"")
            }
            let answer = try await prometheus.exemplars(name)
            #expect(found, "\(name): \(answer)")
        }
    }

    private func withPrometheus(_ generation: Generation, _ body: (OwnPrometheus) async throws -> Void) async throws {
        let page = LandingPage(name: "formats", summary: "", version: "1")
        let address = try #require(ListenAddress("127.0.0.1:0"))
        let server = MetricsServer(
            MetricsServer.Configuration(listenAddresses: [address], page: page), sources: [FormatFamilies()],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let port = try await server.start()[0].port
        do {
            let prometheus = try await OwnPrometheus(
                FleetServers()(generation.variable), target: port, protocols: generation.protocols)
            try await body(prometheus)
            try await prometheus.stop()
        } catch {
            await server.shutdown(within: .zero)
            throw error
        }
        await server.shutdown(within: .zero)
    }
}
