internal import ExporterKit
internal import Logging
internal import PostgresClient

/// One line when trouble with the server or a collector begins, changes or ends.
struct TroubleLog: Sendable {
    private let logger: Logger
    private let target: PostgresTarget

    init(_ logger: Logger, _ target: PostgresTarget) {
        self.logger = logger
        self.target = target
    }

    func note(_ event: TroubleEvent) {
        var metadata: Logger.Metadata = ["target": "\(target)"]
        if let collector = event.collector { metadata["collector"] = "\(collector)" }
        guard let error = event.error else {
            logger.info(event.collector == nil ? "Server reached again" : "Collector works again", metadata: metadata)
            return
        }
        metadata["reason"] = "\(error.reason.rawValue)"
        metadata["err"] = "\(error.message)"
        if event.collector == nil {
            logger.error("Server cannot be reached", metadata: metadata)
        } else {
            logger.warning("Collector gives nothing or less than all", metadata: metadata)
        }
    }
}
