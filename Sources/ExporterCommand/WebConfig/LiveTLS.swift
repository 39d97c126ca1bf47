internal import Logging
internal import NIOSSL
internal import Synchronization

/// TLS as the configuration and its files have it now; what is bad is not taken, and what was good goes on.
///
/// A change costs one connection a few milliseconds on its event loop, about as much as a handshake.
final class LiveTLS: Sendable {
    private struct State {
        var reading: Int
        var files: FileStates
        var ready: TLSReady
        var problem: ConfigurationError?
    }

    private let live: LiveDocument
    private let http2: Bool
    private let logger: Logger
    private let state: Mutex<State>

    /// - Parameter files: the states of the settings' files before `ready` was made.
    init(_ live: LiveDocument, _ ready: TLSReady, _ files: FileStates, logger: Logger) {
        self.live = live
        self.logger = logger
        http2 = live.first.http2
        state = Mutex(State(reading: 0, files: files, ready: ready))
    }

    /// The handler of a new connection.
    func handler() -> NIOSSLServerHandler {
        let good = live.good
        // A file that no longer has TLS says so for the next start; a server does not turn to plain text while it runs.
        guard let settings = good.document.tls else { return state.withLock { $0.ready }.handler() }
        let (ready, news, problem) = state.withLock { state in
            let now = FileStates(of: settings.paths)
            guard state.reading != good.number || !state.files.isStill(now) else {
                return (state.ready, Logger.Message?.none, ConfigurationError?.none)
            }
            (state.reading, state.files) = (good.number, now)
            let before = (chain: state.ready.chain, problem: state.problem)
            do throws(ConfigurationError) {
                state.ready = try TLSReady(settings, http2: http2)
                state.problem = nil
            } catch { state.problem = error }
            let isNews = before.problem != state.problem || before.chain != state.ready.chain
            return (state.ready, isNews ? Self.news(state.problem) : nil, state.problem)
        }
        if let problem, let news {
            logger.error(news, metadata: ["err": "\(problem)"])
        } else if let news {
            logger.info(news)
        }
        return ready.handler()
    }

    private static func news(_ problem: ConfigurationError?) -> Logger.Message {
        problem == nil ? "TLS certificates loaded" : "TLS cannot be loaded again; what was good goes on"
    }
}
