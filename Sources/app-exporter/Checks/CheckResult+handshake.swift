internal import TLSClient

extension CheckResult {
    /// Notes what a TLS handshake showed, also one with a server that is not trusted. What is not known is left out.
    mutating func add(_ handshake: TLSHandshake?) {
        guard let handshake else { return }
        self.handshake = handshake
        add(CheckMetrics.verified, handshake.isTrusted)
        add(CheckMetrics.earliestExpiry, handshake.earliestExpiry)
        add(CheckMetrics.chainExpiry, handshake.chainExpiry)
        if !handshake.version.isEmpty { add(CheckMetrics.tlsVersion, 1, handshake.version) }
        guard let leaf = handshake.presented.first else { return }
        add(CheckMetrics.leafExpiry, leaf.expiry)
        add(CheckMetrics.leafInfo, 1, leaf.issuer, leaf.serial)
    }
}
