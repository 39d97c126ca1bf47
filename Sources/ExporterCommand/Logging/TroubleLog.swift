public import ExporterKit
public import Logging

/// Tells a log of trouble when it begins, changes its cause or ends, in the same words for every exporter.
public struct TroubleLog: Sendable {
    private let logger: Logger
    private let target: String

    /// - Parameter target: the server, without credentials.
    public init(_ logger: Logger, target: String) {
        self.logger = logger
        self.target = target
    }

    /// Writes one line.
    public func note(_ event: TroubleEvent) {
        var facts: Logger.Metadata = ["target": "\(target)"]
        if let collector = event.collector { facts["collector"] = "\(collector)" }
        guard let error = event.error else {
            logger.info(event.collector == nil ? "Server reached again" : "Collector works again", metadata: facts)
            return
        }
        facts["reason"] = "\(error.reason.rawValue)"
        facts["err"] = "\(error.message)"
        if event.collector == nil {
            logger.error("Server cannot be reached", metadata: facts)
        } else {
            logger.warning("Collector gives nothing or less than all", metadata: facts)
        }
    }
}
