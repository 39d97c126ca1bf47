/// An expression as far as its metrics and labels go.
indirect enum PromExpression {
    case number
    case string(String)
    /// A variable of Grafana that may stand for anything.
    case variable
    case selector(PromSelector)
    case call(PromName, [PromExpression])
    case aggregation(PromName, PromGrouping?, [PromExpression])
    case binary(PromName, PromExpression, PromExpression, PromMatching)
    case unary(PromExpression)
    /// `expr[5m:1m]`
    case subquery(PromExpression)
}

/// A name and where it stands.
struct PromName: Equatable {
    let text: String
    let offset: Int
}

/// `by (…)` or `without (…)`.
struct PromGrouping {
    let isWithout: Bool
    let labels: [PromName]
}

/// What stands behind an operator.
struct PromMatching {
    /// Of `on` and `ignoring`.
    var labels: [PromName] = []
    var isOn = false
    /// Of `group_left` and `group_right`.
    var included: [PromName] = []
    /// `group_left` or `group_right`; `nil` for none.
    var group: String?
    var isBool = false
}

/// `name{label="value"}`, with a range or without.
struct PromSelector {
    /// `nil` where braces stand alone.
    var name: String?
    /// True when a variable is part of the name.
    var hasVariableName = false
    let offset: Int
    var matchers: [Matcher] = []
    /// `[5m]` follows.
    var hasRange = false

    struct Matcher: Equatable {
        let label: PromName
        /// `=`, `!=`, `=~` or `!~`
        let sign: String
        let value: String
    }

    /// The matchers as they are written, without braces.
    var matcherText: String { matchers.map { "\($0.label.text)\($0.sign)\($0.value.promQL)" }.joined(separator: ",") }

    /// The selector as it is written, without range.
    var text: String { (name ?? "") + (matchers.isEmpty && name != nil ? "" : "{\(matcherText)}") }
}

/// The functions and aggregations of PromQL. Source: https://prometheus.io/docs/prometheus/latest/querying/functions/
enum PromFunctions {
    static let aggregations: Set<String> = [
        "sum", "min", "max", "avg", "group", "stddev", "stdvar", "count", "count_values", "bottomk", "topk", "quantile",
        "limitk", "limit_ratio",
    ]

    /// These take a counter and a range.
    static let ofCounters: Set<String> = ["rate", "irate", "increase"]
    /// These take a gauge and a range.
    static let ofGauges: Set<String> = ["delta", "idelta", "deriv", "predict_linear", "double_exponential_smoothing"]

    static let all: Set<String> = ofCounters.union(ofGauges).union([
        "abs", "absent", "absent_over_time", "acos", "acosh", "asin", "asinh", "atan", "atanh", "avg_over_time", "ceil",
        "changes", "clamp", "clamp_max", "clamp_min", "cos", "cosh", "count_over_time", "day_of_month", "day_of_week",
        "day_of_year", "days_in_month", "deg", "exp", "first_over_time", "floor", "histogram_avg", "histogram_count",
        "histogram_fraction", "histogram_quantile", "histogram_stddev", "histogram_stdvar", "histogram_sum",
        "holt_winters", "hour", "info", "label_join", "label_replace", "last_over_time", "ln", "log10", "log2",
        "mad_over_time", "max_over_time", "min_over_time", "minute", "month", "pi", "present_over_time",
        "quantile_over_time", "rad", "resets", "round", "scalar", "sgn", "sin", "sinh", "sort", "sort_by_label",
        "sort_by_label_desc", "sort_desc", "sqrt", "stddev_over_time", "stdvar_over_time", "sum_over_time", "tan",
        "tanh", "time", "timestamp", "ts_of_first_over_time", "ts_of_last_over_time", "ts_of_max_over_time",
        "ts_of_min_over_time", "vector", "year",
    ])
}
