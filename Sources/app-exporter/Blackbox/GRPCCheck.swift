internal import CurlClient
internal import ExporterCommand
internal import ExporterKit

/// What is asked of a server's health service.
struct GRPCCheckSettings: Sendable {
    /// Empty for the server as a whole.
    var service = ""
    var metadata: [(name: String, value: Secret)] = []
    var usesTLS = false
    var trust = HTTPTrust()
    var endpoint = WireEndpoint(host: "", port: 0)
    var addressFamily = HTTPCall.AddressFamily.any
}

/// Asks the health service of a gRPC server: one call over HTTP/2 by libcurl.
///
/// Source: https://github.com/grpc/grpc/blob/master/doc/health-checking.md
struct GRPCCheck: Sendable {
    let settings: GRPCCheckSettings
    let client: CurlClient

    /// What the server says of a service, by number.
    static let states = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"]
    /// Larger answers are none of this service.
    private static let largestAnswer = 4096

    func run(until deadline: ContinuousClock.Instant) async -> CheckResult {
        let name = "grpc \(settings.endpoint)"
        var result = CheckResult()
        let began = ContinuousClock.now
        var (status, state) = (Double?.none, String?.none)
        do throws(CurlError) {
            let answer = try await client.answer(to: try call(name), until: deadline)
            result.add(answer.handshake)
            result.add(BlackboxMetrics.grpcTLS, answer.usedTLS)
            result.add(CheckMetrics.addressFamily, answer.primaryAddress.utf8.contains(UInt8(ascii: ":")) ? 6 : 4)
            result.add(BlackboxMetrics.grpcPhase, answer.timings.resolve.seconds, "resolve")
            (status, state, result.verdict) = Self.judge(answer, name)
        } catch {
            result.add(error.handshake)
            result.add(BlackboxMetrics.grpcTLS, error.handshake != nil)
            result.add(BlackboxMetrics.grpcPhase, error.timings.resolve.seconds, "resolve")
            result.verdict = Verdict(error)
        }
        result.add(BlackboxMetrics.grpcPhase, began.duration(to: .now).seconds, "check")
        // 14 is UNAVAILABLE: what a client says by itself when nobody answers.
        result.add(BlackboxMetrics.grpcStatus, status ?? 14)
        for known in Self.states { result.add(BlackboxMetrics.grpcHealth, known == state ? 1 : 0, known) }
        return result
    }

    private func call(_ name: String) throws(CurlError) -> HTTPCall {
        var call = HTTPCall(
            "\(settings.usesTLS ? "https" : "http")://\(settings.endpoint)/grpc.health.v1.Health/Check")
        call.name = name
        call.method = .post
        call.version = settings.usesTLS ? .http2 : .http2Direct
        call.proxy = .direct
        call.addressFamily = settings.addressFamily
        call.tls = settings.trust
        call.usesFreshConnection = true
        call.maximumBodyBytes = Self.largestAnswer
        call.headers = [("Content-Type", "application/grpc"), ("TE", "trailers")]
        do throws(ConfigurationError) {
            for entry in settings.metadata { call.headers.append((entry.name, try entry.value.value)) }
        } catch {
            throw CurlError(.configuration, "\(error)")
        }
        call.body = Self.question(settings.service)
        return call
    }

    /// A frame with a `HealthCheckRequest`: field 1 is the name of the service.
    static func question(_ service: String) -> [UInt8] {
        let name = Array(service.utf8.prefix(127))
        let message = name.isEmpty ? [] : [0x0a, UInt8(name.count)] + name
        return [0, 0, 0, 0, UInt8(message.count)] + message
    }

    private static func judge(_ answer: HTTPAnswer, _ name: String) -> (Double?, String?, Verdict) {
        guard answer.status == 200, let text = answer.header("grpc-status"), let code = Int(text) else {
            let text = "\(name): the server answered with status \(answer.status) and is no gRPC server"
            return (nil, nil, .failed(.status, .query, text))
        }
        guard code == 0 else {
            let text = "\(name): the server answered with the gRPC status \(code)"
            return (Double(code), nil, .failed(.status, .query, text))
        }
        guard let state = state(in: answer.body) else {
            return (0, nil, .failed(.body, .decode, "\(name): the answer is not one about health"))
        }
        guard state == "SERVING" else { return (0, state, .failed(.body, .query, "\(name): the service is \(state)")) }
        return (0, state, .passed)
    }

    /// The state in a frame with a `HealthCheckResponse`: field 1, a number; 0 is not sent.
    static func state(in frame: [UInt8]) -> String? {
        guard frame.count >= 5, frame[0] == 0 else { return nil }
        let length = frame[1..<5].reduce(0) { $0 << 8 | Int($1) }
        guard frame.count == 5 + length else { return nil }
        if length == 0 { return states[0] }
        guard length == 2, frame[5] == 0x08, Int(frame[6]) < states.count else { return nil }
        return states[Int(frame[6])]
    }
}

extension BlackboxReader {
    /// `grpc:`
    mutating func grpc(_ node: YAMLNode?) throws(ConfigurationError) -> GRPCCheckSettings {
        var settings = GRPCCheckSettings()
        guard let node else { return settings }
        var map = try node.mapping("grpc")
        try readAddresses(&map)
        if let node = map.optionalNode("service") {
            settings.service = try node.string()
            guard settings.service.utf8.count <= 120 else { throw node.error("service is longer than 120 bytes") }
        }
        for entry in try map.optionalEntries("metadata") {
            for node in try entry.value.sequence() { settings.metadata.append((entry.key, try node.secret())) }
        }
        settings.usesTLS = try map.optionalBool("tls") ?? false
        settings.trust = try trust(map.optionalNode("tls_config"))
        try map.finish()
        return settings
    }
}
