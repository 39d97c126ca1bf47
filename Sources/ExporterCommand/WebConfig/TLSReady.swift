internal import NIOCore
internal import NIOSSL

/// TLS with its certificates read: makes the handler of one connection.
struct TLSReady: Sendable {
    let context: NIOSSLContext
    let chain: [NIOSSLCertificate]
    private let authentication: ClientAuthentication
    private let allowedNames: AllowedNames

    /// A peer that waits for our last word longer than this is cut off.
    private static let farewell = TimeAmount.milliseconds(500)

    /// Reads the certificates.
    ///
    /// - Throws: the first file, or place in the YAML, that cannot be used.
    init(_ settings: TLSSettings, http2: Bool) throws(ConfigurationError) {
        chain = try settings.certificate.certificates()
        authentication = settings.clientAuthentication
        allowedNames = settings.allowedNames
        let key = try settings.key.privateKey()
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        tls.minimumTLSVersion = settings.minimum
        tls.maximumTLSVersion = settings.maximum
        tls.cipherSuiteValues = settings.ciphers ?? TLSNames.ciphers.map(\.value)
        tls.curves = settings.curves
        tls.applicationProtocols = http2 ? ["h2", "http/1.1"] : ["http/1.1"]
        tls.shutdownTimeout = Self.farewell
        tls.certificateVerification = authentication.verification(withAllowedNames: !allowedNames.names.isEmpty)
        if let clientCA = settings.clientCA {
            tls.trustRoots = .certificates(try clientCA.certificates())
            tls.sendCANameList = true
        } else if !authentication.verifiesChain {
            tls.trustRoots = .certificates([])  // nothing will be checked: do not read the system's hundreds
        }
        do { context = try NIOSSLContext(configuration: tls) } catch {
            throw settings.key.error(
                "this key does not belong to the certificate (\(settings.certificate)), or cannot be used with it:"
                    + " \(TLSReason.words(error)); give both of one pair")
        }
    }

    /// The handler of a new connection.
    func handler() -> NIOSSLServerHandler {
        let names = allowedNames
        switch authentication {
        case .none:
            return NIOSSLServerHandler(context: context)
        case .request, .requireAny:
            return NIOSSLServerHandler(context: context) { chain, promise in
                promise.completeWith(Result { try names.check(chain.first) }.map { .certificateVerified })
            }
        case .verifyIfGiven, .requireAndVerify:
            guard !names.names.isEmpty else { return NIOSSLServerHandler(context: context) }
            // A verification callback would take the place of the chain's; this one comes after it.
            return ._makeSSLServerHandler(context: context) { leaf, channel in
                channel.eventLoop.makeCompletedFuture { try names.check(leaf) }
            }
        }
    }
}
