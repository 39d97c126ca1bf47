internal import RedisClient

/// A key as the server has it: any bytes, in one database.
struct StoredKey: Sendable, Hashable {
    let database: Int
    let name: [UInt8]

    init(database: Int, name: [UInt8]) {
        self.database = database
        self.name = name
    }

    /// The key that a flag or a request names.
    init(_ key: KeyName) {
        self.init(database: key.database, name: Array(key.name.utf8))
    }

    /// A command about this key: the words, then the name, then further words.
    func command(_ words: String..., then more: [String] = []) -> RedisCommand {
        RedisCommand(bytes: words.map { Array($0.utf8) } + [name] + more.map { Array($0.utf8) }).inDatabase(database)
    }

    /// Value of the label `db`.
    var databaseLabel: [UInt8] { Self.label(database) }

    /// Value of the label `db`: `db0`.
    static func label(_ database: Int) -> [UInt8] { Array("db\(database)".utf8) }
}

extension KeyName {
    /// True when it is looked for with SCAN; else it is one key. As redis_exporter tells them apart.
    var isPattern: Bool { name.utf8.contains { "?*[]^".utf8.contains($0) } }
}
