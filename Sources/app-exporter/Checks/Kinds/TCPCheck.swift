internal import CurlClient
internal import ExporterKit
internal import TLSClient

/// Where a TCP or TLS check connects to, and what is said there.
struct TCPCheckSettings: Sendable {
    var endpoint: WireEndpoint
    var addressFamily = HTTPCall.AddressFamily.any
    /// TLS from the first byte.
    var usesTLS = false
    var trust = HTTPTrust()
    var dialogue = Dialogue()
    var within: Duration?
    /// The server's certificate must last at least this long.
    var validFor: Duration?
}

/// Connects, and holds a conversation.
struct TCPCheck: Check {
    static let kind = CheckKind.tcp
    static let families =
        CheckMetrics.common + CheckMetrics.reached + CheckMetrics.certificate + [CheckMetrics.failedByText]

    let settings: TCPCheckSettings

    var target: String { "\(settings.endpoint)" }

    func run(until deadline: ContinuousClock.Instant) async -> CheckResult {
        await WireCheck(settings: settings, name: "tcp \(target)", isTold: true).run(until: deadline)
    }
}

/// Looks at the certificate of a server that speaks TLS, or goes over to it in its own protocol.
struct TLSCheck: Check {
    static let kind = CheckKind.tls
    static let families = CheckMetrics.common + CheckMetrics.reached + CheckMetrics.certificate

    let settings: TCPCheckSettings

    var target: String { "\(settings.endpoint)" }

    func run(until deadline: ContinuousClock.Instant) async -> CheckResult {
        await WireCheck(settings: settings, name: "tls \(target)", isTold: false).run(until: deadline)
    }
}

/// What TCP and TLS checks have in common.
private struct WireCheck {
    let settings: TCPCheckSettings
    let name: String
    /// Whether a text failed the check is reported.
    let isTold: Bool

    func run(until deadline: ContinuousClock.Instant) async -> CheckResult {
        var result = CheckResult()
        do throws(WireError) { try await talk(&result, until: deadline) } catch {
            result.verdict = Verdict(error, of: name)
        }
        if isTold { result.add(CheckMetrics.failedByText, result.verdict.outcome == .body) }
        return result
    }

    private func talk(
        _ result: inout CheckResult, until deadline: ContinuousClock.Instant
    ) async throws(WireError) {
        let began = ContinuousClock.now
        let addresses = try await AddressLookup.addresses(
            of: settings.endpoint, settings.addressFamily, until: deadline)
        result.add(CheckMetrics.lookup, began.duration(to: .now).seconds)
        let connection = try await WireConnection.open(addresses, .tcp, until: deadline)
        result.add(CheckMetrics.addressFamily, connection.addressFamily)
        let options = TLSOptions(settings.trust, host: settings.endpoint.host)
        if settings.usesTLS { try judge(try await connection.startTLS(options, until: deadline), &result) }
        if let handshake = try await settings.dialogue.hold(
            over: connection, options, heard: &result.heard, until: deadline)
        {
            try judge(handshake, &result)
        }
        let took = began.duration(to: .now)
        if let within = settings.within, took > within {
            throw .failed(.slow, .timeout, "it took \(took.formatted), allowed are \(within.formatted)")
        }
    }

    private func judge(_ handshake: TLSHandshake, _ result: inout CheckResult) throws(WireError) {
        result.add(handshake)
        let leaf = handshake.presented.first
        if settings.trust.verifies, !handshake.isTrusted {
            let why = handshake.distrust ?? "no chain leads to an authority that is known"
            throw .failed(.tls, .tls, "the server's certificate is not trusted: \(why) (\(leaf?.subject ?? "none"))")
        }
        if let validFor = settings.validFor, let expiry = leaf?.expiry {
            let left = expiry - Timekeeper.system().unixSeconds()
            guard left < validFor.seconds else { return }
            let days = Int(left / 86_400)
            throw .failed(
                .tls, .tls,
                "the server's certificate ends in \(days) days, expected are at least "
                    + "\(Int(validFor.seconds / 86_400))")
        }
    }
}
