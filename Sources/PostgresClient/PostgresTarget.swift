internal import CLibpq

/// Where a connection string leads, without credentials: safe for logs and labels.
public struct PostgresTarget: Sendable, Hashable, CustomStringConvertible {
    /// `host:port` pairs in the order in which libpq tries them; a socket directory stands for a host.
    public let endpoints: [String]
    /// Name of the database; empty when the server decides (it then is the user's name).
    public let database: String

    /// `db1:5432,db2:5432/app`
    public var description: String {
        endpoints.joined(separator: ",") + (database.isEmpty ? "" : "/" + database)
    }

    /// A target from its parts.
    public init(endpoints: [String], database: String) {
        self.endpoints = endpoints
        self.database = database
    }

    /// Reads a connection string as libpq does. Contacts nobody and reads no file; what the string leaves open comes
    /// from the environment (`PGHOST`, `PGPORT`, `PGDATABASE`).
    ///
    /// - Throws: `.configuration` with libpq's reason, without any piece of the string that could be a password.
    public init(conninfo: String) throws(PostgresError) {
        let options = try Conninfo.options(of: conninfo)
        let defaults = Conninfo.defaults()
        func value(_ keyword: String) -> String? {
            let value = options[keyword] ?? defaults[keyword]
            return value?.isEmpty == false ? value : nil
        }
        let hosts = (value("host") ?? value("hostaddr"))?.split(separator: ",", omittingEmptySubsequences: false)
        let ports = (value("port") ?? "5432").split(separator: ",", omittingEmptySubsequences: false)
        guard ports.allSatisfy({ UInt16($0) != nil || $0.isEmpty }),
            hosts?.contains(where: { $0.contains("@") }) != true
        else {
            // A password with an unescaped "/" or "@" ends up here as host or port, so neither is repeated.
            throw PostgresError(
                .configuration,
                """
                the port is not a number or the host has an @: \
                in a URI write @ / ? # of user and password as %40 %2F %3F %23
                """)
        }
        if hosts == nil, let service = value("service") {
            self.endpoints = ["service \(service)"]
        } else {
            self.endpoints = (hosts ?? ["localhost"]).enumerated().map { index, host in
                let port = ports.count == 1 ? ports[0] : index < ports.count ? ports[index] : ""
                let name = host.isEmpty ? "localhost" : host.contains(":") ? "[\(host)]" : String(host)
                return "\(name):\(port.isEmpty ? "5432" : String(port))"
            }
        }
        self.database = value("dbname") ?? ""
    }
}

/// libpq's own reader of connection strings.
enum Conninfo {
    /// What a connection string says itself, by keyword. A string that is neither URI nor `key=value` is a database
    /// name.
    static func options(of text: String) throws(PostgresError) -> [String: String] {
        guard text.contains("=") || text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") else {
            return text.isEmpty ? [:] : ["dbname": text]
        }
        var message: UnsafeMutablePointer<CChar>?
        guard let list = PQconninfoParse(text, &message) else {
            let reason = message.map { String(cString: $0) } ?? "out of memory"
            PQfreemem(message)
            throw PostgresError(.configuration, Redaction.conninfoError(reason))
        }
        defer { PQconninfoFree(list) }
        return values(list)
    }

    /// What libpq assumes for what a connection string leaves open.
    static func defaults() -> [String: String] {
        guard let list = PQconndefaults() else { return [:] }
        defer { PQconninfoFree(list) }
        return values(list)
    }

    private static func values(_ list: UnsafeMutablePointer<PQconninfoOption>) -> [String: String] {
        var values: [String: String] = [:]
        var option = list
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return values
    }

    /// Every keyword this libpq knows.
    static func keywords() -> [String] {
        guard let list = PQconndefaults() else { return [] }
        defer { PQconninfoFree(list) }
        var keywords: [String] = []
        var option = list
        while let keyword = option.pointee.keyword {
            keywords.append(String(cString: keyword))
            option += 1
        }
        return keywords
    }
}
