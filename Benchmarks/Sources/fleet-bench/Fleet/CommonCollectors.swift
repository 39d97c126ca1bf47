/// Flags with which a peer and ours collect the same: what is on in the peer by default and ours has too. Both are asked
/// by `--help`, so that a new collector of either changes nothing but itself.
struct CommonCollectors {
    let peerFlags: [String]
    let ourFlags: [String]

    /// What ours has as collectors and the peer collects without a switch for it.
    private static let withoutSwitch: Set = [
        "settings", "stat_activity", "stat_archiver", "stat_database_conflicts", "stat_replication",
    ]
    /// Off in the peer by default; without it a server since 17 shows nothing about checkpoints.
    private static let added: Set = ["stat_checkpointer"]

    init(peer: String, ours: String) throws {
        let (peers, own) = (try Self.collectors(of: peer), try Self.collectors(of: ours))
        let both = Set(peers.filter { ($0.isOn || Self.added.contains($0.name)) }.map(\.name))
            .intersection(own.map(\.name))
        peerFlags = Self.flags(peers) { both.contains($0) }
        ourFlags = Self.flags(own) { both.contains($0) || Self.withoutSwitch.contains($0) }
    }

    private static func flags(_ collectors: [(name: String, isOn: Bool)], isOn: (String) -> Bool) -> [String] {
        collectors.map { isOn($0.name) ? "--collector.\($0.name)" : "--no-collector.\($0.name)" }
    }

    /// `--[no-]collector.NAME`, with what stands behind it up to the next flag.
    private static func collectors(of program: String) throws -> [(name: String, isOn: Bool)] {
        // Go's kingpin prints its help to standard error.
        let words = try outputOf(["/bin/sh", "-c", "\"$0\" --help 2>&1", program]).split { $0 == " " || $0 == "\n" }
        var collectors: [(name: String, isOn: Bool)] = []
        for (index, word) in words.enumerated() {
            let flag = word.hasPrefix("--[no-]") ? word.dropFirst(7) : word.dropFirst(2)
            guard word.hasPrefix("--"), flag.hasPrefix("collector.") else { continue }
            let name = flag.dropFirst("collector.".count)
            // Settings of a collector have a value or a name of their own behind another point.
            guard name != "disable-defaults", name.allSatisfy({ $0.isLetter || $0 == "_" }) else { continue }
            let text = words[(index + 1)...].prefix { !$0.hasPrefix("--") }.joined(separator: " ")
            collectors.append((String(name), text.contains("(default: enabled)")))
        }
        guard !collectors.isEmpty else { throw BenchError("\(program) --help tells no collectors") }
        return collectors
    }
}
