import Testing

@testable import RedisClient

@Suite struct RedisCommandTests {
    private func wire(_ command: RedisCommand) throws -> String {
        var buffer: [UInt8] = []
        try command.write(to: &buffer)
        return String(decoding: buffer, as: UTF8.self)
    }

    @Test func wordsAreWrittenWithTheirLengths() throws {
        #expect(try wire(["CONFIG", "GET", "*"]) == "*3\r\n$6\r\nCONFIG\r\n$3\r\nGET\r\n$1\r\n*\r\n")
    }

    @Test func emptyArgumentsStayArguments() throws {
        #expect(try wire(["GET", ""]) == "*2\r\n$3\r\nGET\r\n$0\r\n\r\n")
        #expect(try wire([""]) == "*1\r\n$0\r\n\r\n")
    }

    @Test func argumentsMayHoldAnyByte() throws {
        var buffer: [UInt8] = []
        try RedisCommand(bytes: [Array("GET".utf8), [0, 13, 10, 255, 37, 115]]).write(to: &buffer)
        let expected = Array("*2\r\n$3\r\nGET\r\n$6\r\n".utf8) + [0, 13, 10, 255, 37, 115, 13, 10]
        #expect(buffer == expected)
    }

    @Test func descriptionShowsNoArgument() {
        #expect(RedisCommand(["AUTH", "user", "hunter2"]).description == "AUTH")
        #expect(RedisCommand(["config", "get", "requirepass"]).description == "CONFIG GET")
    }

    @Test(arguments: [
        ["SUBSCRIBE", "x"], ["multi"], ["SELECT", "1"], ["CLIENT", "reply", "OFF"], ["HELLO", "3"], [],
    ])
    func commandsThatBreakTheConversationAreKnown(words: [String]) {
        #expect(RedisCommand(words).breaksConversation)
    }

    @Test func readsAreRepeatableAndWritesAreNot() {
        #expect(RedisCommand(["info", "all"]).isRepeatable)
        #expect(RedisCommand(["LATENCY", "HISTOGRAM"]).isRepeatable)
        #expect(!RedisCommand(["LATENCY", "RESET"]).isRepeatable)
        #expect(!RedisCommand(["INCR", "x"]).isRepeatable)
        #expect(!RedisCommand(["EVAL", "return 1", "0"]).isRepeatable)
    }
}

@Suite struct RedisErrorTests {
    private let target = RedisOptions.Endpoint.tcp(host: "h", port: 1)

    @Test(arguments: [
        ("NOAUTH Authentication required.", RedisError.Kind.authentication),
        ("WRONGPASS invalid username-password pair", .authentication),
        ("NOPERM this user has no permissions to run the 'config|get' command", .permission),
        ("ERR unknown command 'CONFIG', with args beginning with: 'GET' ", .unsupported),
        ("ERR unknown command `LATENCY`, with args beginning with: ", .unsupported),
        ("ERR Unknown subcommand or wrong number of arguments for 'HISTOGRAM'. Try LATENCY HELP.", .unsupported),
        ("ERR unknown subcommand 'HISTOGRAM'. Try LATENCY HELP.", .unsupported),
        ("ERR command is disabled by the service", .permission),
        ("ERR max number of clients reached", .connection),
        ("DENIED Redis is running in protected mode", .permission),
        ("WRONGTYPE Operation against a key holding the wrong kind of value", .server),
        ("LOADING Redis is loading the dataset in memory", .server),
        ("", .server),
    ])
    func errorReplyHasItsKind(text: String, kind: RedisError.Kind) {
        #expect(RedisError(reply: text, to: ["INFO"], at: target).kind == kind)
    }

    @Test func refusedAuthRepeatsNothingOfTheServer() {
        let error = RedisError(
            refusedAuth: "ERR unknown command 'AUTH', with args beginning with: 'me' 'hunter2'", at: target)
        #expect(error.kind == .authentication)
        #expect(!error.message.contains("hunter2"))
        #expect(!error.message.contains("'me'"))
    }

    @Test func passwordIsInNoDescription() {
        let options = RedisOptions(endpoint: target, username: "me", password: "hunter2")
        var dumped = ""
        dump(options, to: &dumped)
        #expect(!"\(options) \(String(reflecting: options)) \(dumped)".contains("hunter2"))
    }
}
