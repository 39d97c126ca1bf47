internal import CurlClient
internal import ExporterCommand

/// A module of blackbox_exporter's file: how a target is probed.
///
/// Source: https://github.com/prometheus/blackbox_exporter/blob/master/CONFIGURATION.md
struct BlackboxModule: Sendable {
    enum Prober: Sendable {
        case http(HTTPCheckSettings)
        case tcp(TCPCheckSettings)
        case dns(DNSCheckSettings)
        case grpc(GRPCCheckSettings)
        /// Understood, but nothing here probes that way.
        case none
    }

    let name: String
    let prober: Prober
    /// `nil` for no limit but the scraper's.
    let timeout: Duration?
    let addresses: BlackboxAddresses
    /// Why it cannot be used here, each with its place; empty when it can.
    let refusals: [ConfigurationError]
    /// As it is written in the file.
    let source: YAMLNode
}

/// Which of a target's addresses is asked.
struct BlackboxAddresses: Sendable {
    var prefersIPv4 = false
    /// The other kind will do when the preferred one is not there.
    var fallsBack = true
    /// A proxy looks the name up.
    var areUnknown = false
}

/// The modules of a file by name.
struct BlackboxConfiguration: Sendable {
    var modules: [BlackboxModule] = []

    subscript(name: String) -> BlackboxModule? { modules.first { $0.name == name } }

    /// Reads and checks a file.
    static func read(_ document: YAMLDocument) throws(ConfigurationError) -> BlackboxConfiguration {
        var configuration = BlackboxConfiguration()
        var map = try document.root.mapping("the modules file")
        for entry in try map.optionalEntries("modules") {
            configuration.modules.append(try BlackboxReader.module(entry))
        }
        try map.finish()
        return configuration
    }
}
