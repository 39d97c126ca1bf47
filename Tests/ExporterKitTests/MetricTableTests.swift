import Testing

@testable import ExporterKit

@Suite struct MetricTableTests {
    private let table = MetricTable(
        prefix: "pg_x", labels: ["datname"],
        rows: [
            .gauge("backends", "Backends."),
            .counter("time_ms", as: "time_seconds_total", "Time.", in: .milliseconds, since: ServerVersion(14)),
            .counter("gone_total", "Gone.", until: ServerVersion(17)),
        ])

    @Test func rowsFollowTheServerVersion() {
        #expect(table.reader(for: ServerVersion(13, 4)).rows.map(\.name) == ["backends", "gone_total"])
        #expect(table.reader(for: ServerVersion(17)).rows.map(\.name) == ["backends", "time_seconds_total"])
        #expect(table.reader(for: nil).rows.count == 3)
    }

    @Test func missingValueCostsNoNeighbour() {
        var sink = MetricSink()
        let values: [[Double?]] = [[3, nil, 1], [nil, 5, 2]]
        table.reader(for: ServerVersion(16)).read(
            count: 2, into: &sink, labels: { ["db\($0)"] }, value: { values[$0][$1] })
        let text = String(decoding: ExpositionFormat.text004.encode(sink.families), as: UTF8.self)
        #expect(
            text == """
                # HELP pg_x_backends Backends.
                # TYPE pg_x_backends gauge
                pg_x_backends{datname="db0"} 3
                # HELP pg_x_time_seconds_total Time.
                # TYPE pg_x_time_seconds_total counter
                pg_x_time_seconds_total{datname="db1"} 0.005
                # HELP pg_x_gone_total Gone.
                # TYPE pg_x_gone_total counter
                pg_x_gone_total{datname="db0"} 1
                pg_x_gone_total{datname="db1"} 2

                """)
    }

    @Test(arguments: [
        ("15.18", ServerVersion(15, 18)), ("17.6 (Debian 17.6-0+deb13u1)", ServerVersion(17, 6)),
        ("8.0.2", ServerVersion(8, 0, 2)),
        ("18beta1", ServerVersion(18)), ("7.2.4-v1", ServerVersion(7, 2, 4)), ("", nil), ("x", nil),
    ])
    func readsVersions(text: String, expected: ServerVersion?) {
        #expect(ServerVersion(text) == expected)
    }
}
