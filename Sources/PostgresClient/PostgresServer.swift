/// What a connection tells about the server at its other end, without a question being asked.
public struct PostgresServer: Sendable, Equatable {
    /// `150018` for 15.18: `major * 10000 + minor` since version 10.
    public let versionNumber: Int
    /// `15.18 (Debian 15.18-0+deb12u1)`, as the server reports it.
    public let versionText: String
    /// Name of the connected database.
    public let database: String
    /// Name of the user the server let in.
    public let user: String
    /// Host name, address or socket directory of the connected server: of several hosts the one that answered.
    public let host: String
    /// TCP port, or the number in the socket's name.
    public let port: String
    /// In recovery; `nil` before version 14 and behind poolers, which do not report it.
    public let isStandby: Bool?
    /// Process number of the server process behind the connection; another number means another connection.
    public let backendPID: Int32

    /// First number of the version: 15.
    public var major: Int { versionNumber / 10_000 }
    /// Second number of the version: 18.
    public var minor: Int { versionNumber % 10_000 }

    /// A description from its parts.
    public init(
        versionNumber: Int, versionText: String, database: String, user: String,
        host: String = "localhost", port: String = "5432", isStandby: Bool? = nil, backendPID: Int32 = 0
    ) {
        self.versionNumber = versionNumber
        self.versionText = versionText
        self.database = database
        self.user = user
        self.host = host
        self.port = port
        self.isStandby = isStandby
        self.backendPID = backendPID
    }
}
