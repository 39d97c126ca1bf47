#if ServiceLifecycle
    internal import Logging
    public import ServiceLifecycle

    extension MetricsServer: Service {
        /// Listens until the service group shuts down or the task is cancelled.
        ///
        /// A graceful shutdown lets answers end for `Configuration.shutdownTime`; a cancelled task closes at once. A server that
        /// was started by hand is taken over.
        ///
        /// - Throws: `ListenError` when an address cannot be had.
        public func run() async throws {
            if !isReady {
                for address in try await start() { logger.info("Listening on", metadata: ["address": "\(address)"]) }
            }
            try? await gracefulShutdown()  // throws when cancelled
            await shutdown(within: Task.isCancelled ? .zero : configuration.shutdownTime)
        }
    }
#endif
