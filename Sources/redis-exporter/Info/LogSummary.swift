internal import ExporterKit
internal import RedisClient

/// Entries of `SLOWLOG` or `COMMANDLOG` summed up by command: no argument of a command is ever told.
struct LogSummary: Sendable {
    /// Entries that are read at most: as many as a server keeps unless it is told otherwise.
    static let entries = "128"

    private struct Sum {
        var entries = 0.0
        var total = 0.0
        var largest = 0.0
    }

    private let entries: MetricDescriptor
    private let total: MetricDescriptor
    private let largest: MetricDescriptor
    private let unit: SourceUnit
    private let limit: Int

    /// - Parameters:
    ///   - unit: of the third value of an entry.
    ///   - limit: most commands that get series; the rest is summed up as `other`.
    init(entries: MetricDescriptor, total: MetricDescriptor, largest: MetricDescriptor, in unit: SourceUnit, limit: Int)
    {
        self.entries = entries
        self.total = total
        self.largest = largest
        self.unit = unit
        self.limit = limit
    }

    var metrics: [MetricDescriptor] { [entries, total, largest] }

    /// - Parameters:
    ///   - log: number, time, duration or size, arguments, and more.
    ///   - labels: of all series, besides `cmd`.
    func add(_ log: [RedisValue], _ labels: [(name: String, value: String)] = [], into sink: inout MetricSink) {
        var groups = TopGroups(from: Sum()) { sum, more in
            sum.entries += more.entries
            sum.total += more.total
            sum.largest = max(sum.largest, more.largest)
        }
        for entry in log {
            guard let parts = entry.array, parts.count > 3, let value = parts[2].number,
                let command = parts[3].array?.first?.text
            else { continue }
            let amount = unit.toBase(value)
            groups.add(Sum(entries: 1, total: amount, largest: amount), to: command.lowercased())
        }
        for (command, sum) in groups.top(limit, by: \.total) {
            guard let set = LabelSet(checking: labels + [("cmd", command)]) else { continue }
            sink.add(entries, sum.entries, set)
            sink.add(total, sum.total, set)
            sink.add(largest, sum.largest, set)
        }
    }
}
