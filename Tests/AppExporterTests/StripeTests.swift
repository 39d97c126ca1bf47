import ExporterKit
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import app_exporter

/// The ledger against a server with Stripe's cursors, limits and trouble. Every sum is added up anew from the server's list.
struct StripeTests {
    private static let month = 1_772_344_800  // 2026-03-01T06:00:00Z, midnight in Chicago

    /// A server, a ledger group that asks it, and a clock that the test moves.
    private final class Shop: Sendable {
        let stripe: StripeTestServer
        let groups: GroupsUnderTest
        let time: Clock

        init(
            _ ledger: String = "", source: String = "", key: String = StripeTestServer.key, now: Int = month + 1_000_000
        ) throws {
            let stripe = try StripeTestServer()
            let clock = Clock(Double(now))
            groups = try GroupsUnderTest(
                """
                sources:
                  stripe:
                    http:
                      base: "\(stripe.base)"
                      bearer: "\(key)"
                      headers: { Stripe-Version: 2026-07-29.dahlia }
                      \(source)
                groups:
                  revenue:
                    source: stripe
                    interval: 5m
                    stripe_ledger: { month_in: America/Chicago\(ledger) }
                    metrics:
                      - { gauge: mtd, help: Money. }
                      - { gauge: counted, value: entries, help: Entries. }
                      - { gauge: start, value: window_start, help: Start. }
                """, time: clock.timekeeper)
            self.stripe = stripe
            time = clock
        }

        func run(within duration: Duration = .seconds(20)) async throws -> Findings {
            try await groups.run(within: duration)
        }
        func metric(_ name: String) async -> Double? { await groups.metrics()[name] }
    }

    /// Unix time by hand; the time elapsed goes along.
    final class Clock: Sendable {
        private let start: Double
        private let now: Mutex<Double>
        init(_ start: Double) {
            self.start = start
            now = Mutex(start)
        }
        func set(_ seconds: Int) { now.withLock { $0 = Double(seconds) } }
        func advance(_ seconds: Int) { now.withLock { $0 += Double(seconds) } }
        var timekeeper: Timekeeper {
            Timekeeper(
                elapsed: { .seconds(self.now.withLock { $0 } - self.start) },
                sleep: { _ in try await Task.sleep(for: .seconds(60)) }, unixSeconds: { self.now.withLock { $0 } })
        }
    }

    /// Sums of a month added up in a way of their own: decimals, entry by entry.
    private func expected(_ stripe: StripeTestServer, since start: Int = month) -> [String: Double] {
        let components = [
            "charge": "gross", "charge_failure": "gross", "refund": "refunds", "refund_failure": "refunds",
            "partial_capture_reversal": "refunds", "dispute": "disputes", "dispute_reversal": "disputes", "fee": "fees",
        ]
        let digits = ["jpy": 0, "ugx": 0, "kwd": 3]
        var sums: [String: Decimal] = [:]
        for currency in Set(
            stripe.transactions.filter { $0.created >= start && components[$0.category] != nil }.map(\.currency))
        {
            for component in ["gross", "refunds", "disputes", "fees", "net"] {
                sums["mtd{component=\(component),currency=\(currency)}"] = 0
            }
        }
        for entry in stripe.transactions where entry.created >= start {
            guard let component = components[entry.category] else { continue }
            let unit = Decimal(sign: .plus, exponent: -(digits[entry.currency] ?? 2), significand: 1)
            let key = { (name: String) in "mtd{component=\(name),currency=\(entry.currency)}" }
            sums[key(component), default: 0] += Decimal(entry.amount) * unit
            sums[key("fees"), default: 0] -= Decimal(entry.fee) * unit
            sums[key("net"), default: 0] += Decimal(entry.amount - entry.fee) * unit
        }
        return sums.mapValues { Double("\($0)") ?? .nan }
    }

    private func revenue(_ findings: Findings) -> [String: Double] {
        findings.values.filter { $0.key.hasPrefix("mtd{") }
    }

    /// Entries of every kind, spread over the month.
    private func fill(_ stripe: StripeTestServer, _ count: Int, from start: Int = month) {
        let kinds = [
            "charge", "charge", "charge", "refund", "dispute", "dispute_reversal", "payout", "fee", "transfer",
            "charge_failure",
        ]
        let currencies = ["usd", "eur", "jpy", "kwd", "isk"]
        for number in 0..<count {
            let kind = kinds[number % kinds.count]
            let isNegative = ["refund", "dispute", "payout", "fee", "charge_failure"].contains(kind)
            stripe.add(
                kind, (isNegative ? -1 : 1) * (1_000 + number * 7), fee: kind == "charge" ? 59 : 0,
                currencies[number % 7 % currencies.count], created: start + number * 40 / 3)
        }
    }

