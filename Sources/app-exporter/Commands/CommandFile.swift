internal import ExporterCommand

extension CommandCall {
    /// The configuration file: the only word, else `--config.file`.
    func file() throws(UsageError) -> String {
        guard let word = words.first else { return flags.string("config.file") }
        guard words.count == 1 else { throw UsageError("there is more than one configuration file; give one") }
        guard !flags.isSet("config.file") || flags.origin("config.file").hasPrefix("APP_") else {
            throw UsageError("the configuration file is given twice; leave --config.file out")
        }
        return word
    }
}
