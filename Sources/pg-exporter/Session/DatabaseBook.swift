internal import ExporterKit
internal import Synchronization

/// Which of the other databases could be asked in the last scrape.
final class DatabaseBook: Sendable {
    private let last = Mutex<[(database: String, isUp: Bool)]>([])

    /// Takes what a scrape learned.
    func note(_ parts: [DatabasePool.Part]) {
        let states = parts.map { part in
            if case .success = part.replies { (part.database, true) } else { (part.database, false) }
        }
        last.withLock { $0 = states.sorted { $0.0 < $1.0 } }
    }

    /// In the order of their names.
    var states: [(database: String, isUp: Bool)] { last.withLock { $0 } }
}
