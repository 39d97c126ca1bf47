internal import CurlClient
internal import ExporterCommand
internal import ExporterKit
internal import NIOCore

/// One probe of one target by a module.
struct BlackboxProbe: Sendable {
    let module: BlackboxModule
    /// As the request has it.
    let target: String
    /// Of the request, for virtual hosts.
    let hostName: String?
    let endpoint: WireEndpoint
    /// The target as a URL, for the http prober.
    private let url: String

    /// - Throws: text for the client when the target is none for this module.
    init(_ module: BlackboxModule, target: String, hostName: String?) throws(BlackboxTrouble) {
        self.module = module
        self.target = target
        self.hostName = hostName
        var url = ""
        switch module.prober {
        case .http:
            let lower = target.lowercased()
            url = lower.hasPrefix("http://") || lower.hasPrefix("https://") ? target : "http://\(target)"
            endpoint = try Self.endpoint(ofURL: url)
        case .grpc(let settings):
            let hasScheme = target.hasPrefix("http://") || target.hasPrefix("https://")
            let whole = hasScheme ? target : "\(settings.usesTLS ? "https" : "http")://\(target)"
            endpoint = try Self.endpoint(ofURL: whole)
        case .tcp: endpoint = try Self.endpoint(target, port: nil)
        case .dns(let settings): endpoint = try Self.endpoint(target, port: settings.usesTLS ? 853 : 53)
        case .none: endpoint = WireEndpoint(host: "", port: 0)
        }
        self.url = url
    }

    private static func endpoint(ofURL url: String) throws(BlackboxTrouble) -> WireEndpoint {
        do throws(CurlError) {
            let target = try HTTPTarget(url)
            let host = target.host.hasPrefix("[") ? String(target.host.dropFirst().dropLast()) : target.host
            return WireEndpoint(host: host, port: target.port)
        } catch {
            throw BlackboxTrouble(text: "target: \(error)")
        }
    }

    private static func endpoint(_ target: String, port: Int?) throws(BlackboxTrouble) -> WireEndpoint {
        guard let endpoint = WireEndpoint(target, port: port) else {
            throw BlackboxTrouble(text: "target must be host:port")
        }
        return endpoint
    }

    // MARK: - Asking

    /// Asks. Never throws, ends by the deadline.
    ///
    /// - Parameter mayFollow: whether a redirect may lead to that server.
    func run(
        _ client: CurlClient, until deadline: ContinuousClock.Instant,
        mayFollow: (@Sendable (HTTPTarget) -> Bool)?
    ) async -> CheckResult {
        let began = ContinuousClock.now
        var found = Found()
        var result = CheckResult()
        do throws(WireError) {
            found = try await choose(until: deadline)
            result = await check(client, found.family, until: deadline, mayFollow)
        } catch {
            result.verdict = Verdict(error, of: target)
        }
        let took = began.duration(to: .now)
        if !result.has(CheckMetrics.lookup, []) { result.add(CheckMetrics.lookup, found.took?.seconds) }
        if let version = found.version, !result.has(CheckMetrics.addressFamily, []) {
            result.add(CheckMetrics.addressFamily, version)
        }
        result.add(BlackboxMetrics.addressHash, found.hash)
        result.describeChain()
        result.add(CheckMetrics.success, result.verdict.hasPassed)
        result.add(CheckMetrics.duration, took.seconds)
        for (family, labels) in BlackboxMetrics.always(module.prober) where !result.has(family, labels) {
            result.add(family, 0, values: labels)
        }
        return result
    }

    private func check(
        _ client: CurlClient, _ family: HTTPCall.AddressFamily, until deadline: ContinuousClock.Instant,
        _ mayFollow: (@Sendable (HTTPTarget) -> Bool)?
    ) async -> CheckResult {
        switch module.prober {
        case .http(var settings):
            settings.url = Secret(url)
            settings.target = (try? HTTPTarget(url).description) ?? ""
            settings.addressFamily = family
            settings.mayFollow = mayFollow
            if let hostName {
                settings.access.headers.removeAll { $0.name.lowercased() == "host" }
                settings.access.headers.append(("Host", Secret(hostName)))
            }
            let host = settings.access.headers.first { $0.name.lowercased() == "host" }
            if settings.access.tls.serverName == nil, let host {
                settings.access.tls.serverName = try? host.value.value
            }
            var result = await HTTPCheck(module.name, settings, client: client).run(until: deadline)
            let status = result.findings.first { $0.family.descriptor.name == CheckMetrics.status.descriptor.name }
            // blackbox_exporter counts a redirect that it does not follow, and no TLS where there is no answer.
            if settings.maximumRedirects == 0, let status, [301, 302, 303, 307, 308].contains(status.value) {
                result.set(CheckMetrics.redirects, 1)
            }
            if status?.value == 0 { result.set(CheckMetrics.ssl, 0) }
            return result
        case .tcp(var settings):
            settings.endpoint = endpoint
            settings.addressFamily = family
            settings.trust.serverName = settings.trust.serverName ?? hostName
            return await TCPCheck(settings: settings).run(until: deadline)
        case .dns(var settings):
            settings.server = endpoint
            settings.addressFamily = family
            return await DNSCheck(settings: settings).run(until: deadline)
        case .grpc(var settings):
            settings.endpoint = endpoint
            settings.addressFamily = family
            return await GRPCCheck(settings: settings, client: client).run(until: deadline)
        case .none: return CheckResult()
        }
    }

    // MARK: - Addresses

    private struct Found {
        var family = HTTPCall.AddressFamily.any
        var version: Double?
        var hash: Double?
        var took: Duration?
    }

    /// Looks the target up, and chooses the kind of address as the module prefers it.
    private func choose(until deadline: ContinuousClock.Instant) async throws(WireError) -> Found {
        var found = Found()
        guard !module.addresses.areUnknown else { return found }
        let preferred = module.addresses.prefersIPv4 ? HTTPCall.AddressFamily.v4 : .v6
        let began = ContinuousClock.now
        let all = try await AddressLookup.addresses(
            of: endpoint, module.addresses.fallsBack ? .any : preferred, until: deadline)
        found.took = began.duration(to: .now)
        let wanted: NIOBSDSocket.ProtocolFamily = preferred == .v4 ? .inet : .inet6
        guard let address = all.first(where: { $0.protocol == wanted }) ?? all.first else { return found }
        found.family = address.protocol == .inet6 ? .v6 : .v4
        found.version = address.protocol == .inet6 ? 6 : 4
        found.hash = Self.hash(of: address)
        return found
    }

    /// 32-bit FNV-1a of the address's bytes in network order.
    static func hash(of address: SocketAddress) -> Double? {
        var hash: UInt32 = 0x811c_9dc5
        // Behind family and port, of IPv6 also the flow.
        func mix(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
            for byte in bytes[range] { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        }
        switch address {
        case .v4(let address): withUnsafeBytes(of: address.address) { mix($0, 4..<8) }
        case .v6(let address): withUnsafeBytes(of: address.address) { mix($0, 8..<24) }
        case .unixDomainSocket: return nil
        }
        return Double(hash)
    }
}

/// Why a request cannot be answered, for the client.
struct BlackboxTrouble: Error {
    let text: String
}
