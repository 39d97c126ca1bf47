internal import ExporterKit

/// Which of the commands that the exporter would ask this server has and allows. Comes last: it asks nothing.
struct CommandsCollector: Collector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor("commands", "Which commands of the exporter the server has and allows.")
    private let supported: MetricDescriptor

    init(_ namespace: String) {
        supported = MetricDescriptor(
            "\(namespace)_exporter_command_supported",
            "Whether the server answers this command; one that it refused is not sent again for the time being.",
            kind: .gauge)
    }

    var metrics: [MetricDescriptor] { [supported] }

    func collect(
        from session: RedisSession, until deadline: Deadline, into sink: inout MetricSink
    ) async throws(CollectorError) {
        let slot = sink.open(supported)
        for (command, isSupported) in session.support {
            sink.append(isSupported ? 1 : 0, LabelSet(["command": command]), to: slot)
        }
    }
}
