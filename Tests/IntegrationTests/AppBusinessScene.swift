import Foundation
import RedisClient
import TestSupport

/// What the example of business metrics asks, with contents whose sums the test knows.
final class BusinessScene: Sendable {
    static let examplePath = #filePath.replacing(
        "Tests/IntegrationTests/AppBusinessScene.swift", with: "docs/examples/business.yaml")

    private let redis: OwnRedis
    private let stripe: StripeTestServer
    private let survey: HTTPTestServer
    private let answers: [String]
    let secrets = ["redis-pw-1", "survey-pw-2", StripeTestServer.key]

    init() async throws {
        redis = try await OwnRedis(["--requirepass", "redis-pw-1"])
        stripe = try StripeTestServer()
        let answers = (0..<57).map { ["promoter", "passive", "detractor", "promoter"][$0 % 4] }
        self.answers = answers
        survey = try HTTPTestServer { request in
            if request.path == "/oauth/token" {
                return HTTPTestAnswer(#"{"access_token":"t","expires_in":3600}"#)
            }
            guard request.header("authorization") == "Bearer t", request.query["days"] == "90" else {
                return HTTPTestAnswer("", status: 401)
            }
            let start = Int(request.query["cursor"] ?? "0") ?? 0
            let items = answers.dropFirst(start).prefix(25).map { #"{"class":"\#($0)"}"# }.joined(separator: ",")
            let next = start + 25 < answers.count ? "\"\(start + 25)\"" : "null"
            return HTTPTestAnswer(#"{"responses":[\#(items)],"paging":{"next":\#(next)}}"#)
        }
        try await fill()
    }

    private func fill() async throws {
        let admin = RedisConnection(try RedisOptions(url: "redis://:redis-pw-1@127.0.0.1:\(redis.port)"))
        let now = Int(Date().timeIntervalSince1970)
        for age in [1, 20, 200, 290, 400, 4_000] {
            try await admin.answer(["ZADD", "sessions:seen", "\(now - age)", "u\(age)"])
        }
        try await admin.answer(["RPUSH", "queue:billing", "1", "2"])
        await admin.close()
        let start = Self.monthStart
        for number in 0..<230 {
            stripe.add("charge", 1_000 + number, fee: 59, ["usd", "eur", "jpy"][number % 3], created: start + number)
            if number % 10 == 0 { stripe.add("refund", -500, "usd", created: start + number) }
            if number % 50 == 0 { stripe.add("payout", -100_000, "usd", created: start + number) }
        }
        stripe.add("charge", 999_999, "usd", created: start - 1)
        stripe.setBalance(
            #"{"available":[{"amount":12345,"currency":"usd"}],"pending":[{"amount":500,"currency":"jpy"}]}"#)
    }

    /// Midnight of the first of this month in Chicago, by Foundation's calendar.
    static var monthStart: Int {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: "America/Chicago") ?? .gmt
        return Int(calendar.dateInterval(of: .month, for: Date())?.start.timeIntervalSince1970 ?? 0)
    }

    static let tables = [
        "CREATE TABLE user_sessions (user_id int, created_at timestamptz)",
        "INSERT INTO user_sessions SELECT n % 37, now() - n * interval '1 minute' FROM generate_series(0, 999) n",
        "INSERT INTO user_sessions VALUES (1000, now() - interval '25 hours')",
        "CREATE TABLE jobs (published_at timestamptz)",
        "INSERT INTO jobs SELECT date_trunc('day', now() AT TIME ZONE 'America/Chicago') AT TIME ZONE 'America/Chicago' + n * interval '1 minute' FROM generate_series(-3, 4) n",
        "CREATE TABLE contracts (status text)",
        "INSERT INTO contracts SELECT CASE WHEN n % 3 = 0 THEN 'ACTIVE' ELSE 'DONE' END FROM generate_series(1, 100) n",
        "CREATE TABLE payments (amount numeric(12,2), currency text, status text, created_at timestamptz)",
        "INSERT INTO payments VALUES (5.25,'usd','SUCCEEDED',now()), (10,'usd','SUCCEEDED',now()), (120.5,'usd','SUCCEEDED',now()), (70,'usd','FAILED',now()), (9,'usd','SUCCEEDED','2020-01-01'), (50,'eur','SUCCEEDED',now())",
    ]

    var environment: [String: String] {
        ["REDIS_PW": "redis-pw-1", "SURVEY_SECRET": "survey-pw-2", "STRIPE_KEY": StripeTestServer.key]
    }

    /// The example, word for word, with other addresses and secrets.
    func example(postgres: String) throws -> String {
        let text = try String(contentsOfFile: Self.examplePath, encoding: .utf8)
        let changes = [
            ("dsn: host=db.internal dbname=shop user=metrics sslmode=verify-full", "dsn: \"\(postgres)\""),
            ("      password: { file: business.secrets/database }\n", ""),
            ("url: rediss://metrics@redis.internal:6380/0", "url: redis://127.0.0.1:\(redis.port)/0"),
            ("{ file: business.secrets/redis }", "{ env: REDIS_PW }"),
            ("https://survey.example.com/api", survey.url("/api")),
            ("https://login.example.com/oauth/token", survey.url("/oauth/token")),
            ("{ file: business.secrets/survey }", "{ env: SURVEY_SECRET }"),
            ("https://api.stripe.com/v1", stripe.base), ("{ file: business.secrets/stripe }", "{ env: STRIPE_KEY }"),
        ]
        var changed = text
        for (old, new) in changes {
            guard changed.contains(old) else { throw FleetError("the example has no line with \(old)") }
            changed = changed.replacing(old, with: new)
        }
        return changed
    }

    /// Every value, computed here.
    func expected() -> [String: Double] {
        let label = "env=\"production\""
        var values: [String: Double] = [
            "shop_active_sessions{\(label)}": 4, "job_queue_depth{\(label),queue=\"billing\"}": 2,
            "job_queue_depth{\(label),queue=\"exports\"}": 0, "business_daily_active_users{\(label)}": 37,
            "business_jobs_posted_today{\(label)}": 5, "business_contracts_active{\(label)}": 33,
            "business_order_value_sum{currency=\"usd\",\(label)}": 135.75,
            "business_order_value_count{currency=\"usd\",\(label)}": 3,
            "business_order_value_count{currency=\"eur\",\(label)}": 1,
            "business_revenue_window_start_timestamp_seconds{\(label)}": Double(Self.monthStart),
            "business_balance{currency=\"usd\",\(label),state=\"available\"}": 123.45,
            "business_balance{currency=\"jpy\",\(label),state=\"pending\"}": 500,
            "business_source_truncated{group=\"nps\"}": 0, "business_source_truncated{group=\"revenue\"}": 0,
        ]
        for name in Set(answers) {
            values["business_nps_responses{class=\"\(name)\",\(label)}"] = Double(answers.filter { $0 == name }.count)
        }
        let score = answers.reduce(0.0) { $0 + ($1 == "promoter" ? 100 : $1 == "detractor" ? -100 : 0) }
        values["business_nps_score{\(label)}"] = score / Double(answers.count)
        for currency in ["usd", "eur", "jpy"] {
            let scale = currency == "jpy" ? 1.0 : 100
            let entries = stripe.transactions.filter { $0.currency == currency && $0.created >= Self.monthStart }
            let charges = entries.filter { $0.category == "charge" }
            let (gross, refunds) = (
                charges.reduce(0) { $0 + $1.amount },
                entries.filter { $0.category == "refund" }.reduce(0) { $0 + $1.amount }
            )
            let fees = charges.reduce(0) { $0 - $1.fee }
            let sums = ["gross": gross, "refunds": refunds, "disputes": 0, "fees": fees, "net": gross + refunds + fees]
            for (component, sum) in sums {
                let labels = "{component=\"\(component)\",currency=\"\(currency)\",\(label)}"
                values["business_revenue_month_to_date\(labels)"] = Double(sum) / scale
            }
            values["business_revenue_entries{component=\"gross\",currency=\"\(currency)\",\(label)}"] = Double(
                charges.count)
        }
        return values
    }

    func close() async { stripe.stop() }
}
