import Foundation

/// A server of a test with the part of Stripe's API that a ledger reads: lists of balance transactions with cursors, the
/// balance, keys, limits and every kind of trouble.
public final class StripeTestServer: @unchecked Sendable {
    /// An entry of the ledger in minor units.
    public struct Transaction: Sendable {
        /// `txn_…`
        public let id: String
        /// Unix seconds.
        public let created: Int
        /// Before fees.
        public let amount: Int
        /// What Stripe keeps.
        public let fee: Int
        /// Lower case.
        public let currency: String
        /// `reporting_category`
        public let category: String
    }

    /// What happens to a request instead of an answer.
    public enum Trouble: Sendable {
        /// 429 with the code `rate_limit`.
        case rateLimited
        /// 429 with the code `lock_timeout`.
        case lockTimeout
        /// 409
        case conflict
        /// 500 with an error object.
        case serverError
        /// 502 with a page of HTML.
        case badGateway
        /// 400 with `Stripe-Should-Retry: true`.
        case shouldRetry
        /// 500 with `Stripe-Should-Retry: false`.
        case mustNotRetry
        /// A list that breaks off.
        case truncated
        /// The answer, late.
        case slow(Duration)
        /// The connection is reset.
        case hangUp
    }

    /// The key that is taken.
    public static let key = "rk_test_51abcdef"
    /// A key without the right to read the ledger.
    public static let powerlessKey = "rk_test_nothing"

    private let lock = NSLock()
    /// Everything below is only touched while `lock` is held.
    private var all: [Transaction] = []
    private var nextNumber = 1
    private var troubles: [Int: Trouble] = [:]
    private var beforeAnswer: (@Sendable (Int) -> Void)?
    private var balance = #"{"object":"balance","available":[],"pending":[]}"#
    private var count = 0
    private var server: HTTPTestServer?

    /// Starts it, without entries.
    public init() throws {
        server = try HTTPTestServer { [weak self] request in self?.answer(request) }
    }

    /// Where the API begins.
    public var base: String { (server?.url() ?? "") + "/v1" }
    /// Requests so far.
    public var requests: [HTTPTestRequest] { server?.requests ?? [] }
    /// Entries in no particular order.
    public var transactions: [Transaction] { lock.withLock { all } }
    /// No further request is answered.
    public func stop() { server?.stop() }

    /// Adds an entry; later ones have greater identifiers.
    @discardableResult
    public func add(
        _ category: String, _ amount: Int, fee: Int = 0, _ currency: String = "usd", created: Int
    ) -> Transaction {
        lock.withLock {
            let number = String(nextNumber)
            nextNumber += 1
            let id = "txn_" + String(repeating: "0", count: 8 - number.count) + number
            let entry = Transaction(
                id: id, created: created, amount: amount, fee: fee, currency: currency, category: category)
            all.append(entry)
            return entry
        }
    }

    /// Takes an entry away, which the real one never does.
    public func remove(_ id: String) { lock.withLock { all.removeAll { $0.id == id } } }

    /// Trouble for the n-th request from now, 0 for the next one.
    public func trouble(_ trouble: Trouble, at number: Int = 0) { lock.withLock { troubles[count + number] = trouble } }

    /// Runs before each list is made, with the number of the request from 1.
    public func beforeEachAnswer(_ act: (@Sendable (Int) -> Void)?) { lock.withLock { beforeAnswer = act } }

    /// Body of `/v1/balance`.
    public func setBalance(_ body: String) { lock.withLock { balance = body } }

    // MARK: - Answers

    private func answer(_ request: HTTPTestRequest) -> HTTPTestAnswer? {
        let (number, trouble, act) = lock.withLock {
            defer { count += 1 }
            return (count + 1, troubles.removeValue(forKey: count), beforeAnswer)
        }
        act?(number)
        var answer = refusal(of: request) ?? self.list(request)
        switch trouble {
        case nil: break
        case .rateLimited: answer = Self.error(429, "invalid_request_error", "rate_limit", "Too many requests.")
        case .lockTimeout: answer = Self.error(429, "invalid_request_error", "lock_timeout", "Locked elsewhere.")
        case .conflict: answer = Self.error(409, "idempotency_error", "", "Conflict.")
        case .serverError: answer = Self.error(500, "api_error", "", "Something went wrong.")
        case .badGateway: answer = HTTPTestAnswer("<html><body>Bad gateway</body></html>", status: 502)
        case .shouldRetry:
            answer = Self.error(400, "api_error", "", "Again.").with("Stripe-Should-Retry", "true")
        case .mustNotRetry:
            answer = Self.error(500, "api_error", "", "Not again.").with("Stripe-Should-Retry", "false")
        case .truncated: answer = answer.with(\.delivery, .cutOff(after: answer.body.count / 2))
        case .slow(let delay): answer = answer.with(\.delay, delay)
        case .hangUp: return nil
        }
        return answer.with("Request-Id", "req_\(number)").with(
            "Stripe-Version", request.header("stripe-version") ?? "account-default")
    }

