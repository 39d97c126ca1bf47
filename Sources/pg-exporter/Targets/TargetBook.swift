internal import ExporterKit
internal import Synchronization

/// The servers that `/probe` was asked for lately, connections kept open: a bounded number, those not asked for in a while
/// are closed.
final class TargetBook: Sendable {
    /// One target of one module as of one configuration.
    struct Key: Hashable {
        let target: String
        let module: String
        let generation: Int
    }

    /// What a target is scraped with.
    struct Target: Sendable {
        let route: MetricsRoute
        let close: @Sendable () async -> Void
    }

    private struct Entry {
        let target: Target
        var users = 0
        var lastUse = ContinuousClock.now
    }

    private let limit: Int
    private let entries = Mutex<[Key: Entry]>([:])

    /// Longer than any usual scrape interval.
    private static let idleLimit = Duration.seconds(300)

    /// - Parameter limit: most targets at once.
    init(limit: Int) {
        self.limit = limit
    }

    /// Answers with a target, which is made when it is not there.
    ///
    /// - Returns: `nil` when as many targets as allowed are being asked just now.
    func use(
        _ key: Key, make: () -> Target, _ answer: (MetricsRoute) async -> HTTPResponse
    ) async -> HTTPResponse? {
        let (target, closing) = entries.withLock { entries -> (Target?, Target?) in
            if let entry = entries[key] {
                entries[key]?.users += 1
                return (entry.target, nil)
            }
            var closing: Target?
            if entries.count >= limit {
                let idle = entries.filter { $0.value.users == 0 }
                guard let oldest = idle.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return (nil, nil) }
                closing = entries.removeValue(forKey: oldest.key)?.target
            }
            let target = make()
            entries[key] = Entry(target: target, users: 1)
            return (target, closing)
        }
        await closing?.close()
        guard let target else { return nil }
        let response = await answer(target.route)
        entries.withLock { entries in
            entries[key]?.users -= 1
            entries[key]?.lastUse = .now
        }
        return response
    }

    /// Closes what has not been asked for in a while, again and again until the task is cancelled.
    func sweep() async {
        while true {
            do { try await Task.sleep(for: .seconds(60)) } catch { return }
            let now = ContinuousClock.now
            await close { $0.users == 0 && $0.lastUse + Self.idleLimit < now }
        }
    }

    /// Closes every target.
    func close() async { await close { _ in true } }

    private func close(_ isChosen: (Entry) -> Bool) async {
        let closing = entries.withLock { entries in
            let chosen = entries.filter { isChosen($0.value) }
            for key in chosen.keys { entries[key] = nil }
            return chosen.values.map(\.target)
        }
        await withTaskGroup { group in
            for target in closing { group.addTask { await target.close() } }
        }
    }
}
