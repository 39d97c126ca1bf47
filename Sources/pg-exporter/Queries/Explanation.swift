internal import ExporterKit
internal import PostgresClient

/// Which collector and which custom query runs on a server, and why not: what `--explain` prints.
struct Explanation: Sendable {
    /// Whether something runs.
    enum Verdict: String, Sendable {
        case yes
        case no
        case failed
    }

    /// A collector, or a custom query in a database.
    struct Line: Sendable, Equatable {
        let name: String
        /// `nil` for what is no matter of a database.
        var database: String?
        let verdict: Verdict
        /// How much came, or why nothing does.
        let reason: String
    }

    /// The server in one line.
    let server: String
    var collectors: [Line] = []
    var queries: [Line] = []

    init(_ facts: PostgresFacts) {
        let server = facts.server
        self.server =
            "PostgreSQL \(facts.version) at \(server.host):\(server.port), \(facts.isStandby ? "standby" : "primary"), "
            + "user \(server.user), database \(server.database)"
    }

    /// Two tables, columns as wide as needed.
    var text: String {
        var text = server + "\n\n"
        text += Self.table(["COLLECTOR", "RUNS", "WHY"], collectors.map { [$0.name, $0.verdict.rawValue, $0.reason] })
        guard !queries.isEmpty else { return text }
        let rows = queries.map { [$0.name, $0.database ?? "-", $0.verdict.rawValue, $0.reason] }
        return text + "\n" + Self.table(["QUERY", "DATABASE", "RUNS", "WHY"], rows)
    }

    private static func table(_ head: [String], _ rows: [[String]]) -> String {
        let all = [head] + rows
        let widths = head.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            var line = ""
            for (index, cell) in row.enumerated() {
                line += cell
                guard index < row.count - 1 else { continue }
                line += String(repeating: " ", count: widths[index] - cell.count + 2)
            }
            return line + "\n"
        }.joined()
    }
}

extension Explanation {
    /// Asks the server for everything, one after another.
    ///
    /// - Parameters:
    ///   - all: every collector there is.
    ///   - enabled: names of those that run.
    static func asking(
        _ session: PostgresSession, _ all: [any Collector<PostgresSession>], enabled: Set<String>,
        _ queries: LiveQueries?, until deadline: Deadline
    ) async -> Explanation {
        var explanation = Explanation(session.server)
        for collector in all {
            guard enabled.contains(collector.descriptor.name) else {
                let reason = "off; --collector.\(collector.descriptor.name) turns it on"
                explanation.collectors.append(Line(name: collector.descriptor.name, verdict: .no, reason: reason))
                continue
            }
            explanation.collectors.append(await line(of: collector, session, until: deadline))
        }
        guard let queries else { return explanation }
        for query in queries.current.queries {
            explanation.queries += await lines(of: query, session, queries.options, until: deadline)
        }
        return explanation
    }

    private static func line(
        of collector: any Collector<PostgresSession>, _ session: PostgresSession, until deadline: Deadline
    ) async -> Line {
        let name = collector.descriptor.name
        if let pure = collector as? any QueryCollector<PostgresSession>, pure.questions(for: session.server).isEmpty {
            return Line(name: name, verdict: .no, reason: "nothing to ask of version \(session.server.version)")
        }
        var sink = MetricSink()
        do throws(CollectorError) {
            try await collector.collect(from: session, until: deadline, into: &sink)
            let series = sink.families.reduce(0) { $0 + $1.count }
            return Line(name: name, verdict: .yes, reason: counted(series, "series", "series"))
        } catch {
            return Line(name: name, verdict: .failed, reason: told(error))
        }
    }

    /// One line for each database that the query is meant for.
    private static func lines(
        of query: CustomQuery, _ session: PostgresSession, _ options: LiveQueries.Options, until deadline: Deadline
    ) async -> [Line] {
        func line(_ database: String?, _ verdict: Verdict, _ reason: String) -> Line {
            Line(name: query.key, database: database, verdict: verdict, reason: reason)
        }
        if query.isSkipped { return [line(nil, .no, "its entry says skip")] }
        if let obstacle = query.conditions.obstacle(on: session.server, tags: options.tags) {
            return [line(nil, .no, obstacle)]
        }
        let targets = session.databases(for: query.question)
        guard !targets.isEmpty else { return [line(nil, .no, "no database matches its target_databases")] }
        let decoder = QueryDecoder(query, on: session.server, discovering: session.discovery.isOn)
        var lines: [Line] = []
        for database in targets {
            var question = query.question
            question.applies = nil
            question.scope = .databases { $0 == database }
            question.named = [database]
            if let obstacle = await session.facts(of: database, until: deadline).flatMap(query.conditions.obstacle) {
                lines.append(line(database, .no, obstacle))
                continue
            }
            guard let reply = await session.ask([question], until: deadline).first else { continue }
            do throws(CollectorError) {
                let answer = try reply.result.get()
                var sink = MetricSink()
                try decoder.decode(answer, into: &sink)
                if answer.tables.isEmpty {
                    lines.append(line(database, .failed, "the database could not be opened"))
                } else if answer.tables.allSatisfy(\.columns.isEmpty) {
                    lines.append(line(database, .no, "a predicate does not hold"))
                } else {
                    let rows = answer.tables.reduce(0) { $0 + $1.rowCount }
                    lines.append(line(database, .yes, counted(rows, "row", "rows")))
                }
            } catch {
                lines.append(line(database, .failed, told(error)))
            }
        }
        return lines
    }

    private static func counted(_ count: Int, _ one: String, _ many: String) -> String {
        "\(count) \(count == 1 ? one : many)"
    }

    private static func told(_ error: CollectorError) -> String { "\(error.reason.rawValue): \(error.message)" }
}
