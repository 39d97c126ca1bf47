/// `/health`, `/health/ready` and `/health/live`: JSON without addresses and without the texts of errors.
final class HealthRoute: Sendable {
    private let name: String
    private let version: String
    private let checks: [(check: HealthCheck, late: LateCalls)]
    private let states: @Sendable () -> [HealthState]
    private let collectors: @Sendable () -> [CollectorStatus]
    private let flights = SingleFlight<Bool, [HealthReport.Item]>(limit: 0)
    private let alarm = Alarm()
    private let began = ContinuousClock.now

    /// - Parameters:
    ///   - states: what is known without asking.
    ///   - collectors: every collector with its last run.
    init(
        name: String, version: String, checks: [HealthCheck], states: @escaping @Sendable () -> [HealthState],
        collectors: @escaping @Sendable () -> [CollectorStatus]
    ) {
        self.states = states
        self.name = name
        self.version = version
        self.checks = checks.map { ($0, LateCalls()) }
        self.collectors = collectors
    }

    /// Every check and every collector; 503 when something critical fails.
    func whole() async -> HTTPResponse {
        let known = states().map { HealthReport.Item($0) } + collectors().map { HealthReport.Item($0) }
        let report = HealthReport(items: await run(onlyCritical: false) + known)
        return answer(
            report.status == .unhealthy ? 503 : 200, report.status.rawValue,
            [
                ("service", .string(name)), ("version", .string(version)), uptime,
                ("resources", .object(await Self.resources())), ("checks", .array(report.items.map(\.json))),
            ])
    }

    /// 200 when it makes sense to send requests here: the server listens and nothing critical fails.
    func readiness(isListening: Bool) async -> HTTPResponse {
        let known = states().filter(\.isCritical).map { HealthReport.Item($0) }
        let report = HealthReport(items: await run(onlyCritical: true) + known)
        let isReady = isListening && report.status != .unhealthy
        return answer(
            isReady ? 200 : 503, isReady ? "ready" : "not_ready", [("checks", .array(report.items.map(\.json)))])
    }

    /// 200 as long as there is somebody to answer.
    func liveness() -> HTTPResponse {
        answer(200, "alive", [uptime])
    }

    private var uptime: (String, JSONValue) {
        ("uptime_seconds", .number((began.duration(to: .now).seconds * 1e3).rounded() / 1e3))
    }

    private func answer(_ status: Int, _ word: String, _ more: [(String, JSONValue)]) -> HTTPResponse {
        let body = JSONValue.object([("status", .string(word)), ("timestamp", .string(TimeText.timestamp()))] + more)
        return HTTPResponse(
            status: status, headers: [("Content-Type", "application/json"), ("Cache-Control", "no-store")],
            body: body.bytes)
    }

    /// What the process uses, as far as the kernel tells.
    private static func resources() async -> [(String, JSONValue)] {
        let families = await ProcessMetrics().families(for: ScrapeRequest(deadline: .after(.seconds(1))))
        let names = ["process_cpu_seconds_total", "process_open_fds", "process_resident_memory_bytes"]
        return families.compactMap { family in
            guard names.contains(family.descriptor.name), case .number(let value)? = family.samples.first?.value else {
                return nil
            }
            return (String(family.descriptor.name.dropFirst("process_".count)), .number(value))
        }
    }

    // MARK: - Checks

    /// Runs the checks, all at once; callers that come meanwhile share the results.
    private func run(onlyCritical: Bool) async -> [HealthReport.Item] {
        let chosen = checks.filter { $0.check.isCritical || !onlyCritical }
        let deadline = Deadline.after(chosen.map(\.check.timeout).max() ?? .zero)
        // No bound on how many run at once, so this is never full: there are two kinds of them.
        let items = try? await flights.run(onlyCritical, until: deadline) { await self.run(chosen) }
        return items ?? []
    }

    private func run(_ checks: [(check: HealthCheck, late: LateCalls)]) async -> [HealthReport.Item] {
        let calls = checks.map { check, late -> Call in
            let deadline = Deadline.after(check.timeout)
            // One that hangs since an earlier time is not asked again: it would only pile up.
            return Call(
                check: check, deadline: deadline, time: TimeText.timestamp(),
                outcome: late.isAny ? nil : BoundedCall(alarm, late: late) { await Outcome(of: check, until: deadline) }
            )
        }
        var items: [HealthReport.Item] = []
        for call in calls { items.append(await call.item()) }
        return items
    }

    private struct Call {
        let check: HealthCheck
        let deadline: Deadline
        let time: String
        let outcome: BoundedCall<Outcome>?

        func item() async -> HealthReport.Item {
            let outcome = await outcome?.value(until: deadline) ?? Outcome(reason: "timeout", took: check.timeout)
            return HealthReport.Item(
                name: check.name, isCritical: check.isCritical,
                status: outcome.reason == nil ? .healthy : .unhealthy, reason: outcome.reason, took: outcome.took,
                time: time)
        }
    }

    fileprivate struct Outcome: Sendable {
        /// `nil` when all is well.
        let reason: String?
        let took: Duration
    }
}

extension HealthRoute.Outcome {
    fileprivate init(of check: HealthCheck, until deadline: Deadline) async {
        let began = ContinuousClock.now
        do {
            try await check.check(deadline)
            reason = nil
        } catch let error as CollectorError {
            reason = error.reason.rawValue
        } catch is CancellationError {
            reason = deadline.isOver ? "timeout" : "cancelled"
        } catch {
            reason = "error"
        }
        took = began.duration(to: .now)
    }
}
