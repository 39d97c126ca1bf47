internal import ExporterKit

extension VectorCatalog {
    func describe(_ present: Present, into sink: inout MetricSink) {
        let rows = present.extensions
        for row in rows.indices {
            let name = rows.text(row, "extension") ?? ""
            let facts = [
                ("database", present.database), ("extension", name),
                ("extension_version", rows.text(row, "version") ?? ""), ("engine_version", present.engines[name] ?? ""),
            ]
            sink.add(VectorMetrics.extensionInfo, 1, labels(facts))
        }
    }

    func describeColumns(_ rows: NamedRows, _ database: String, into sink: inout MetricSink) {
        for row in rows.indices {
            guard let place = tableLabels(rows, row, database) else { continue }
            let column = place + [("column", rows.text(row, "column") ?? "")]
            sink.add(VectorMetrics.columnInfo, 1, labels(column + [("type", rows.text(row, "type") ?? "")]))
            sink.add(VectorMetrics.columnDimensions, rows.number(row, "dimensions"), labels(column))
        }
    }

    func describeTables(_ rows: NamedRows, _ database: String, into sink: inout MetricSink) {
        let numbers: [(MetricDescriptor, String)] = [
            (VectorMetrics.tableRows, "rows"), (VectorMetrics.tableBytes, "bytes"), (VectorMetrics.deadRows, "dead"),
            (VectorMetrics.lastAnalyze, "analyzed"), (VectorMetrics.lastVacuum, "vacuumed"),
        ]
        for row in rows.indices {
            guard let place = tableLabels(rows, row, database) else { continue }
            for (metric, column) in numbers { sink.add(metric, rows.number(row, column), labels(place)) }
            for operation in ["insert", "update", "hot_update", "delete"] {
                let count = rows.number(row, operation)
                sink.add(VectorMetrics.operations, count, labels(place + [("operation", operation)]))
                guard configuration.isDpgCompatible else { continue }
                let old = DpgMetrics.labels(place[1].value, place[2].value, ("operation", operation))
                sink.add(DpgMetrics.operations, count, old)
            }
            guard configuration.isDpgCompatible else { continue }
            sink.add(
                DpgMetrics.vectors, rows.number(row, "rows"), DpgMetrics.labels(place[1].value, place[2].value))
        }
    }

    /// Several builds on one table are told apart by command and phase only; progress is that of the slowest.
    func describeBuilds(_ rows: NamedRows, _ database: String, into sink: inout MetricSink) {
        var told: Set<LabelSet> = []
        for row in rows.indices {
            guard let place = tableLabels(rows, row, database) else { continue }
            let build =
                place + [("command", rows.text(row, "command") ?? ""), ("phase", rows.text(row, "phase") ?? "")]
            sink.add(VectorMetrics.buildInProgress, 1, labels(build))
            guard told.insert(labels(place)).inserted else { continue }
            sink.add(VectorMetrics.buildProgress, rows.number(row, "done"), labels(place))
            sink.add(VectorMetrics.buildElapsed, rows.number(row, "elapsed"), labels(place))
        }
    }

    static func describeSettings(_ rows: NamedRows, _ database: String, into sink: inout MetricSink) {
        for row in rows.indices {
            let name = rows.text(row, "name") ?? ""
            if rows.isTrue(row, "word") {
                sink.add(
                    VectorMetrics.settingInfo, 1,
                    LabelSet(["database": database, "name": name, "value": rows.text(row, "setting") ?? ""]))
            } else {
                sink.add(
                    VectorMetrics.setting, rows.number(row, "value"), LabelSet(["database": database, "name": name]))
            }
        }
    }

    static func describeDefaults(_ rows: NamedRows, _ database: String, into sink: inout MetricSink) {
        for row in rows.indices {
            guard let name = rows.text(row, "name"), let text = rows.text(row, "value") else { continue }
            sink.add(
                VectorMetrics.settingDefault, SettingText.number(text, of: name),
                LabelSet(["database": database, "role": rows.text(row, "role") ?? "", "name": name]))
        }
    }

    static func describeStatements(_ rows: NamedRows, _ database: String, into sink: inout MetricSink) {
        for row in rows.indices {
            let labels = LabelSet(["database": database, "operator": rows.text(row, "operator") ?? ""])
            sink.add(VectorMetrics.statementCalls, rows.number(row, "calls"), labels)
            sink.add(VectorMetrics.statementSeconds, rows.number(row, "seconds"), labels)
        }
    }
}

/// Values of settings as people write them.
enum SettingText {
    private static let units = [("kB", 1024.0), ("MB", 1_048_576), ("GB", 1_073_741_824), ("TB", 1_099_511_627_776)]
    /// What a bare number counts, in bytes.
    private static let bare = [
        "work_mem": 1024.0, "maintenance_work_mem": 1024, "shared_buffers": 8192, "effective_cache_size": 8192,
    ]

    /// `64` and `256MB` as numbers, sizes in bytes; `nil` for words.
    static func number(_ text: String, of name: String) -> Double? {
        if let number = Double(text) { return number * (bare[name] ?? 1) }
        for (unit, factor) in units where text.hasSuffix(unit) {
            var digits = text.dropLast(unit.count)
            while digits.last == " " { digits.removeLast() }
            return Double(digits).map { $0 * factor }
        }
        return nil
    }
}
