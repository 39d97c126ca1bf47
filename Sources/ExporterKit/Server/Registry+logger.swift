public import Logging

extension Registry.Options {
    /// Options of a registry that logs each sort of misuse once, as a warning.
    ///
    ///     let registry = Registry(options: .logging(to: logger))
    public static func logging(
        to logger: Logger, seriesLimit: Int = 10_000, createdTimestamps: Bool = false
    ) -> Registry.Options {
        Registry.Options(seriesLimit: seriesLimit, createdTimestamps: createdTimestamps) { misuse in
            logger.warning(
                "A metric is not used as it should be",
                metadata: [
                    "metric": "\(misuse.metric)", "reason": "\(misuse.reason.rawValue)", "detail": "\(misuse.text)",
                ])
        }
    }
}
