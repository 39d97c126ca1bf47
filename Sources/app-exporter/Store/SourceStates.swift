internal import ExporterKit
internal import Synchronization

/// How each source answered last, for `/health` and `check`. Kept in memory: nobody is asked because somebody asks us.
final class SourceStates: Sendable {
    private let states = Mutex<[String: HealthState.Last?]>([:])

    /// Takes the names of all sources; what is known of others is forgotten.
    func expect(_ names: Set<String>) {
        states.withLock { states in
            states = states.filter { names.contains($0.key) }
            for name in names where states[name] == nil { states[name] = .some(nil) }
        }
    }

    /// Notes an answer.
    ///
    /// - Parameter reason: why the source counts as down, a word of a closed set.
    func note(_ name: String, _ reason: String?, took duration: Duration) {
        let time = Timekeeper.realTime()
        states.withLock { states in
            guard states[name] != nil else { return }
            states[name] = HealthState.Last(reason: reason, took: duration, time: time)
        }
    }

    /// All sources by name.
    var all: [HealthState] {
        states.withLock { $0 }.sorted { $0.key < $1.key }.map { HealthState("source.\($0.key)", last: $0.value) }
    }
}
