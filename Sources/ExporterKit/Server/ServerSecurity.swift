public import NIOCore

/// What stands between the sockets of a `MetricsServer` and its routes: TLS, and who may ask.
///
/// The server calls it and knows nothing of certificates, passwords or files. `WebConfiguration` in ExporterCommand makes
/// one of a `web.config.yml`; a service may bring its own.
public struct ServerSecurity: Sendable {
    /// What a request is allowed.
    public enum Admission: Sendable {
        /// Go on; these headers are added to the answer.
        case admitted(headers: [(name: String, value: String)])
        /// This is the answer, whatever was asked for.
        case refused(HTTPResponse)
    }

    /// Puts handlers in front of HTTP on a new connection, on its event loop.
    ///
    /// The second argument makes a channel speak: called with `.http1` for bytes of HTTP/1, with `.messages` for a channel
    /// that already carries `HTTPServerRequestPart` and takes `HTTPServerResponsePart` (a stream of HTTP/2). An error closes
    /// the connection. The time until the first whole request, `ServerLimits.requestTime`, includes a handshake; a connection of
    /// streams is idle when it has none.
    public typealias Preparation =
        @Sendable (any Channel, @escaping @Sendable (any Channel, Carried) throws -> Void) throws -> Void

    /// What travels on a channel that is ready to be served.
    public enum Carried: Sendable {
        /// Bytes of HTTP/1.
        case http1
        /// Parts of requests and responses.
        case messages
    }

    /// Prepares each new connection.
    public let prepare: Preparation
    /// Asked before every route, off the event loop.
    public let admit: @Sendable (HTTPRequest) async -> Admission
    /// True when nobody is ever refused.
    let admitsAll: Bool

    /// A security from its parts.
    public init(
        prepare: @escaping Preparation = { channel, serve in try serve(channel, .http1) },
        admit: (@Sendable (HTTPRequest) async -> Admission)? = nil
    ) {
        self.prepare = prepare
        self.admit = admit ?? { _ in .admitted(headers: []) }
        self.admitsAll = admit == nil
    }
}
