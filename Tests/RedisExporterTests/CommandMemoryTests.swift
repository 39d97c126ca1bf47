import ExporterKit
import RedisClient
import Testing

@testable import redis_exporter

@Suite struct CommandMemoryTests {
    private let unknown = Result<RedisValue, CollectorError>.failure(CollectorError(.unsupported, "unknown command"))
    private let denied = Result<RedisValue, CollectorError>.failure(CollectorError(.permission, "NOPERM"))

    private func identity(_ info: String, connection: Int = 1) -> CommandMemory.Identity {
        CommandMemory.Identity(RedisServer(InfoDocument(info)), connection: connection)
    }

    @Test func unknownCommandIsNotAskedAgainWithAnyArguments() {
        var memory = CommandMemory()
        memory.note(unknown, to: ["COMMANDLOG", "LEN", "slow"])
        #expect(memory.refusal(of: ["COMMANDLOG", "LEN", "large-reply"])?.reason == .unsupported)
        #expect(memory.refusal(of: ["COMMANDLOG", "GET", "1", "slow"]) == nil)
        #expect(memory.refusal(of: ["COMMANDLOG", "LEN", "slow"], at: .now + .seconds(1_000_000)) != nil)
    }

    @Test func denialIsForTheWholeCommandAndForTenMinutes() {
        var memory = CommandMemory()
        let now = ContinuousClock.now
        memory.note(denied, to: ["GET", "a"], at: now)
        #expect(memory.refusal(of: ["GET", "b"], at: now) == nil)
        #expect(memory.refusal(of: ["GET", "a"], at: now + .seconds(599))?.reason == .permission)
        #expect(memory.refusal(of: ["GET", "a"], at: now + .seconds(600)) == nil)
    }

    @Test func whatASettingForbidsIsTriedAgain() {
        var memory = CommandMemory()
        let now = ContinuousClock.now
        let setting = CollectorError(.unsupported, "CLUSTER SLOT-STATS on h: ERR Unrecognized sort metric for ORDERBY.")
        memory.note(.failure(setting), to: ["CLUSTER", "SLOT-STATS", "ORDERBY", "cpu-usec"], at: now)
        #expect(memory.refusal(of: ["CLUSTER", "SLOT-STATS", "ORDERBY", "cpu-usec"], at: now) != nil)
        #expect(memory.refusal(of: ["CLUSTER", "SLOT-STATS", "ORDERBY", "key-count"], at: now) == nil)
        #expect(
            memory.refusal(of: ["CLUSTER", "SLOT-STATS", "ORDERBY", "cpu-usec"], at: now + .seconds(600)) == nil)
    }

    @Test func newConnectionToTheSameRunChangesNothing() {
        var memory = CommandMemory()
        memory.meet(identity("run_id:a\nredis_version:7.0.0"))
        memory.note(unknown, to: ["X"])
        memory.meet(identity("run_id:a\nredis_version:7.0.0", connection: 2))
        #expect(memory.refusal(of: ["X"]) != nil)
    }

    @Test(arguments: ["run_id:b\nredis_version:7.0.0", "run_id:a\nredis_version:7.0.1"])
    func restartOrNewVersionForgets(info: String) {
        var memory = CommandMemory()
        memory.meet(identity("run_id:a\nredis_version:7.0.0"))
        memory.note(unknown, to: ["X"])
        memory.meet(identity(info))
        #expect(memory.refusal(of: ["X"]) == nil)
        #expect(memory.support.isEmpty)
    }

    @Test func serverWithoutARunIsKnownByItsConnection() {
        var memory = CommandMemory()
        memory.meet(identity("redis_version:7.0.0", connection: 1))
        memory.note(unknown, to: ["X"])
        memory.meet(identity("redis_version:7.0.0", connection: 2))
        #expect(memory.refusal(of: ["X"]) == nil)
    }

    @Test func troubleIsNoRefusal() {
        var memory = CommandMemory()
        for reason in [CollectorError.Reason.timeout, .connection, .query, .decode] {
            memory.note(.failure(CollectorError(reason, "")), to: ["X"])
        }
        #expect(memory.refusal(of: ["X"]) == nil)
    }

    @Test func supportIsToldByNameAndSubcommand() {
        var memory = CommandMemory()
        memory.note(.success(.integer(1)), to: ["SLOWLOG", "LEN"])
        memory.note(unknown, to: ["LATENCY", "HISTOGRAM"])
        #expect(memory.support.map(\.command) == ["LATENCY HISTOGRAM", "SLOWLOG LEN"])
        #expect(memory.support.map(\.isSupported) == [false, true])
    }

    @Test func memoryHasABound() {
        var memory = CommandMemory()
        for key in 0..<5_000 { memory.note(denied, to: ["GET", "\(key)"]) }
        #expect(memory.refusal(of: ["GET", "0"]) == nil)
        #expect(memory.refusal(of: ["GET", "4999"]) != nil)
        #expect(memory.support.count == 1)
    }
}
