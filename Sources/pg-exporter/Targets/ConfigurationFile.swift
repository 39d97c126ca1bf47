internal import ExporterCommand
internal import Logging

/// The file of `--config.file`.
struct ConfigurationFile: Sendable {
    private let path: String
    /// Whether somebody asked for this file; the default one need not be there.
    private let isAskedFor: Bool
    private let isChecking: Bool

    init(_ flags: FlagValues) {
        path = flags.string("config.file")
        isAskedFor = flags.isSet("config.file")
        isChecking = flags.bool("check-config")
    }

    /// Reads it. The default file may be absent.
    func read() throws(ConfigurationError) -> ExporterConfiguration {
        guard !path.isEmpty else { return ExporterConfiguration() }
        let document = isAskedFor ? try YAMLDocument(file: path) : try YAMLDocument.ifPresent(path)
        return try document.map { document throws(ConfigurationError) in try ExporterConfiguration(document) }
            ?? ExporterConfiguration()
    }

    /// Reads it at start: as with postgres_exporter a bad one is a warning, and `/probe` has no modules. `--check-config`
    /// refuses it.
    ///
    /// - Returns: `nil` for a bad one.
    func atStart(_ logger: Logger) throws(ConfigurationError) -> ExporterConfiguration? {
        do throws(ConfigurationError) { return try read() } catch {
            guard !isChecking else { throw error }
            logger.warning(
                "Error loading config; /probe works without auth_modules until it is mended and read again",
                metadata: ["err": "\(error)"])
            return nil
        }
    }
}
