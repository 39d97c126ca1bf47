internal import ExporterCommand
internal import ExporterKit
internal import Logging
internal import Synchronization

/// The custom queries of the running program. A scrape takes the set of its beginning and keeps it to its end.
final class LiveQueries: Sendable {
    /// How the files were found by the last reading.
    struct Loading: Sendable {
        let path: String
        let digest: String
        let failed: Bool
    }

    /// What is the same for all sets.
    struct Options: Sendable {
        /// First word instead of `pg` of namespaces that begin so.
        var prefix = "pg"
        /// Tags of this exporter, for `tags` of queries.
        var tags: Set<String> = []
        /// Told when a query begins to fail, fails for another reason, or works again.
        var logger: Logger?
    }

    let options: Options
    private let paths: [String]
    private let state: Mutex<State>

    private struct State {
        var queries: CustomQueries
        var loadings: [Loading]
    }

    /// - Parameter paths: files and folders.
    /// - Throws: the first thing that is wrong in any of them.
    init(_ paths: [String], options: Options = Options()) throws(ConfigurationError) {
        self.paths = paths
        self.options = options
        let queries = try CustomQueries.load(paths).prefixed(options.prefix)
        state = Mutex(State(queries: queries, loadings: Self.loadings(queries.files)))
    }

    /// The set in force.
    var current: CustomQueries { state.withLock { $0.queries } }
    /// How the last reading went, by file.
    var loadings: [Loading] { state.withLock { $0.loadings } }

    /// Reads all files again and puts the new set in force; when anything is wrong the old one stays.
    ///
    /// Kept answers of queries that did not change stay valid; call `ServerScrape.forgetAnswers()` to ask all anew.
    func reload() throws(ConfigurationError) {
        do throws(ConfigurationError) {
            let queries = try CustomQueries.load(paths).prefixed(options.prefix)
            state.withLock { $0 = State(queries: queries, loadings: Self.loadings(queries.files)) }
        } catch {
            let failed = error.place.map { String($0.prefix { $0 != ":" }) } ?? paths.joined(separator: ",")
            state.withLock { state in
                state.loadings.removeAll { $0.path == failed }
                state.loadings.append(Loading(path: failed, digest: "", failed: true))
            }
            throw error
        }
    }

    private static func loadings(_ files: [QueryFiles.Content]) -> [Loading] {
        files.map { Loading(path: $0.path, digest: SHA256.hexadecimal($0.bytes), failed: false) }
    }
}
