internal import ExporterKit
internal import RedisClient

/// Lua scripts of the user, run on the server in each scrape: each returns names and values in turn. A script that fails
/// costs only itself.
struct ScriptsCollector: QueryCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor(
        "scripts", "What Lua scripts return that --script names; nothing without scripts.")
    private let values: MetricDescriptor
    private let result: MetricDescriptor
    private let scripts: [KeyScript]
    private let command: String

    /// - Parameter isReadOnly: run them with EVAL_RO.
    init(_ namespace: String, _ scripts: [KeyScript], isReadOnly: Bool) {
        values = MetricDescriptor(
            "\(namespace)_script_values", "Value that the script returned under this name.", kind: .gauge)
        result = MetricDescriptor(
            "\(namespace)_script_result",
            "1 when the script returned values, 2 when it returned none, 0 when it failed.", kind: .gauge)
        self.scripts = scripts
        command = isReadOnly ? "EVAL_RO" : "EVAL"
    }

    var metrics: [MetricDescriptor] { [values, result] }

    /// Number of keys, and one argument: both 0, as redis_exporter gives them.
    func questions(for server: RedisServer) -> [RedisCommand] {
        guard !server.isSentinel else { return [] }
        return scripts.map { RedisCommand([command, $0.source, "0", "0"]).repeatable() }
    }

    func decode(
        _ replies: [Reply<RedisValue>], from server: RedisServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        var failure: CollectorError?
        for (script, reply) in zip(scripts, replies) {
            let labels = LabelSet(["filename": script.file])
            do throws(CollectorError) {
                let hasValues = try add(try reply.result.get(), of: script, into: &sink)
                sink.add(result, hasValues ? 1 : 2, labels)
            } catch {
                sink.add(result, 0, labels)
                failure = failure ?? CollectorError(error.reason, "\(script.file): \(error.message)")
            }
        }
        if let failure { throw failure }
    }

    /// - Returns: false when there are no values.
    private func add(
        _ value: RedisValue, of script: KeyScript, into sink: inout MetricSink
    ) throws(CollectorError) -> Bool {
        guard let elements = value.array, elements.count.isMultiple(of: 2) else {
            throw CollectorError(.decode, "the script returns no table of names and values in turn")
        }
        var names: [String] = []
        var last: [String: String] = [:]
        for index in stride(from: 0, to: elements.count, by: 2) {
            guard let name = elements[index].text, let text = elements[index + 1].text else {
                throw CollectorError(.decode, "the script returns something that is neither text nor number")
            }
            if last.updateValue(text, forKey: name) == nil { names.append(name) }
        }
        var isWhole = true
        for name in names {
            let number = last[name].flatMap { KeyMetrics.number(Array($0.utf8)) }
            sink.add(values, number, LabelSet(["key": name, "filename": script.file]))
            isWhole = isWhole && number != nil
        }
        guard isWhole else { throw CollectorError(.decode, "the script returns a value that is no number") }
        return !names.isEmpty
    }
}
