internal import CurlClient
internal import ExporterKit

/// A checked configuration turned into sources and work. Nothing is contacted yet.
struct WorkPlan: Sendable {
    let works: [any ScheduledWork]
    let time: Timekeeper
    private let sources: [any AskedSource]
    private let client: CurlClient

    init(_ configuration: AppConfiguration, _ registry: Registry, time: Timekeeper = .system()) {
        var book = SourceBook(configuration, registry, time)
        // Each room of the house makes its own work.
        works =
            Group.works(&book) + VectorCatalog.works(&book) + CheckConfiguration.works(&book) + Flow.works(&book)
        sources = book.opened
        client = book.client
        self.time = time
    }

    /// What is asked, for the page at `/`; without credentials.
    var targets: [String] {
        var seen: Set<String> = []
        return (sources.map(\.target) + works.compactMap(\.target)).filter { seen.insert($0).inserted }
    }

    /// Releases all connections.
    func close() async {
        await withTaskGroup(of: Void.self) { group in
            for source in sources { group.addTask { await source.close() } }
        }
        await client.close()
    }
}
