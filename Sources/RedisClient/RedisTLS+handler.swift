internal import NIOCore
internal import NIOSSL

/// TLS with its files read. One serves any number of connections, whatever their server name.
public struct RedisTLSContext: Sendable {
    fileprivate let context: NIOSSLContext

    /// Reads the files.
    ///
    /// - Throws: `.tls` naming the file that cannot be used.
    public init(_ tls: RedisTLS) throws(RedisError) {
        context = try tls.context()
    }
}

extension RedisOptions {
    /// What stands between the wire and the protocol of one connection; `nil` without TLS.
    ///
    /// - Throws: `.tls` naming the file that cannot be used.
    func tlsHandler() throws(RedisError) -> NIOSSLClientHandler? {
        guard let tls else { return nil }
        let ready: RedisTLSContext
        if let tlsContext { ready = tlsContext } else { ready = try RedisTLSContext(tls) }
        do {
            return try NIOSSLClientHandler(context: ready.context, serverHostname: tls.name(for: endpoint))
        } catch {
            throw RedisError(.tls, "TLS to \(endpoint): the server name cannot be used: \(error)")
        }
    }
}

extension RedisTLS {
    /// Proves at start-up that the files can be used.
    ///
    /// - Throws: `.tls` naming the file.
    public func check() throws(RedisError) {
        _ = try context()
    }

    /// The files that are read.
    public var paths: [String] { [caFile, certificateFile, keyFile].compactMap(\.self) }

    fileprivate func context() throws(RedisError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if skipVerification { configuration.certificateVerification = .none }
        if let caFile {
            configuration.trustRoots = .certificates(try Self.certificates(caFile))
        }
        switch (certificateFile, keyFile) {
        case (nil, nil): break
        case (let certificateFile?, let keyFile?):
            configuration.certificateChain = try Self.certificates(certificateFile).map { .certificate($0) }
            configuration.privateKey = .privateKey(try Self.key(keyFile))
        default:
            throw RedisError(.tls, "a client certificate needs its key: give both files or none")
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw RedisError(
                .tls, "TLS cannot be set up: \(error); check that the certificate and the key belong together")
        }
    }

    /// Name for SNI and verification; `nil` for an address (verified as such) or a socket.
    fileprivate func name(for endpoint: RedisOptions.Endpoint) -> String? {
        if let serverName { return serverName }
        guard case .tcp(let host, let port) = endpoint else { return nil }
        let isAddress = (try? SocketAddress(ipAddress: host, port: port)) != nil
        return isAddress ? nil : host
    }

    private static func certificates(_ file: String) throws(RedisError) -> [NIOSSLCertificate] {
        do {
            return try NIOSSLCertificate.fromPEMFile(file)
        } catch {
            throw RedisError(.tls, "\(file): no PEM certificate can be read from this file: \(error)")
        }
    }

    private static func key(_ file: String) throws(RedisError) -> NIOSSLPrivateKey {
        do {
            return try NIOSSLPrivateKey(file: file, format: .pem)
        } catch {
            throw RedisError(.tls, "\(file): no unencrypted PEM key can be read from this file: \(error)")
        }
    }
}
