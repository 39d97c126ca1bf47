internal import Logging
internal import Synchronization

/// The web configuration as its file has it now: looked at for every request and every connection, read when it changed.
final class LiveDocument: Sendable {
    /// A document and which reading it came from.
    struct Reading: Sendable {
        let document: WebDocument
        let number: Int
    }

    private struct State {
        var files: FileStates
        var good: Reading
        var problem: ConfigurationError?
    }

    private let source: WebSource
    /// As it was at start: what cannot change while running.
    let first: WebDocument
    private let logger: Logger
    private let state: Mutex<State>

    /// - Parameter files: the file's state before `document` was read.
    init(_ source: WebSource, _ document: WebDocument, _ files: FileStates, logger: Logger) {
        self.source = source
        self.logger = logger
        first = document
        state = Mutex(State(files: files, good: Reading(document: document, number: 0)))
    }

    /// What the file says now.
    ///
    /// - Throws: what is wrong with it; logged once.
    func current() throws(ConfigurationError) -> WebDocument {
        let (reading, problem) = refreshed()
        if let problem { throw problem }
        return reading.document
    }

    /// The last good reading.
    var good: Reading { refreshed().reading }

    private func refreshed() -> (reading: Reading, problem: ConfigurationError?) {
        let (now, before) = state.withLock { state in
            let files = FileStates(of: source.paths)
            guard !state.files.isStill(files) else { return (state, State?.none) }
            let before = state
            state.files = files
            do throws(ConfigurationError) {
                state.good = Reading(document: try source.read(), number: state.good.number + 1)
                state.problem = nil
            } catch { state.problem = error }
            return (state, before)
        }
        if let before { tell(now, before) }
        return (now.good, now.problem)
    }

    private func tell(_ now: State, _ before: State) {
        if let problem = now.problem {
            if problem != before.problem {
                logger.error("Unable to parse configuration", metadata: ["err": "\(problem)"])
            }
            return
        }
        if before.problem != nil {
            logger.info("Web configuration is good again", metadata: ["file": "\(source.file)"])
        }
        let (needed, neededBefore) = (needsRestart(now.good), needsRestart(before.good))
        if needed && (!neededBefore || before.problem != nil) {
            logger.warning(
                "TLS on or off, http2 and rate_limit change only at the next start",
                metadata: ["file": "\(source.file)"])
        }
    }

    /// Whether it says something else than the running server does.
    private func needsRestart(_ reading: Reading) -> Bool {
        let document = reading.document
        return (document.tls == nil) != (first.tls == nil) || document.http2 != first.http2
            || document.rateLimit != first.rateLimit
    }
}
