internal import ExporterKit

/// Which metrics the vector part may give, and with which labels; how many series there are is up to the database.
enum VectorPlan {
    static func catalog(_ configuration: VectorConfiguration) -> [PlannedFamily] {
        let statements = [VectorMetrics.statementCalls.name, VectorMetrics.statementSeconds.name]
        let own = VectorMetrics.catalog.filter { metric in
            metric.name != VectorMetrics.cachedBytes.name
                && (configuration.statements || !statements.contains(metric.name))
        }
        let old =
            configuration.isDpgCompatible ? [DpgMetrics.indexBytes, DpgMetrics.vectors, DpgMetrics.operations] : []
        return families(own + old)
    }

    static func probe(_ configuration: VectorConfiguration) -> [PlannedFamily] {
        let old = configuration.isDpgCompatible ? [DpgMetrics.latency, DpgMetrics.operations] : []
        return families(ProbeMetrics.all + [VectorMetrics.columnDimensions] + old)
    }

    static let recall = families(RecallMetrics.all)

    /// Every metric of the vector part.
    static let all = VectorMetrics.catalog + ProbeMetrics.all + RecallMetrics.all + DpgMetrics.all

    /// Each with its labels.
    static func families(_ metrics: [MetricDescriptor]) -> [PlannedFamily] {
        metrics.map { PlannedFamily($0, labels(of: $0.name)) }
    }

    private static func labels(of metric: String) -> [String] {
        let table = ["database", "schema", "table"]
        let index = table + ["index"]
        return switch metric {
        case VectorMetrics.extensionInfo.name: ["database", "extension", "extension_version", "engine_version"]
        case VectorMetrics.setting.name: ["database", "name"]
        case VectorMetrics.settingInfo.name: ["database", "name", "value"]
        case VectorMetrics.settingDefault.name: ["database", "role", "name"]
        case VectorMetrics.statementCalls.name, VectorMetrics.statementSeconds.name: ["database", "operator"]
        case VectorMetrics.columnInfo.name: table + ["column", "type"]
        case VectorMetrics.columnDimensions.name: table + ["column"]
        case VectorMetrics.operations.name: table + ["operation"]
        case VectorMetrics.buildInProgress.name: table + ["command", "phase"]
        case VectorMetrics.indexInfo.name:
            index + ["extension", "method", "opclass", "column", "m", "ef_construction", "lists", "partial"]
        case ProbeMetrics.probesTotal.name, ProbeMetrics.selfChecksTotal.name: index + ["result"]
        case ProbeMetrics.errorsTotal.name: index + ["sqlstate"]
        case RecallMetrics.ratio.name, RecallMetrics.worst.name: index + ["k"]
        case DpgMetrics.indexBytes.name: ["schema", "table", "index_name"]
        case DpgMetrics.vectors.name, DpgMetrics.latency.name: ["schema", "table"]
        case DpgMetrics.operations.name: ["schema", "table", "operation"]
        case let name where name.hasPrefix("vector_table_") || name.hasPrefix("vector_index_build_"): table
        default: index
        }
    }
}
