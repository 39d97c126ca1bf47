import Foundation

/// What the fleet adds to the metrics of redis_exporter, in Fixtures/added.txt.
enum AddedMetrics {
    static let names = Set(((try? Fixture.text("added.txt")) ?? "").split(separator: "\n").map(String.init))
}
