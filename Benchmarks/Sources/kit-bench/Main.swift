import ExporterKit
import Glibc
import Logging

/// ExporterKit as one of the programs that the harness asks; ../../README.md says how they speak.
///
/// `kit-bench` reads names of cases and answers each with `name value unit`; `kit-bench serve SERIES PORT` serves counters;
/// `kit-bench dump` prints what the cases encode, to compare with a peer's.
@main
@MainActor
enum Main {
    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        switch arguments.first {
        case "serve": await serve(Array(arguments.dropFirst()))
        case "dump": await dump()
        default: await answer()
        }
    }

    private static func answer() async {
        var current: (name: String, unit: String, run: Case.Run)?
        while let name = readLine() {
            if current?.name != name {
                current = nil
                current = Case.all[name].map { (name, $0.unit, $0.make()) }
            }
            if let current {
                print(name, await current.run(), current.unit)
            } else {
                print(name, "-", "none")
            }
            fflush(nil)
        }
    }

    private static func serve(_ arguments: [String]) async {
        guard arguments.count == 2, let count = Int(arguments[0]),
            let address = ListenAddress("127.0.0.1:\(arguments[1])")
        else { exit(2) }
        let page = LandingPage(name: "kit-bench", summary: "Counters to measure with.", version: "0")
        let server = MetricsServer(
            .init(listenAddresses: [address], page: page), sources: [Workload.counters(count)],
            logger: Logger(label: "kit-bench"))
        do {
            _ = try await server.start()
            while true { try await Task.sleep(for: .seconds(3600)) }
        } catch {
            print(error)
            exit(1)
        }
    }

    private static func dump() async {
        for registry in [Workload.counters(1_000), Workload.gauges(1_000), Workload.histograms(1_000)] {
            let body = await MetricsRoute(sources: [registry]).render(.text004, until: .after(.seconds(60)))
            print(String(decoding: body, as: UTF8.self), terminator: "")
        }
    }
}
