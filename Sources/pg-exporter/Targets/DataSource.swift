internal import ExporterCommand
internal import PostgresClient

/// One server that the environment names, in the way of postgres_exporter.
///
/// `DATA_SOURCE_NAME` counts alone when it is set. Else `DATA_SOURCE_URI`, `DATA_SOURCE_USER` and `DATA_SOURCE_PASS`
/// are put together; each may come as `…_FILE` instead, which wins over the plain one and is read again for every
/// connection.
struct DataSource: Sendable {
    /// Where it leads, without credentials.
    let target: PostgresTarget
    /// The connection string, files read anew.
    let conninfo: @Sendable () throws(PostgresError) -> String

    /// Every server that the environment names, in its order; none is fine: `/probe` still works.
    ///
    /// - Throws: the variable or file and what to do, without a password.
    static func all(environment: [String: String]) throws(ConfigurationError) -> [DataSource] {
        guard let whole = environment["DATA_SOURCE_NAME"], !whole.isEmpty else {
            let pieces = DataSourcePieces(environment)
            guard try !pieces.uri.text().isEmpty else { return [] }
            return [
                try DataSource(at: pieces.uri.place) { () throws(ConfigurationError) in
                    ConnectionURI.translated(try pieces.conninfo())
                }
            ]
        }
        let texts = split(whole)
        var sources: [DataSource] = []
        for (index, text) in texts.enumerated() {
            let place = texts.count == 1 ? "DATA_SOURCE_NAME" : "DATA_SOURCE_NAME, number \(index + 1)"
            guard !text.isEmpty else { throw ConfigurationError("it is empty; remove the comma", at: place) }
            let translated = ConnectionURI.translated(text)
            sources.append(try DataSource(at: place) { () throws(ConfigurationError) in translated })
        }
        return sources
    }

    private init(
        at place: String, _ text: @escaping @Sendable () throws(ConfigurationError) -> String
    ) throws(ConfigurationError) {
        let first = try text()
        do throws(PostgresError) { target = try PostgresTarget(conninfo: first) } catch {
            throw ConfigurationError(error.message, at: place)
        }
        conninfo = { () throws(PostgresError) in
            do throws(ConfigurationError) { return try text() } catch {
                throw PostgresError(.configuration, error.description)
            }
        }
    }

    /// The connection strings of a list. A comma that no connection string follows belongs to the one before it: several
    /// hosts of one server, or a password with a comma, which upstream would cut in two.
    private static func split(_ text: String) -> [String] {
        let starts = ["postgres://", "postgresql://", "host=", "hostaddr=", "user=", "dbname=", "service=", "port="]
        var texts: [String] = []
        for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
            let trimmed = DataSourcePieces.trimmed(piece)
            if texts.isEmpty || trimmed.isEmpty || starts.contains(where: trimmed.hasPrefix) {
                texts.append(trimmed)
            } else {
                texts[texts.count - 1] += "," + piece
            }
        }
        return texts
    }
}

/// The three variables that make up a URI, each perhaps a file.
struct DataSourcePieces: Sendable {
    let uri: Piece
    let user: Piece
    let password: Piece

    struct Piece: Sendable {
        /// The variable, for messages.
        let place: String
        private let secret: Secret

        init(_ variable: String, _ environment: [String: String]) {
            if let path = environment["\(variable)_FILE"], !path.isEmpty {
                place = "\(variable)_FILE"
                secret = Secret(file: path)
            } else {
                place = variable
                secret = Secret(environment[variable] ?? "")
            }
        }

        /// As it is now, without white space around it.
        func text() throws(ConfigurationError) -> String {
            do throws(ConfigurationError) {
                return DataSourcePieces.trimmed(try secret.value[...])
            } catch {
                throw ConfigurationError(error.description, at: place)
            }
        }
    }

    init(_ environment: [String: String]) {
        uri = Piece("DATA_SOURCE_URI", environment)
        user = Piece("DATA_SOURCE_USER", environment)
        password = Piece("DATA_SOURCE_PASS", environment)
    }

    /// `postgresql://user:password@` and the address.
    func conninfo() throws(ConfigurationError) -> String {
        let address = try uri.text()
        let scheme = address.prefix { $0 != ":" }
        guard !address[scheme.endIndex...].hasPrefix("://") else {
            throw ConfigurationError(
                "give HOST:PORT/DATABASE?OPTIONS only, without postgresql://; a whole URI goes into DATA_SOURCE_NAME",
                at: uri.place)
        }
        let user = ConnectionURI.escaped(try user.text())
        let password = ConnectionURI.escaped(try password.text())
        // An empty password must not be given at all: a password file, PGPASSWORD or a certificate then counts.
        let info = password.isEmpty ? user : "\(user):\(password)"
        return "postgresql://" + (info.isEmpty ? "" : "\(info)@") + address
    }

    /// Without the white space around it.
    static func trimmed(_ text: Substring) -> String {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
