internal import CurlClient
internal import ExporterKit
internal import Synchronization

/// Revenue since the beginning of the month out of Stripe's ledger, never of half a month.
final class StripeAsker: GroupAsker {
    private let question: LedgerQuestion
    private let labels: [(name: String, value: String)]
    private let source: HTTPSource
    private let time: Timekeeper
    private let metrics: LedgerMetrics
    private let truncation: Truncation
    /// One run at a time touches it.
    private let state = Mutex<LedgerState?>(nil)
    /// Currencies seen since start: they have a value, be it 0, from the beginning of a month.
    private let currencies = Mutex<Set<String>>([])

    init(
        _ question: LedgerQuestion, group: String, labels: [(name: String, value: String)], source: HTTPSource,
        time: Timekeeper, _ registry: Registry
    ) {
        self.question = question
        self.labels = labels
        self.source = source
        self.time = time
        metrics = LedgerMetrics(registry)
        truncation = Truncation(group, registry)
    }

    func ask(until deadline: ContinuousClock.Instant) async -> Findings {
        let monthStart = question.zone.monthStart(of: Int64(time.unixSeconds()))
        let before = state.withLock { $0 }
        let isNewMonth = before.map { $0.monthStart != monthStart } ?? false
        var now = isNewMonth ? LedgerState(monthStart: monthStart) : before ?? LedgerState(monthStart: monthStart)
        var findings = Findings()
        do throws(CollectorError) {
            let isWhole = try await refresh(&now, until: deadline)
            truncation.note(!isWhole)
            if isWhole {
                try show(now, into: &findings)
            } else {
                findings.note(
                    CollectorError(
                        .timeout,
                        "the ledger was not read to its end within max_pages \(question.maximumPages); reading goes on with the next run"
                    ))
            }
        } catch {
            if error.reason != .cancelled { truncation.note(true) }
            findings.note(error)
        }
        let kept = now
        state.withLock { $0 = kept }
        // The month that is over is not this month's value, not even for a short time.
        if isNewMonth {
            for place in question.metrics.indices where findings.families[place] == nil {
                findings.families[place] = []
            }
        }
        await showBalance(into: &findings, until: deadline)
        return findings
    }

    // MARK: - Reading

    /// Reads what is missing, as far as the pages go.
    ///
    /// - Returns: whether the sums are complete.
    private func refresh(
        _ state: inout LedgerState, until deadline: ContinuousClock.Instant
    ) async throws(CollectorError) -> Bool {
        var pages = question.maximumPages
        var isCaughtUp = false
        if state.sums != nil {
            isCaughtUp = try await readNews(&state, &pages, until: deadline)
            let age = state.scannedAt.map { time.elapsed() - $0 } ?? question.rescan
            if isCaughtUp, state.scan == nil, age >= question.rescan { state.beginRescan(question) }
        }
        guard state.scan != nil else { return isCaughtUp }
        while state.scan != nil, pages > 0 { try await readScanPage(&state, &pages, until: deadline) }
        // A check of sums that are whole goes on later; the first reading must come to its end.
        guard state.sums != nil else { return false }
        return isCaughtUp ? true : try await readNews(&state, &pages, until: deadline)
    }

    private func readScanPage(
        _ state: inout LedgerState, _ pages: inout Int, until deadline: ContinuousClock.Instant
    ) async throws(CollectorError) {
        var request = list(from: state.monthStart)
        if let cursor = state.scan?.cursor { request = request.setting("starting_after", cursor) }
        pages -= 1
        let page: StripePage
        do throws(CollectorError) { page = try await self.page(request, until: deadline) } catch {
            // The entry to go on from is unknown: begin anew with the next run.
            if error.reason == .unsupported { state = LedgerState(monthStart: state.monthStart) }
            throw error
        }
        if let drift = state.takeScan(page, question, at: time.elapsed()) { metrics.count(drift) }
    }

    /// Reads entries that are newer than the newest known; a month without any is read from its beginning.
    private func readNews(
        _ state: inout LedgerState, _ pages: inout Int, until deadline: ContinuousClock.Instant
    ) async throws(CollectorError) -> Bool {
        while pages > 0 {
            pages -= 1
            var request = list(from: state.monthStart)
            if let newest = state.newest { request = request.setting("ending_before", newest.id) }
            let page: StripePage
            do throws(CollectorError) { page = try await self.page(request, until: deadline) } catch {
                if error.reason == .unsupported { state = LedgerState(monthStart: state.monthStart) }
                throw error
            }
            guard state.newest != nil || page.entries.isEmpty else {
                // The first entries of the month: they come from new to old, so by a scan.
                state.sums = nil
                state.scan = LedgerState.Scan()
                _ = state.takeScan(page, question, at: time.elapsed())
                while state.scan != nil {
                    guard pages > 0 else { return false }
                    try await readScanPage(&state, &pages, until: deadline)
                }
                continue
            }
            state.takeNews(page, question)
            if !page.hasMore || page.entries.isEmpty { return true }
        }
        return false
    }

    private func list(from monthStart: Int64) -> SourceRequest {
        SourceRequest(path: "/balance_transactions?limit=100&created%5Bgte%5D=\(monthStart)")
    }

