import ExporterCommand
import ExporterKit

/// Exports how busy a Linux machine is.
@main
struct LoadExporter: ExporterProgram {
    static let name = "load-exporter"
    static let summary = "Exports how busy this machine is to Prometheus."
    static let defaultListenAddress = ":9900"
    static let environmentPrefix = "LOAD_EXPORTER"
    static let flags: [Flag] = [.string("path.procfs", default: "/proc", help: "Where the proc file system is.")]
    static let collectors = [CollectorListing(LoadAverage())]

    static func make(_ flags: FlagValues, _ context: ProgramContext) throws -> Exporter {
        let files = ProcFiles(root: flags.string("path.procfs"))
        let runner = ScrapeRunner(
            namespace: "load", provider: files,
            collectors: [LoadAverage()].filter { context.enabledCollectors.contains($0.descriptor.name) },
            log: TroubleLog(context.logger, target: files.root).note)
        return Exporter(sources: [runner, ProcessMetrics()], targets: [files.root])
    }
}

/// `/proc/loadavg`: `0.20 0.18 0.12 1/80 11206`. Source: proc_loadavg(5)
struct LoadAverage: QueryCollector {
    typealias Session = ProcFiles

    let descriptor = CollectorDescriptor("average", "Processes that run or wait.")
    let average = MetricDescriptor(
        "load_average", "Processes that ran or waited for a disk, on average over the time.", kind: .gauge)
    let running = MetricDescriptor("load_runnable_threads", "Threads that could run now.", kind: .gauge)
    let threads = MetricDescriptor("load_threads", "Threads there are.", kind: .gauge)
    var metrics: [MetricDescriptor] { [average, running, threads] }

    func questions(for server: Void) -> [String] { ["loadavg"] }

    func decode(_ replies: [Reply<String>], from server: Void, into sink: inout MetricSink) throws(CollectorError) {
        for reply in replies {
            let fields = try reply.result.get().split { $0 == " " || $0 == "/" }.map { Double($0) }
            guard fields.count == 6 else { throw CollectorError(.decode, "loadavg has other fields than expected") }
            for (index, minutes) in ["1m", "5m", "15m"].enumerated() {
                sink.add(average, fields[index], LabelSet(["over": minutes]))
            }
            sink.add(running, fields[3])
            sink.add(threads, fields[4])
        }
    }
}