    // MARK: - Sums

    @Test(arguments: [0, 1, 99, 100, 101, 250, 999])
    func theMonthIsAddedUpOverAllPages(count: Int) async throws {
        let shop = try Shop()
        shop.stripe.add("charge", 999_999, created: Self.month - 1)
        fill(shop.stripe, count)
        let findings = try await shop.run()
        #expect(findings.error == nil)
        #expect(revenue(findings) == expected(shop.stripe))
        #expect(findings.values["start"] == Double(Self.month))
        let first = try #require(shop.stripe.requests.first)
        #expect(first.query["created[gte]"] == "\(Self.month)" && first.query["limit"] == "100")
        #expect(first.header("stripe-version") == "2026-07-29.dahlia")
        #expect(await shop.metric("business_source_truncated{group=revenue}") == 0)
    }

    @Test func onlyNewEntriesAreAskedForAfterwards() async throws {
        let shop = try Shop()
        fill(shop.stripe, 250)
        _ = try await shop.run()
        let before = shop.stripe.requests.count
        #expect(revenue(try await shop.run()) == expected(shop.stripe))
        #expect(shop.stripe.requests.count == before + 1)
        fill(shop.stripe, 130, from: Self.month + 500_000)
        shop.stripe.add("refund", -777, "usd", created: Self.month + 600_000)
        let findings = try await shop.run()
        #expect(revenue(findings) == expected(shop.stripe))
        #expect(shop.stripe.requests.count == before + 3)
        #expect(shop.stripe.requests.last?.query["ending_before"] != nil)
    }

    @Test func entriesThatComeBetweenTwoPagesAreNeitherSkippedNorDoubled() async throws {
        let shop = try Shop()
        fill(shop.stripe, 350)
        let stripe = shop.stripe
        stripe.beforeEachAnswer { number in
            // Also entries of the very same second as the newest.
            if number <= 4 { stripe.add("charge", 100 * number, fee: 1, created: Self.month + 349 * 40 / 3) }
        }
        #expect(revenue(try await shop.run()) == expected(stripe))
        stripe.beforeEachAnswer { _ in stripe.add("charge", 5, created: Self.month + 900_000) }
        _ = try await shop.run()
        stripe.beforeEachAnswer(nil)
        #expect(revenue(try await shop.run()) == expected(stripe))
    }

    @Test func minorUnitsFollowTheCurrency() async throws {
        let shop = try Shop(", exponents: { ugx: 2 }")
        for (currency, amount) in [
            ("usd", 1_050), ("jpy", 500), ("kwd", 1_234), ("isk", 700), ("ugx", 900), ("bhd", 1),
        ] {
            shop.stripe.add("charge", amount, currency, created: Self.month + 1)
        }
        let values = try await shop.run().values
        let gross = ["usd": 10.5, "jpy": 500, "kwd": 1.234, "isk": 7, "ugx": 9, "bhd": 0.001]
        for (currency, value) in gross {
            #expect(values["mtd{component=gross,currency=\(currency)}"] == value)
            #expect(values["mtd{component=refunds,currency=\(currency)}"] == 0)
            #expect(values["counted{component=gross,currency=\(currency)}"] == 1)
        }
    }

    @Test func componentsCanBeChosen() async throws {
        let shop = try Shop(", components: { sales: [charge, refund], moved: [payout] }, fees: false")
        fill(shop.stripe, 50)
        let values = try await shop.run().values
        let sales = shop.stripe.transactions.filter {
            $0.currency == "usd" && ["charge", "refund"].contains($0.category)
        }
        #expect(values["mtd{component=sales,currency=usd}"] == Double(sales.reduce(0) { $0 + $1.amount }) / 100)
        #expect(!values.keys.contains { $0.contains("component=fees") || $0.contains("component=net") })
    }

    // MARK: - Months

