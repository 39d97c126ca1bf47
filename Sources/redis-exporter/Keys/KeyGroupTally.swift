internal import ExporterKit

/// Keys and memory by group, for each database.
struct KeyGroupTally: Sendable {
    private struct Sum {
        var keys = 0
        var bytes = 0.0

        mutating func add(keys: Int, bytes: Double) {
            self.keys += keys
            self.bytes += bytes
        }
    }

    private var databases: [Int: [[UInt8]: Sum]] = [:]
    /// What came when a database had as many groups as are kept.
    private var spilled: [Int: Sum] = [:]
    private let patterns: [LuaPattern]
    /// Groups of a database that are told apart: captures may make one of every key.
    private let most: Int

    private static let unclassified = Array("unclassified".utf8)
    private static let overflow = Array("overflow".utf8)

    init(_ patterns: [LuaPattern], most: Int = 100_000) {
        self.patterns = patterns
        self.most = most
    }

    /// A database is told even when it has no keys.
    mutating func open(_ database: Int) { databases[database] = databases[database] ?? [:] }

    /// - Parameter bytes: memory of the key; `nil` when the server does not tell it.
    mutating func add(_ key: StoredKey, bytes: Double?) {
        let group = patterns.lazy.compactMap { $0.group(of: key.name) }.first ?? Self.unclassified
        if databases[key.database]?.count ?? 0 >= most, databases[key.database]?[group] == nil {
            spilled[key.database, default: Sum()].add(keys: 1, bytes: bytes ?? 0)
        } else {
            databases[key.database, default: [:]][group, default: Sum()].add(keys: 1, bytes: bytes ?? 0)
        }
    }

    /// - Parameters:
    ///   - spoiled: databases that are left out.
    ///   - limit: groups of a database with series of their own: those with the most memory.
    func write(_ metrics: KeyGroupMetrics, besides spoiled: Set<Int>, limit: Int, into sink: inout MetricSink) {
        for (database, groups) in databases.sorted(by: { $0.key < $1.key }) where !spoiled.contains(database) {
            metrics.add(distinct: groups.count, database, into: &sink)
            var sorted = groups.map { (name: $0.key, sum: $0.value) }
            if sorted.count > limit { sorted.sort { Self.precedes($0, $1) } }
            for (name, sum) in sorted.prefix(limit) {
                metrics.add(name, keys: sum.keys, bytes: sum.bytes, database, into: &sink)
            }
            var rest = spilled[database] ?? Sum()
            for group in sorted.dropFirst(limit) { rest.add(keys: group.sum.keys, bytes: group.sum.bytes) }
            guard rest.keys > 0 else { continue }
            metrics.add(Self.overflow, keys: rest.keys, bytes: rest.bytes, database, into: &sink)
        }
    }

    /// Most memory first, of equal ones fewest keys, then by name.
    private static func precedes(_ left: (name: [UInt8], sum: Sum), _ right: (name: [UInt8], sum: Sum)) -> Bool {
        if left.sum.bytes != right.sum.bytes { return left.sum.bytes > right.sum.bytes }
        if left.sum.keys != right.sum.keys { return left.sum.keys < right.sum.keys }
        return left.name.lexicographicallyPrecedes(right.name)
    }
}

/// The series of groups of keys, under the names of redis_exporter.
struct KeyGroupMetrics: Sendable {
    private let count: MetricDescriptor
    private let memory: MetricDescriptor
    private let distinct: MetricDescriptor
    private let duration: MetricDescriptor
    private let labels = LabelTemplate(["db", "key_group"])

    init(_ namespace: String) {
        func gauge(_ name: String, _ help: String, unit: String? = nil) -> MetricDescriptor {
            MetricDescriptor("\(namespace)_\(name)", help, kind: .gauge, unit: unit)
        }
        count = gauge("key_group_count", "Keys of the group.")
        memory = gauge("key_group_memory_usage_bytes", "Memory that the keys of the group take.", unit: "bytes")
        distinct = gauge("number_of_distinct_key_groups", "Groups that the keys of the database fall into.")
        duration = gauge(
            "last_key_groups_scrape_duration_milliseconds",
            "Milliseconds of the last walk for groups of keys; 0 without groups.")
    }

    var all: [MetricDescriptor] { [count, memory, distinct, duration] }

    func add(_ group: [UInt8], keys: Int, bytes: Double, _ database: Int, into sink: inout MetricSink) {
        guard let labels = labels?.labels([StoredKey.label(database), group]) else { return }
        sink.add(count, Double(keys), labels)
        sink.add(memory, bytes, labels)
    }

    func add(distinct groups: Int, _ database: Int, into sink: inout MetricSink) {
        sink.add(distinct, Double(groups), LabelSet(["db": "db\(database)"]))
    }

    func add(duration time: Duration, into sink: inout MetricSink) {
        sink.add(duration, (time.seconds * 1_000).rounded(.down))
    }
}
