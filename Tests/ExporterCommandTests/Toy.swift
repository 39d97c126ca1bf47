import ExporterKit
import Foundation
import Logging
import Synchronization

@testable import ExporterCommand

/// A small exporter in the style of the Prometheus organisation.
struct Toy: ExporterProgram {
    static let name = "toy-exporter"
    static let summary = "Exports the state of toys."
    static let defaultListenAddress = ":9999"
    static let environmentPrefix = "TOY_EXPORTER"
    static let flags: [Flag] = [
        .string("toy.url", default: "toy://localhost", environment: "TOY_URL", help: "Where the toys are."),
        .string("config.file", help: "A file that is read at start."),
        .strings("toy.label", environment: "TOY_LABELS", help: "Label of every toy. Repeatable."),
        .choice("toy.color", of: ["red", "blue"], default: "red", help: "Color of the toys."),
        .duration("toy.age", default: .seconds(90), help: "Oldest toy that still counts."),
        .bool("toy.strict", default: true, environment: "TOY_STRICT", help: "Refuses broken toys."),
        .bool("toy.retired", isHidden: true, help: "Kept for those who still give it."),
        .action("count-toys", help: "Print how many toys there are, and exit."),
    ]
    static let collectors = [
        CollectorListing(
            CollectorDescriptor("wal", "Size of the wall."),
            metrics: [MetricDescriptor("toy_wal_bytes", "Size | of it.", kind: .gauge, unit: "bytes")]),
        CollectorListing(
            CollectorDescriptor("locks", "Locks of the toy box.", enabledByDefault: false),
            metrics: [MetricDescriptor("toy_locks_total", "Locks \"so far\".", kind: .counter)]),
    ]

    static func make(_ flags: FlagValues, _ context: ProgramContext) throws -> Exporter {
        let file = flags.string("config.file")
        if !file.isEmpty { _ = try YAMLDocument(file: file) }
        context.logger.debug("made", metadata: ["collectors": "\(context.enabledCollectors.sorted())"])
        context.registry.counter("toy_made_total", "Toys made.").increment()
        let refreshed = context.registry.counter("toy_refreshed_total", "Times asked.")
        let color = flags.string("toy.color")
        let count: Exporter.Action = { deadline in
            guard color == "red" else { throw ConfigurationError("no toys of this color", at: "toys") }
            return deadline.isOver ? "late\n" : "3 toys\n"
        }
        return Exporter(
            sources: [], actions: ["count-toys": count], refresh: { _ in refreshed.increment() })
    }
}

/// The same, with the flags of redis_exporter's kind.
struct GoToy: ExporterProgram {
    static let name = "go-toy"
    static let summary = "Exports the state of toys."
    static let defaultListenAddress = ":9121"
    static let environmentPrefix = "REDIS_EXPORTER"
    static let flagStyle = FlagStyle.goFlag
    static let flags: [Flag] = [
        .string("redis.addr", default: "redis://localhost:6379", environment: "REDIS_ADDR", help: "Address."),
        .string("redis.password", environment: "REDIS_PASSWORD", help: "Password."),
        .bool("set-client-name", default: true, environment: "REDIS_EXPORTER_SET_CLIENT_NAME", help: "Names it."),
        .int(
            "batch-size", default: 1000, in: 1...10_000, environment: "REDIS_EXPORTER_BATCH_SIZE", help: "Keys at once."
        ),
        .duration(
            "connection-timeout", default: .seconds(15), environment: "REDIS_EXPORTER_CONNECTION_TIMEOUT",
            help: "Longest wait."),
    ]
    static let collectors: [CollectorListing] = []

    static func make(_ flags: FlagValues, _ context: ProgramContext) throws -> Exporter { Exporter(sources: []) }
}

/// What a run printed.
struct Printed {
    let status: Int32
    let output: String
    let errors: String
}

func run<Program: ExporterProgram>(
    _ program: Program.Type, _ arguments: String..., environment: [String: String] = [:]
) async -> Printed {
    let output = Collected()
    let errors = Collected()
    var run = ProgramRun<Program>(arguments: arguments, environment: environment)
    run.output = { output.add($0) }
    run.errors = { errors.add($0) }
    let status = await run.run()
    return Printed(status: status, output: output.text, errors: errors.text)
}

/// Text written by several threads.
final class Collected: Sendable {
    private let state = Mutex("")
    var text: String { state.withLock { $0 } }
    func add(_ text: String) { state.withLock { $0 += text } }
}

/// A file that disappears with the closure.
func withFile<Result>(_ bytes: [UInt8], name: String = "file.yaml", _ body: (String) throws -> Result) throws -> Result
{
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("fleet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let file = directory.appendingPathComponent(name)
    try Data(bytes).write(to: file)
    return try body(file.path)
}