    @Test func theMonthTurnsAtLocalMidnight() async throws {
        // April begins at 05:00 UTC, in summer time.
        let april = 1_775_019_600
        let shop = try Shop(now: april - 1)
        fill(shop.stripe, 120)
        shop.stripe.add("charge", 4_200, created: april - 1)
        shop.stripe.add("charge", 100, created: april)
        #expect(
            revenue(try await shop.run())["mtd{component=gross,currency=usd}"]
                == expected(shop.stripe)["mtd{component=gross,currency=usd}"])
        shop.time.set(april)
        let findings = try await shop.run()
        #expect(findings.values["start"] == Double(april))
        #expect(findings.values["mtd{component=gross,currency=usd}"] == 1)
        // A currency that had sales before has the value 0 in the new month.
        #expect(findings.values["mtd{component=gross,currency=jpy}"] == 0)
    }

    @Test func theOldMonthIsNotShownWhileTheNewOneCannotBeRead() async throws {
        let shop = try Shop()
        fill(shop.stripe, 10)
        #expect(try await shop.run().error == nil)
        shop.time.set(1_775_019_600)
        shop.stripe.trouble(.serverError)
        let findings = try await shop.run()
        #expect(findings.error?.reason == .query)
        // Places with nothing in them take the old values away.
        #expect(findings.families.keys.sorted() == [0, 1, 2] && findings.values.isEmpty)
    }

    // MARK: - Trouble

    @Test(arguments: [
        (StripeTestServer.Trouble.lockTimeout, "lock_timeout"), (.conflict, "4xx"), (.serverError, "5xx"),
        (.badGateway, "5xx"), (.shouldRetry, "4xx"), (.truncated, "network"), (.hangUp, "network"),
    ])
    func passingTroubleIsOvercome(trouble: StripeTestServer.Trouble, reason: String) async throws {
        let shop = try Shop(
            source: "retry: { attempts: 3, after: [network, 409, 5xx, lock_timeout], backoff: 1ms..5ms }")
        fill(shop.stripe, 250)
        shop.stripe.trouble(trouble, at: 1)
        let findings = try await shop.run()
        #expect(findings.error == nil)
        #expect(revenue(findings) == expected(shop.stripe))
        // On a connection that is used again libcurl itself tries once more.
        if case .hangUp = trouble { return }
        #expect(await shop.metric("app_exporter_client_retries_total{reason=\(reason),source=stripe}") == 1)
    }

    @Test(arguments: [
        (StripeTestServer.Trouble.rateLimited, "429 (rate_limit: Too many requests.), request req_2"),
        (.mustNotRetry, "500 (api_error: Not again.)"),
    ])
    func lastingTroubleGivesNoHalfSumAndReadingGoesOn(trouble: StripeTestServer.Trouble, text: String) async throws {
        let shop = try Shop(
            source: "retry: { attempts: 3, after: [network, 409, 5xx, lock_timeout], backoff: 1ms..5ms }")
        fill(shop.stripe, 350)
        shop.stripe.trouble(trouble, at: 1)
        let failed = try await shop.run()
        #expect(failed.families.isEmpty)
        #expect(failed.error?.message.contains("GET http://127.0.0.1") == true)
        #expect(failed.error?.message.contains(text) == true, "\(failed.error?.message ?? "")")
        #expect(await shop.metric("business_source_truncated{group=revenue}") == 1)
        let findings = try await shop.run()
        #expect(revenue(findings) == expected(shop.stripe))
        // One page was kept: 1 + 1 refused + 3 + 1 for what is new.
        #expect(shop.stripe.requests.count == 6)
        #expect(await shop.metric("business_source_truncated{group=revenue}") == 0)
    }

    @Test func aSlowServerIsReadInSeveralRuns() async throws {
        let shop = try Shop()
        fill(shop.stripe, 250)
        shop.stripe.trouble(.slow(.seconds(30)), at: 1)
        let late = try await shop.run(within: .milliseconds(800))
        #expect(late.error?.reason == .timeout && late.families.isEmpty)
        #expect(revenue(try await shop.run()) == expected(shop.stripe))
    }

    @Test func theBudgetOfPagesWithholdsTheSum() async throws {
        let shop = try Shop(", max_pages: 2")
        fill(shop.stripe, 450)
        for run in 1...2 {
            let findings = try await shop.run()
            #expect(findings.families.isEmpty, "\(run)")
            #expect(findings.error?.message.contains("max_pages 2; reading goes on with the next run") == true)
            #expect(await shop.metric("business_source_truncated{group=revenue}") == 1)
        }
        let findings = try await shop.run()
        #expect(revenue(findings) == expected(shop.stripe))
        #expect(shop.stripe.requests.count == 6)
        // So many new entries at once that one run cannot read them: the last sum stays where it is.
        fill(shop.stripe, 350, from: Self.month + 500_000)
        #expect(try await shop.run().families.isEmpty)
        #expect(revenue(try await shop.run()) == expected(shop.stripe))
    }

    @Test(arguments: [
        (StripeTestServer.powerlessKey, CollectorError.Reason.permission, "rak_balance_read"),
        ("rk_test_wrong", .authentication, "check the key"),
    ])
    func keysThatAreRefusedAreToldWithoutThem(key: String, reason: CollectorError.Reason, text: String) async throws {
        let shop = try Shop(key: key)
        let findings = try await shop.run()
        #expect(findings.error?.reason == reason)
        #expect(findings.error?.message.contains(text) == true)
        #expect(findings.error?.message.contains(key) == false)
    }

    @Test func aCursorThatIsGoneBeginsAnew() async throws {
        let shop = try Shop()
        fill(shop.stripe, 150)
        #expect(try await shop.run().error == nil)
        let newest = try #require(shop.stripe.transactions.max { ($0.created, $0.id) < ($1.created, $1.id) })
        shop.stripe.remove(newest.id)
        #expect(try await shop.run().error?.message.contains("resource_missing") == true)
        #expect(revenue(try await shop.run()) == expected(shop.stripe))
    }

    // MARK: - Drift

    @Test func aDailyRescanFindsWhatWasMissed() async throws {
        let shop = try Shop(", max_pages: 3")
        fill(shop.stripe, 250)
        // The pages of one run do for reading the month, and no more.
        #expect(try await shop.run().error != nil)
        #expect(try await shop.run().error == nil)
        // Two that no reading of new entries ever sees: they are older than the newest.
        shop.stripe.add("charge", 100_000, "usd", created: Self.month + 5)
        shop.stripe.add("charge", 3_000, "eur", created: Self.month + 6)
        let before = try await shop.run()
        #expect(revenue(before) != expected(shop.stripe))
        shop.time.advance(86_400)
        // The rescan takes two runs of three pages, and new entries come meanwhile.
        shop.stripe.add("charge", 777, "usd", created: Self.month + 400_000)
        #expect(try await shop.run().error == nil)
        shop.stripe.add("charge", 888, "jpy", created: Self.month + 400_001)
        let after = try await shop.run()
        #expect(revenue(after) == expected(shop.stripe))
        #expect(await shop.metric("business_revenue_drift_total{currency=usd}") == 1)
        #expect(await shop.metric("business_revenue_drift_total{currency=eur}") == 1)
        #expect(await shop.metric("business_revenue_drift_total{currency=jpy}") == 0)
        shop.time.advance(86_400)
        #expect(revenue(try await shop.run()) == expected(shop.stripe))
        #expect(await shop.metric("business_revenue_drift_total{currency=usd}") == 1)
    }

    @Test func balancesStandForThemselves() async throws {
        let stripe = try StripeTestServer()
        stripe.setBalance(
            #"{"available":[{"amount":-150,"currency":"usd"},{"amount":70,"currency":"jpy"}],"pending":[{"amount":1005,"currency":"usd"}]}"#
        )
        let groups = try GroupsUnderTest(
            """
            sources: { stripe: { http: { base: "\(stripe.base)", basic_auth: { user: \(StripeTestServer.key), password: "" } } } }
            groups:
              g:
                source: stripe
                interval: 1m
                stripe_ledger: {}
                metrics: [{ gauge: mtd, help: M. }, { gauge: balance, value: balance, help: B. }]
            """)
        #expect(
            try await groups.run().values == [
                "balance{currency=usd,state=available}": -1.5, "balance{currency=jpy,state=available}": 70,
                "balance{currency=usd,state=pending}": 10.05,
            ])
        stripe.trouble(.badGateway, at: 1)
        let findings = try await groups.run()
        #expect(findings.families[0] != nil && findings.families[1] == nil && findings.error != nil)
    }

    @Test(arguments: [
        "{}", "[]", #"{"object":"list","data":{},"has_more":true}"#, #"{"object":"list","data":[{}],"has_more":false}"#,
        #"{"object":"list","data":[{"id":"a","currency":"usd","reporting_category":"charge","amount":1.5,"fee":0}],"has_more":false}"#,
        #"{"object":"list","data":[{"id":"a","currency":"usd","reporting_category":"charge","amount":1e30,"fee":0}],"has_more":false}"#,
        #"{"object":"list","data":[]}"#, "<html>", "",
    ])
    func listsThatAreNoneAreRefused(body: String) {
        #expect(throws: CollectorError.self) { try StripePage(Array(body.utf8)) }
    }
}