    private func refusal(of request: HTTPTestRequest) -> HTTPTestAnswer? {
        let basic = Data("\(Self.key):".utf8).base64EncodedString()
        switch request.header("authorization") {
        case "Bearer \(Self.key)", "Basic \(basic)": break
        case "Bearer \(Self.powerlessKey)":
            return Self.error(
                403, "invalid_request_error", "",
                "The provided key 'rk_test_*****ing' does not have the required permissions for this endpoint. Having the 'rak_balance_read' permission would allow this request to continue."
            )
        default: return Self.error(401, "invalid_request_error", "", "Invalid API Key provided: rk_****")
        }
        guard request.method == "GET" else { return Self.error(405, "invalid_request_error", "", "Only GET here.") }
        return nil
    }

    private func list(_ request: HTTPTestRequest) -> HTTPTestAnswer {
        if request.path == "/v1/balance" { return HTTPTestAnswer(lock.withLock { balance }) }
        guard request.path == "/v1/balance_transactions" || request.path == "/v1/charges" else {
            return Self.error(404, "invalid_request_error", "", "Unrecognized request URL.")
        }
        let query = request.query
        let limit = query["limit"].map { Int($0) ?? 0 } ?? 10
        guard (1...100).contains(limit) else { return Self.error(400, "invalid_request_error", "", "Invalid limit.") }
        var matching = transactions.sorted { ($0.created, $0.id) > ($1.created, $1.id) }
        for (name, keeps) in Self.filters {
            guard let text = query["created[\(name)]"], let bound = Int(text) else { continue }
            matching = matching.filter { keeps($0.created, bound) }
        }
        return page(of: matching, query, limit)
    }

    /// Cursors go by place in the order, and are found among all entries as the real server does.
    private func page(of entries: [Transaction], _ query: [String: String], _ limit: Int) -> HTTPTestAnswer {
        let whole = transactions
        for cursor in [query["starting_after"], query["ending_before"]].compactMap({ $0 })
        where !whole.contains(where: { $0.id == cursor }) {
            return Self.error(
                400, "invalid_request_error", "resource_missing", "No such balance transaction: '\(cursor)'")
        }
        func rank(_ id: String) -> (Int, String) { (whole.first { $0.id == id }?.created ?? 0, id) }
        var shown = entries
        var hasMore: Bool
        if let cursor = query["ending_before"] {
            shown = shown.filter { ($0.created, $0.id) > rank(cursor) }
            hasMore = shown.count > limit
            shown = Array(shown.suffix(limit))
        } else {
            if let cursor = query["starting_after"] { shown = shown.filter { ($0.created, $0.id) < rank(cursor) } }
            hasMore = shown.count > limit
            shown = Array(shown.prefix(limit))
        }
        let data = shown.map { entry in
            """
            {"id":"\(entry.id)","object":"balance_transaction","amount":\(entry.amount),"fee":\(entry.fee),\
            "net":\(entry.amount - entry.fee),"currency":"\(entry.currency)","created":\(entry.created),\
            "status":"available","type":"\(entry.category)","reporting_category":"\(entry.category)","exchange_rate":null}
            """
        }
        return HTTPTestAnswer(
            #"{"object":"list","url":"/v1/balance_transactions","has_more":\#(hasMore),"data":[\#(data.joined(separator: ","))]}"#
        )
    }

    private static let filters: [(String, @Sendable (Int, Int) -> Bool)] = [
        ("gt", { $0 > $1 }), ("gte", { $0 >= $1 }), ("lt", { $0 < $1 }), ("lte", { $0 <= $1 }),
    ]

    private static func error(_ status: Int, _ type: String, _ code: String, _ message: String) -> HTTPTestAnswer {
        let code = code.isEmpty ? "" : #","code":"\#(code)""#
        return HTTPTestAnswer(#"{"error":{"type":"\#(type)"\#(code),"message":"\#(message)"}}"#, status: status)
    }
}
