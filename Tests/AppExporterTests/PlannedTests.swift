import ExporterKit
import Testing

@testable import app_exporter

/// What works say of the series they will give.
struct PlannedTests {
    @Test func everyCatalogueMetricIsPlannedOnce() {
        for (planned, all) in [
            (VectorPlan.families(VectorPlan.all), VectorPlan.all),
            (CheckMetrics.planned, CheckMetrics.all),
        ] {
            #expect(planned.map(\.descriptor.name) == all.map(\.name))
            #expect(planned.allSatisfy { Set($0.labels).count == $0.labels.count && !$0.labels.isEmpty })
        }
    }
}
