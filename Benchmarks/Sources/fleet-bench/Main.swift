import Glibc

/// Ours against the client libraries and the exporters of the field, side by side in one run on the same servers.
///
/// Started by `scripts/bench`, which builds ours, starts the servers and sets `FLEET_*` and `BENCH_*`. `--check` exits 1
/// when a target is missed; names (`kit` and those of `Scenario.all`) run only these.
@main
enum Main {
    static func main() {
        do {
            let fleet = Scenario.all
            let names = CommandLine.arguments.dropFirst().filter { $0 != "--check" }
            let known = ["kit"] + fleet.map(\.name)
            if let stranger = names.first(where: { !known.contains($0) }) {
                throw BenchError("unknown contest \(stranger): choose from \(known.joined(separator: ", "))")
            }
            var missed = names.isEmpty || names.contains("kit") ? try kit() : 0
            for scenario in fleet where names.isEmpty || names.contains(scenario.name) {
                let report = try scenario.run()
                report.print()
                missed += report.missed
            }
            print("\n\(missed) of the targets missed")
            exit(missed > 0 && CommandLine.arguments.contains("--check") ? 1 : 0)
        } catch {
            progress("")
            say("fleet-bench: \(error)\n")
            exit(2)
        }
    }

    /// The library.
    ///
    /// - Returns: number of targets missed.
    private static func kit() throws -> Int {
        let (ours, peers) = (try Environment.variable("BENCH_KIT"), try Environment.variable("BENCH_PEERS"))
        let rows = try KitContest(ours: ours, peers: peers).run() + KitServers(ours: ours, peers: peers).run()
        progress("")
        print("\n### ExporterKit\n\n\(try Environment.variable("BENCH_VERSIONS"))\n")
        KitRow.printHead()
        for row in rows { row.print() }
        return rows.reduce(0) { $0 + $1.verdicts().missed }
    }
}
