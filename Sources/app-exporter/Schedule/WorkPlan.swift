internal import CurlClient
internal import ExporterKit

/// A checked configuration turned into sources and work. Nothing is contacted yet.
struct WorkPlan: Sendable {
    let works: [any ScheduledWork]
    let time: Timekeeper
    let configuration: AppConfiguration
    private let book: SourceBook

    /// - Parameters:
    ///   - earlier: the plan in force, whose connections stay open where they are configured as before.
    ///   - kept: work of it that goes on as it is.
    init(
        _ configuration: AppConfiguration, _ registry: Registry, time: Timekeeper = .system(),
        earlier: WorkPlan? = nil, keeping kept: [any ScheduledWork] = []
    ) {
        var book = SourceBook(configuration, registry, time, earlier: earlier?.book)
        // Each room of the house makes its own work.
        let made =
            Group.works(&book) + VectorCatalog.works(&book) + CheckConfiguration.works(&book) + Flow.works(&book)
        let present = Dictionary(kept.map { ($0.id, $0) }) { first, _ in first }
        works = made.map { present[$0.id] ?? $0 }
        self.book = book
        self.configuration = configuration
        self.time = time
    }

    /// What is asked, for the page at `/`; without credentials.
    var targets: [String] {
        var seen: Set<String> = []
        return (book.opened.map(\.target) + works.compactMap(\.target)).filter { seen.insert($0).inserted }
    }

    /// How each source answered last.
    var health: [HealthState] { book.states.all }

    /// Releases all connections.
    func close() async {
        await withTaskGroup(of: Void.self) { group in
            for source in book.opened { group.addTask { await source.close() } }
        }
        await book.client.close()
    }
}