    private func page(
        _ request: SourceRequest, until deadline: ContinuousClock.Instant
    ) async throws(CollectorError) -> StripePage {
        let page = try StripePage(try await body(request, until: deadline))
        source.metrics.pageRead()
        return page
    }

    private func body(
        _ request: SourceRequest, until deadline: ContinuousClock.Instant
    ) async throws(CollectorError) -> [UInt8] {
        let answer = try await source.send(request, until: deadline)
        guard (200..<300).contains(answer.status) else {
            throw CollectorError(refused: answer, try source.place(of: request))
        }
        return answer.body
    }

    // MARK: - Showing

    private func show(_ state: LedgerState, into findings: inout Findings) throws(CollectorError) {
        guard let sums = state.sums else { return }
        guard !sums.isOverflown else {
            throw CollectorError(.decode, "the sums of the month are larger than 64 bits hold; nothing is shown")
        }
        let known = currencies.withLock { known in
            known.formUnion(sums.sums.keys)
            return known.sorted()
        }
        metrics.announce(known)
        for (place, metric) in question.metrics.enumerated() where metric.value != .balance {
            var samples: [Sample] = []
            switch metric.value {
            case .balance: break
            case .windowStart:
                if let set = GroupLabels([], fixed: labels)([]) {
                    samples.append(Sample(Double(state.monthStart), set))
                }
            case .amount, .entries:
                let set = GroupLabels(["currency", "component"], fixed: labels)
                for currency in known {
                    for (component, sum) in components(of: sums.sums[currency] ?? [:]) {
                        guard let labels = set([currency, component]) else { continue }
                        let value =
                            metric.value == .entries
                            ? Double(sum.entries) : question.units.major(sum.amount, currency)
                        samples.append(Sample(value, labels))
                    }
                }
            }
            findings.families[place] = [MetricFamily(metric.rule.descriptor, samples)]
        }
    }

    /// Every component, also those without entries; what is left of all of them is `net`.
    private func components(of sums: [String: LedgerSums.Sum]) -> [(String, LedgerSums.Sum)] {
        var names = question.components.map(\.name)
        if question.fees { names.append(LedgerSums.fees) }
        var all = names.map { ($0, sums[$0] ?? LedgerSums.Sum()) }
        if question.fees {
            let entries = question.components.reduce(0) { $0 + (sums[$1.name]?.entries ?? 0) }
            all.append((LedgerSums.net, LedgerSums.Sum(amount: all.reduce(0) { $0 &+ $1.1.amount }, entries: entries)))
        }
        return all
    }

    /// `/v1/balance`, where a metric asks for it. It stands for itself: trouble with it takes no sum away.
    private func showBalance(into findings: inout Findings, until deadline: ContinuousClock.Instant) async {
        guard question.metrics.contains(where: { $0.value == .balance }) else { return }
        do throws(CollectorError) {
            let body = try await body(SourceRequest(path: "/balance"), until: deadline)
            guard let root = try? JqValue(parsing: body),
                let cells = try? Self.balances.outputs(of: root, limit: 3_000).map(\.scalar)
            else { throw CollectorError(.decode, "GET /balance: the answer is not what Stripe sends") }
            let set = GroupLabels(["currency", "state"], fixed: labels)
            for (place, metric) in question.metrics.enumerated() where metric.value == .balance {
                var assembly = SampleAssembly(metric.rule, limit: 1_000)
                for start in stride(from: 0, to: cells.count - 2, by: 3) {
                    guard case .text(let state) = cells[start], case .text(let currency) = cells[start + 1],
                        case .number(let amount) = cells[start + 2], let amount = Int64(exactly: amount)
                    else { throw CollectorError(.decode, "GET /balance: the answer is not what Stripe sends") }
                    assembly.add(
                        .number(question.units.major(amount, currency.lowercased())),
                        set([currency.lowercased(), state]))
                }
                assembly.finish(into: &findings, at: place)
            }
        } catch {
            findings.note(error)
        }
    }

    private static let balances = JqProgram(
        known: """
            (.available[] | "available", .currency, .amount), (.pending[] | "pending", .currency, .amount)
            """)
}

extension CollectorError {
    /// An answer of Stripe that is no success, with what Stripe says about it; keys in its messages are masked by Stripe.
    init(refused answer: HTTPAnswer, _ place: String) {
        let error = StripeError(answer.body)
        let isUnknownEntry = answer.status == 400 && error?.code == "resource_missing"
        let (reason, step): (Reason, String) =
            switch answer.status {
            case 401: (.authentication, "check the key")
            case 403: (.permission, "give the restricted key the right to read balance transactions")
            case 404: (.unsupported, "check base; it ends with /v1")
            case 409: (.locked, "it is asked again with the next run")
            case 429: (.query, "it is asked again with the next run; lower rate of the source if this goes on")
            case 500...: (.query, "it is asked again with the next run")
            default: (isUnknownEntry ? .unsupported : .query, "check Stripe-Version and the key")
            }
        var said = ""
        if let error {
            let words = [error.code.isEmpty ? error.type : error.code, error.message].filter { !$0.isEmpty }
            said = " (\(words.joined(separator: ": ").prefix(300)))"
        }
        if let id = answer.header("Request-Id") { said += ", request \(id.prefix(40))" }
        self.init(reason, "\(place): Stripe answered \(answer.status)\(said); \(step)")
    }
}
