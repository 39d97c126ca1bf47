internal import CurlClient
internal import ExporterKit
internal import TLSClient

/// What a DNS check asks, whom, and what the answer must be like.
struct DNSCheckSettings: Sendable {
    var server: WireEndpoint
    var question: DNSQuestion
    var addressFamily = HTTPCall.AddressFamily.any
    var transport = WireConnection.Transport.udp
    /// DNS over TLS; implies TCP.
    var usesTLS = false
    var trust = HTTPTrust()
    /// Empty for `NOERROR`.
    var rcodes: [String] = []
    var answers: [DNSRule] = []
    var authority: [DNSRule] = []
    var additional: [DNSRule] = []
    var within: Duration?
}

/// Asks a name server one question.
struct DNSCheck: Check {
    static let kind = CheckKind.dns
    static let families =
        CheckMetrics.common + CheckMetrics.reached + CheckMetrics.dns + CheckMetrics.certificate

    let settings: DNSCheckSettings

    var target: String { "\(settings.server)" }

    private var name: String {
        "dns \(target): \(settings.question.fullName) \(settings.question.type.name)"
    }

    func run(until deadline: ContinuousClock.Instant) async -> CheckResult {
        var result = CheckResult()
        var times = [("resolve", Duration.zero), ("connect", .zero), ("request", .zero)]
        do throws(WireError) {
            let began = ContinuousClock.now
            let answer = try await ask(&result, &times, until: deadline)
            result.add(CheckMetrics.dnsSucceeded, true)
            result.add(CheckMetrics.dnsAnswers, Double(answer.answers.count))
            result.add(CheckMetrics.dnsAuthority, Double(answer.authority.count))
            result.add(CheckMetrics.dnsAdditional, Double(answer.additional.count))
            result.add(CheckMetrics.dnsSerial, answer.answers.lazy.compactMap(\.serial).first.map { Double($0) })
            try judge(answer, took: began.duration(to: .now))
        } catch {
            result.verdict = Verdict(error, of: name)
            if !result.findings.contains(where: { $0.family.descriptor.name == "probe_dns_query_succeeded" }) {
                result.add(CheckMetrics.dnsSucceeded, false)
            }
        }
        for (phase, duration) in times { result.add(CheckMetrics.dnsPhase, duration.seconds, phase) }
        return result
    }

    // MARK: - Asking

    private func ask(
        _ result: inout CheckResult, _ times: inout [(String, Duration)], until deadline: ContinuousClock.Instant
    ) async throws(WireError) -> DNSMessage {
        let began = ContinuousClock.now
        let addresses = try await AddressLookup.addresses(
            of: settings.server, settings.addressFamily, until: deadline)
        times[0].1 = began.duration(to: .now)
        result.add(CheckMetrics.lookup, times[0].1.seconds)
        let transport = settings.usesTLS ? .tcp : settings.transport
        for transport in [transport, .tcp] {
            let connecting = ContinuousClock.now
            let connection = try await WireConnection.open(addresses, transport, until: deadline)
            if settings.usesTLS { try await shakeHands(connection, &result, until: deadline) }
            times[1].1 += connecting.duration(to: .now)
            let asking = ContinuousClock.now
            defer { times[2].1 += asking.duration(to: .now) }
            let answer = try await exchange(over: connection, transport, until: deadline)
            // What does not fit into a datagram is asked for again.
            if transport == .udp, answer.isTruncated { continue }
            result.add(CheckMetrics.addressFamily, connection.addressFamily)
            return answer
        }
        throw .failed(.error, .decode, "the answer is cut off over TCP too")
    }

    private func shakeHands(
        _ connection: WireConnection, _ result: inout CheckResult, until deadline: ContinuousClock.Instant
    ) async throws(WireError) {
        let options = TLSOptions(settings.trust, host: settings.server.host)
        let handshake = try await connection.startTLS(options, until: deadline)
        result.add(handshake)
        if settings.trust.verifies, !handshake.isTrusted {
            throw .failed(.tls, .tls, "the server's certificate is not trusted: \(handshake.distrust ?? "no chain")")
        }
    }

    private func exchange(
        over connection: WireConnection, _ transport: WireConnection.Transport,
        until deadline: ContinuousClock.Instant
    ) async throws(WireError) -> DNSMessage {
        let id = UInt16.random(in: 0...UInt16.max)
        let query = DNSMessage.query(settings.question, id: id)
        guard transport == .udp else {
            var framed: [UInt8] = []
            framed.append(word: UInt16(query.count))
            try connection.send(framed + query)
            return try await framedAnswer(over: connection, id: id, until: deadline)
        }
        // A datagram may be lost: it is sent again when a third of the time is over, and once more.
        let third = ContinuousClock.now.duration(to: deadline) / 3
        var next = ContinuousClock.now.advanced(by: third)
        try connection.send(query)
        while true {
            do throws(WireError) {
                let bytes = try await connection.receive(until: min(next, deadline))
                guard !bytes.isEmpty else {
                    throw .failed(.connect, .connection, "nobody answers there")
                }
                if let answer = try read(bytes, id: id) { return answer }
            } catch {
                guard error.outcome == .timeout, next < deadline, ContinuousClock.now < deadline else { throw error }
                next = next.advanced(by: third)
                try connection.send(query)
            }
        }
    }

    private func framedAnswer(
        over connection: WireConnection, id: UInt16, until deadline: ContinuousClock.Instant
    ) async throws(WireError) -> DNSMessage {
        var lines = LineReader()
        let head = try await lines.bytes(2, from: connection, until: deadline)
        let length = head.reduce(0) { $0 << 8 | Int($1) }
        let body = try await lines.bytes(length, from: connection, until: deadline)
        guard head.count == 2, body.count == length, let answer = try read(body, id: id) else {
            throw .failed(.error, .decode, "the server closed the connection, or answered something else")
        }
        return answer
    }

    private func read(_ bytes: [UInt8], id: UInt16) throws(WireError) -> DNSMessage? {
        do throws(DNSError) { return try DNSMessage(bytes, to: settings.question, id: id) } catch {
            throw .failed(.error, .decode, error.text)
        }
    }

    // MARK: - Judging

    private func judge(_ answer: DNSMessage, took: Duration) throws(WireError) {
        let allowed = settings.rcodes.isEmpty ? ["NOERROR"] : settings.rcodes
        guard allowed.contains(answer.rcode) else {
            throw .failed(
                .status, .query,
                "the server answered \(answer.rcode), expected was "
                    + allowed.joined(separator: " or "))
        }
        let sections = [
            ("answer", settings.answers, answer.answers), ("authority", settings.authority, answer.authority),
            ("additional", settings.additional, answer.additional),
        ]
        for (section, rules, records) in sections {
            guard let expected = rules.lazy.compactMap({ $0.violation(by: records) }).first else { continue }
            let came = records.isEmpty ? "none" : records.prefix(4).map { "`\($0.data)`" }.joined(separator: ", ")
            throw .failed(
                .body, .decode, "in the \(section) section expected were \(expected), but there are \(came)")
        }
        if let within = settings.within, took > within {
            throw .failed(.slow, .timeout, "it took \(took.formatted), allowed are \(within.formatted)")
        }
    }
}
