internal import ExporterKit
internal import RedisClient

/// Commands whose answers are numbers.
struct RedisAsker: GroupAsker {
    let questions: [RedisQuestion]
    let labels: [(name: String, value: String)]
    let limit: Int
    let source: RedisSource
    let time: Timekeeper

    func ask(until deadline: ContinuousClock.Instant) async -> Findings {
        let now = Int64(time.unixSeconds())
        let commands = questions.flatMap { $0.commands.map { $0.command(at: now) } }
        do throws(CollectorError) {
            return read(try await source.run(commands, until: deadline))
        } catch {
            return .failed(error)
        }
    }

    /// Every command is a place of its own: one that fails keeps its last value, the others move on.
    func read(_ replies: [Result<RedisValue, CollectorError>]) -> Findings {
        var findings = Findings()
        var place = 0
        for question in questions {
            for (index, call) in question.commands.enumerated() {
                defer { place += 1 }
                guard place < replies.count else { continue }
                switch replies[place] {
                case .failure(let error): findings.note(error)
                case .success(let value):
                    guard index < limit else {
                        findings.drop(.seriesLimit)
                        continue
                    }
                    let set = GroupLabels(call.labels.map(\.name), fixed: labels)
                    var assembly = SampleAssembly(question.rule, limit: 1)
                    assembly.add(raw(value), set(call.labels.map(\.value)))
                    assembly.finish(into: &findings, at: place)
                }
            }
        }
        return findings
    }

    private func raw(_ value: RedisValue) -> RawValue {
        if case .null = value { return .null }
        return value.number.map { .number($0) } ?? .other
    }
}

extension RedisCall {
    /// The command as it is sent at a moment.
    func command(at unixSeconds: Int64) -> RedisCommand {
        RedisCommand(
            words.map { word in
                switch word {
                case .text(let text): text
                case .now(let offset): "\(unixSeconds &+ offset)"
                }
            })
    }
}
