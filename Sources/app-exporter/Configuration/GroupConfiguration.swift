internal import ExporterKit

/// One question asked on its own schedule.
struct GroupConfiguration: Sendable {
    enum Question: Sendable {
        case sql(String, [SQLMetric])
        case redis([RedisQuestion])
        case json(JSONQuestion)
        case ledger(LedgerQuestion)
    }

    let name: String
    let source: String
    let timing: Timing
    let maximumSeries: Int
    /// On every series of the group.
    let labels: [(name: String, value: String)]
    let question: Question
}

extension GroupConfiguration {
    /// The metrics that the group declares, with the labels on all its series.
    var planned: [PlannedFamily] {
        let fixed = labels.map(\.name)
        func family(_ rule: MetricRule, _ own: [String], _ most: Int) -> PlannedFamily {
            PlannedFamily(rule.descriptor, fixed + own, most: most)
        }
        switch question {
        case .sql(_, let metrics):
            return metrics.map { family($0.rule, $0.labels.map(\.name), $0.labels.isEmpty ? 1 : maximumSeries) }
        case .redis(let questions):
            return questions.map { question in
                let own = question.commands.first?.labels.map(\.name) ?? []
                return family(question.rule, own, min(question.commands.count, maximumSeries))
            }
        case .json(let question):
            let own = question.metrics.map {
                family($0.rule, $0.labels.map(\.name), $0.labels.isEmpty ? 1 : maximumSeries)
            }
            return question.paging == nil ? own : own + [Truncation.planned]
        case .ledger(let question):
            return question.metrics.map {
                family($0.rule, $0.value.labels, $0.value.labels.isEmpty ? 1 : maximumSeries)
            }
                + [Truncation.planned, PlannedFamily(LedgerMetrics.driftTotal, ["currency"])]
        }
    }
}

/// What to do with several values for one label set.
enum DuplicateRule: String, Sendable, CaseIterable {
    /// None of the metric's values is shown, and the run counts as failed in part.
    case error
    case sum
    case first
    case last
    case max
}

/// What to make of the values of one label set in a list.
enum Reduction: String, Sendable, CaseIterable {
    case count
    case sum
    case min
    case max
    case avg
    case first
    case last
}

/// How a group's metric is called and which values it takes.
struct MetricRule: Sendable {
    let descriptor: MetricDescriptor
    /// NULL counts as 0 instead of as no sample.
    let nullIsZero: Bool
    let onDuplicate: DuplicateRule
}

/// A metric out of the columns of a result.
struct SQLMetric: Sendable {
    let rule: MetricRule
    let value: SQLMetricValue
    let labels: [(name: String, column: String)]
}

/// Where the value of a SQL metric comes from.
enum SQLMetricValue: Sendable {
    case column(String)
    case histogram(SQLHistogram)
}

/// A command, once per combination of its variables, and the metric of its answers.
struct RedisQuestion: Sendable {
    let rule: MetricRule
    let commands: [RedisCall]
}

/// One command as it is sent, but for the time.
struct RedisCall: Sendable, Equatable {
    let words: [RedisWord]
    /// Variables of `for`, and their values here.
    let labels: [LabelPair]
}

struct LabelPair: Sendable, Equatable {
    let name: String
    let value: String
}

/// A word of a command.
enum RedisWord: Sendable, Equatable {
    case text(String)
    /// `now+60`, `now-300`: unix seconds when the command is sent.
    case now(offset: Int64)
}

/// An HTTP request and the metrics out of its JSON.
struct JSONQuestion: Sendable {
    let request: SourceRequest
    let paging: Paging?
    let items: JqProgram
    let metrics: [JSONMetric]
}

/// A metric out of the items of an answer.
struct JSONMetric: Sendable {
    let rule: MetricRule
    /// Of an item; `nil` for `reduce: count`.
    let value: JqProgram?
    let labels: [(name: String, value: JqProgram)]
    let reduction: Reduction?
}
