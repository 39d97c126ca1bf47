package import ExporterKit
internal import Synchronization

/// What a target is scraped with.
package struct ScrapedTarget: Sendable {
    let route: MetricsRoute
    let close: @Sendable () async -> Void

    /// - Parameter close: closes its connections.
    package init(route: MetricsRoute, close: @escaping @Sendable () async -> Void) {
        self.route = route
        self.close = close
    }
}

/// The servers that requests asked for lately, connections kept open: a bounded number, those not asked for in a while are
/// closed. `Key` tells one target from another, with all that changes how it is asked.
package final class TargetBook<Key: Hashable & Sendable>: Sendable {

    private struct Entry {
        let target: ScrapedTarget
        var users = 0
        var lastUse = ContinuousClock.now
    }

    private let limit: Int
    private let entries = Mutex<[Key: Entry]>([:])

    /// Longer than any usual scrape interval.
    private let idleLimit = Duration.seconds(300)

    /// - Parameter limit: most targets at once.
    package init(limit: Int) {
        self.limit = limit
    }

    /// Answers with a target, which is made when it is not there.
    ///
    /// - Returns: `nil` when as many targets as allowed are being asked just now.
    package func use(
        _ key: Key, make: () -> ScrapedTarget, _ answer: (MetricsRoute) async -> HTTPResponse
    ) async -> HTTPResponse? {
        let (target, closing) = entries.withLock { entries -> (ScrapedTarget?, ScrapedTarget?) in
            if let entry = entries[key] {
                entries[key]?.users += 1
                return (entry.target, nil)
            }
            var closing: ScrapedTarget?
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
    package func sweep() async {
        while true {
            do { try await Task.sleep(for: .seconds(60)) } catch { return }
            let now = ContinuousClock.now
            await close { $0.users == 0 && $0.lastUse + idleLimit < now }
        }
    }

    /// Closes every target.
    package func close() async { await close { _ in true } }

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
