internal import ExporterKit

extension VectorCatalog {
    /// The indexes that the configuration does not leave out.
    func read(_ rows: NamedRows, _ present: Present) -> [VectorIndex] {
        rows.indices.compactMap { row in
            guard let schema = rows.text(row, "schema"), let table = rows.text(row, "table"),
                filter.includes(schema: schema, table: table), let name = rows.text(row, "index"),
                let relation = rows.text(row, "relation"), let owner = rows.text(row, "extension"),
                let type = rows.text(row, "type")
            else { return nil }
            let override = configuration.overrides.first { $0.index == "\(schema).\(name)" }
            let distances = VectorDistance.read(rows.text(row, "operators") ?? "")
            guard let distance = distances.first(where: { $0.name == override?.distance }) ?? distances.first else {
                return nil
            }
            let adapter = VectorAdapter(
                extension: owner, type: rows.text(row, "type_name") ?? "", configuration.ruvector)
            let conditions = [rows.text(row, "predicate"), override?.condition].compactMap(\.self)
            return VectorIndex(
                database: present.database, schema: schema, table: table, name: name, relation: relation,
                expression: rows.text(row, "expression") ?? "",
                predicate: conditions.isEmpty ? nil : conditions.joined(separator: ") AND ("), distance: distance,
                type: type, adapter: adapter, owner: owner, engine: present.engines[owner],
                column: rows.text(row, "column") ?? "", dimensions: rows.number(row, "dimensions").map { Int($0) },
                isSearchable: rows.isTrue(row, "valid") && !rows.isTrue(row, "locked"),
                isPartitioned: rows.isTrue(row, "partitioned"),
                members: Set((rows.text(row, "members") ?? "").split(separator: "\n").map(String.init)),
                leaves: (rows.text(row, "leaves") ?? "").split(separator: ",").compactMap { UInt32($0) },
                pages: rows.number(row, "pages") ?? 1, rows: rows.number(row, "rows"),
                tableRows: rows.number(row, "table_rows"), isNarrowed: override?.condition != nil,
                settings: override?.settings ?? [:])
        }
    }

    /// Overrides for indexes that are not there, or for distances that they do not have.
    func misplaced(_ indexes: [VectorIndex]) -> CollectorError? {
        for override in configuration.overrides {
            guard let index = indexes.first(where: { "\($0.schema).\($0.name)" == override.index }) else {
                return CollectorError(
                    .unsupported,
                    "\(source.target): there is no index \(override.index) for vector.overrides; correct its name, or "
                        + "remove the item")
            }
            if let wanted = override.distance, wanted != index.distance.name {
                return CollectorError(
                    .unsupported,
                    "\(source.target): the index \(override.index) cannot order by \(wanted); it does by "
                        + index.distance.name)
            }
        }
        return nil
    }

    func describe(_ rows: NamedRows, _ database: String, into sink: inout MetricSink) {
        let numbers: [(MetricDescriptor, String)] = [
            (VectorMetrics.indexValid, "valid"), (VectorMetrics.indexRows, "rows"), (VectorMetrics.indexBytes, "bytes"),
            (VectorMetrics.tuplesRead, "read"), (VectorMetrics.tuplesFetched, "fetched"),
            (VectorMetrics.blocksHit, "blocks_hit"), (VectorMetrics.blocksRead, "blocks_read"),
        ]
        let scans: [(MetricDescriptor, String)] = [
            (VectorMetrics.scans, "scans"), (VectorMetrics.lastScan, "last_scan"),
        ]
        for row in rows.indices {
            guard let place = tableLabels(rows, row, database) else { continue }
            let index = place + [("index", rows.text(row, "index") ?? "")]
            var facts = index
            for name in ["extension", "method", "opclass", "column", "m", "ef_construction", "lists"] {
                facts.append((name, rows.text(row, name) ?? ""))
            }
            facts.append(("partial", rows.isTrue(row, "partial") ? "true" : "false"))
            sink.add(VectorMetrics.indexInfo, 1, labels(facts))
            let adapter = VectorAdapter(
                extension: rows.text(row, "extension") ?? "", type: rows.text(row, "type_name") ?? "",
                configuration.ruvector)
            let series = labels(index)
            for (metric, column) in numbers + (adapter.countsScans ? scans : []) {
                sink.add(metric, rows.number(row, column), series)
            }
            if !rows.isTrue(row, "partial"), let held = rows.number(row, "rows"),
                let all = rows.number(row, "table_rows"), all > 0
            {
                sink.add(VectorMetrics.coverage, min(1, held / all), series)
            }
            if configuration.isDpgCompatible {
                let old = DpgMetrics.labels(
                    place[1].value, place[2].value, ("index_name", rows.text(row, "index") ?? ""))
                sink.add(DpgMetrics.indexBytes, rows.number(row, "bytes"), old)
            }
        }
    }

    func labels(_ pairs: [(name: String, value: String)]) -> LabelSet { LabelSet(checking: pairs) ?? .empty }

    /// `database`, `schema`, `table`; `nil` for a table that the configuration leaves out.
    func tableLabels(_ rows: NamedRows, _ row: Int, _ database: String) -> [(name: String, value: String)]? {
        guard let schema = rows.text(row, "schema"), let table = rows.text(row, "table"),
            filter.includes(schema: schema, table: table)
        else { return nil }
        return [("database", database), ("schema", schema), ("table", table)]
    }
}
