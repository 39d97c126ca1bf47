/// How many decimals the amounts of a currency have in Stripe's API.
struct MinorUnits: Sendable {
    private let overrides: [String: Int]

    /// - Parameter overrides: decimals by currency, lower case.
    init(_ overrides: [String: Int] = [:]) { self.overrides = overrides }

    /// - Parameter currency: lower case, as the API writes it.
    func decimals(of currency: String) -> Int {
        if let decimals = overrides[currency] { return decimals }
        if Self.zero.contains(currency) { return 0 }
        return Self.three.contains(currency) ? 3 : 2
    }

    /// The nearest number of major units.
    func major(_ amount: Int64, _ currency: String) -> Double {
        let powers: [Double] = [1, 10, 100, 1_000, 10_000]
        return Double(amount) / powers[min(max(decimals(of: currency), 0), 4)]
    }

    private static let zero: Set<String> = [
        "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf",
    ]
    private static let three: Set<String> = ["bhd", "jod", "kwd", "omr", "tnd"]
}
