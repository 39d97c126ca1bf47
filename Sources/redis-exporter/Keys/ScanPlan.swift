internal import RedisClient

/// What a walk looks for in one database.
struct ScanPlan {
    let database: Int
    /// Patterns whose keys get series.
    let keys: [GlobPattern]
    /// Patterns whose streams get series.
    let streams: [GlobPattern]
    /// Patterns that are counted.
    let counts: [(name: KeyName, pattern: GlobPattern)]
    /// Every key goes into a group.
    let isGrouped: Bool
    /// The server looks for the one pattern that there is; for several, every key is told.
    private let match: [UInt8]?

    /// - Parameter isOnlyGrouped: patterns are not looked for on this server.
    init(_ database: Int, _ options: KeyOptions, isOnlyGrouped: Bool) {
        func patterns(_ names: [KeyName]) -> [GlobPattern] {
            guard !isOnlyGrouped else { return [] }
            return names.filter { $0.database == database && $0.isPattern }.map { GlobPattern(Array($0.name.utf8)) }
        }
        self.database = database
        keys = patterns(options.patterns)
        streams = patterns(options.streamPatterns)
        let counted = isOnlyGrouped ? [] : options.counts.filter { $0.database == database }
        counts = counted.reduce(into: []) { counts, name in
            guard !counts.contains(where: { $0.name == name }) else { return }
            counts.append((name, GlobPattern(Array(name.name.utf8))))
        }
        isGrouped = !options.groups.isEmpty
        let texts = Set((keys + streams + counts.map(\.pattern)).map(\.text))
        match = isGrouped || texts.count != 1 ? nil : texts.first
    }

    func command(_ cursor: [UInt8], batch: Int) -> RedisCommand {
        let filter = match.map { [Array("MATCH".utf8), $0] } ?? []
        return RedisCommand(
            bytes: [Array("SCAN".utf8), cursor] + filter + [Array("COUNT".utf8), Array(String(batch).utf8)]
        ).inDatabase(database)
    }
}
