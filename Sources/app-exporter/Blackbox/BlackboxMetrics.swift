internal import ExporterKit
internal import TLSClient

/// What /probe tells besides what checks do: names of blackbox_exporter.
enum BlackboxMetrics {
    static let timeout = family("probe_timeout_seconds", "Time that the probe was given.", unit: "seconds")
    static let addressHash = family(
        "probe_ip_addr_hash", "Number made of the target's address (FNV-1a); it changes when the address does.")
    static let expectInfo = family(
        "probe_expect_info", "What was found in the target's words, as labels that the module names; always 1.")
    static let chainInfo = family(
        "probe_ssl_last_chain_info", "The server's own certificate; always 1.",
        labels: ["fingerprint_sha256", "subject", "issuer", "subjectalternative", "serialnumber"])
    static let cipher = family(
        "probe_tls_cipher_info", "Cipher that was agreed on; always 1.", labels: ["cipher"])
    static let grpcPhase = family(
        "probe_grpc_duration_seconds", "Time the gRPC probe spent in each phase.", unit: "seconds", labels: ["phase"])
    static let grpcTLS = family("probe_grpc_ssl", "Whether the connection used TLS.")
    static let grpcStatus = family("probe_grpc_status_code", "Status code of the gRPC call; 14 when nobody answered.")
    static let grpcHealth = family(
        "probe_grpc_healthcheck_response", "What the server said of the service's health: 1 for that state.",
        labels: ["serving_status"])

    static let all = [
        timeout, addressHash, expectInfo, chainInfo, cipher, grpcPhase, grpcTLS, grpcStatus, grpcHealth,
    ]

    private static func family(
        _ name: String, _ help: String, unit: String? = nil, labels: [String] = []
    ) -> CheckFamily {
        CheckFamily(
            descriptor: MetricDescriptor(name, help, kind: .gauge, unit: unit), labels: labels,
            most: labels.isEmpty ? 1 : 8)
    }

    /// One series with what a conversation told; of equal labels the last counts.
    static func tell(_ heard: [LabelPair], into sink: inout MetricSink) {
        var pairs: [(name: String, value: String)] = []
        for label in heard {
            pairs.removeAll { $0.name == label.name }
            pairs.append((label.name, label.value))
        }
        sink.add(expectInfo.descriptor, 1, LabelSet(checking: pairs) ?? .empty)
    }

    /// Values that blackbox_exporter gives for every probe of a kind, 0 when it did not come to them.
    static func always(_ prober: BlackboxModule.Prober) -> [(family: CheckFamily, labels: [String])] {
        func phases(_ family: CheckFamily, _ names: [String]) -> [(CheckFamily, [String])] {
            names.map { (family, [$0]) }
        }
        func plain(_ families: [CheckFamily]) -> [(CheckFamily, [String])] { families.map { ($0, []) } }
        let common = plain([CheckMetrics.lookup, CheckMetrics.addressFamily, addressHash])
        switch prober {
        case .http:
            return common
                + plain([
                    CheckMetrics.status, CheckMetrics.contentLength, CheckMetrics.bodyLength, CheckMetrics.redirects,
                    CheckMetrics.ssl, CheckMetrics.version, CheckMetrics.failedByText,
                ]) + phases(CheckMetrics.phase, ["resolve", "connect", "tls", "processing", "transfer"])
        case .tcp: return common + plain([CheckMetrics.failedByText])
        case .dns:
            return common
                + plain([
                    CheckMetrics.dnsAnswers, CheckMetrics.dnsAuthority, CheckMetrics.dnsAdditional,
                    CheckMetrics.dnsSucceeded,
                ]) + phases(CheckMetrics.dnsPhase, ["resolve", "connect", "request"])
        case .grpc: return common + plain([grpcStatus, grpcTLS])
        case .none: return []
        }
    }
}

extension CheckResult {
    /// True when there is a value for the family and these labels.
    func has(_ family: CheckFamily, _ labels: [String]) -> Bool {
        findings.contains { $0.family.descriptor.name == family.descriptor.name && $0.labels == labels }
    }

    /// Adds what only /probe tells of a handshake.
    mutating func describeChain() {
        guard let handshake else { return }
        if !handshake.cipher.isEmpty { add(BlackboxMetrics.cipher, 1, handshake.cipher) }
        guard let leaf = handshake.presented.first else { return }
        add(
            BlackboxMetrics.chainInfo, 1, leaf.fingerprint, leaf.subject, leaf.issuer,
            leaf.names.joined(separator: ","), leaf.serial)
    }
}
