/// What a server lets one client, and all of them, take. A client that goes beyond is answered with an error where HTTP has
/// one, and its connection is closed.
public struct ServerLimits: Sendable {
    /// Connections at once; one more is closed as soon as it is accepted. 0 is no limit.
    public var connections = 512
    /// Bytes of a request line and of all headers together; more is 431.
    public var headerBytes = 32 * 1024
    /// Bytes of a request's body, which no route reads; more is 413.
    public var bodyBytes = 64 * 1024
    /// Requests a client may send ahead of their answers; one more closes the connection.
    public var waitingRequests = 16
    /// Time to send a whole request, from its first byte; the first request's time begins with the connection.
    public var requestTime = Duration.seconds(10)
    /// Time to take a whole answer, from its first byte.
    public var answerTime = Duration.seconds(120)
    /// Time between an answer and the next request. Prometheus drops its own idle connections after five minutes.
    public var idleTime = Duration.seconds(310)
    /// Time in which an answer must be ready for a client that sends nothing more. On the wire a client that only closed its
    /// sending side looks like one that is gone: this is what is worked for the latter at most.
    public var halfClosedTime = Duration.seconds(2)

    /// The limits as above: those of a server that strangers can reach and that only scrapers use.
    public init() {}
}
