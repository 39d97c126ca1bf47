import ExporterCommand
import ExporterKit
import Foundation
import Logging
import RedisClient
import Testing

@testable import redis_exporter

@Suite struct FlagTests {
    private func options(_ arguments: [String], _ environment: [String: String] = [:]) throws -> RedisOptions {
        let flags = try RedisExporter.parse(arguments, environment: environment)
        let access = try AccessBook(flags, Logger(label: "test"))
        let address = try #require(try ConnectionFlags.address(flags))
        return try access.options(for: address, access.module(for: address)).renewed()
    }

    private func make(_ arguments: [String]) throws -> Exporter {
        let flags = try RedisExporter.parse(arguments)
        return try RedisExporter.make(flags, ProgramContext(logger: Logger(label: "test")))
    }

    private func file(_ text: String) throws -> String {
        let path = NSTemporaryDirectory() + "redis-exporter-\(UUID().uuidString)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test func defaultIsTheLocalServer() throws {
        let options = try options([])
        #expect(options.endpoint == .tcp(host: "localhost", port: 6379))
        #expect(options.clientName == "redis_exporter")
    }

    @Test(arguments: [["-redis.addr", "h:1"], ["--redis.addr=h:1"], ["-redis.addr=h:1"]])
    func goFormsOfTheAddress(arguments: [String]) throws {
        #expect(try options(arguments).endpoint == .tcp(host: "h", port: 1))
    }

    @Test func environmentGivesWhatTheCommandLineDoesNot() throws {
        let environment = ["REDIS_ADDR": "redis://e:2", "REDIS_USER": "me", "REDIS_PASSWORD": "pw"]
        let options = try options([], environment)
        #expect(options.endpoint == .tcp(host: "e", port: 2))
        #expect(options.username == "me")
        #expect(options.password == "pw")
        #expect(try self.options(["-redis.addr", "h:1"], environment).endpoint == .tcp(host: "h", port: 1))
    }

    @Test func credentialsOfTheAddressCountFirst() throws {
        let options = try options(["-redis.addr", "redis://u:p@h", "-redis.user", "x", "-redis.password", "y"])
        #expect(options.username == "u")
        #expect(options.password == "p")
    }

    @Test func passwordFileIsReadByTheAddressAsGiven() throws {
        let path = try file(#"{"redis://h:1": "one", "redis://me@h:1": "two", "redis://w@h:1": "three"}"#)
        #expect(try options(["-redis.addr", "redis://h:1", "-redis.password-file", path]).password == "one")
        #expect(
            try options(["-redis.addr", "redis://h:1", "-redis.user", "me", "-redis.password-file", path]).password
                == "two")
        #expect(try options(["-redis.addr", "redis://h:2", "-redis.password-file", path]).password == nil)
        #expect(
            try options(["-redis.addr", "redis://h:1", "-redis.password", "p", "-redis.password-file", path]).password
                == "p")
    }

    @Test(arguments: [#"{"a": "x", "a": "y"}"#, #"{"a": ["x"]}"#, "{", "[1]"])
    func badPasswordFileNamesItsLineAndNoPassword(text: String) throws {
        let path = try file(text)
        let error = #expect(throws: ConfigurationError.self) { try options(["-redis.password-file", path]) }
        #expect(error?.description.contains(path) == true)
    }

    @Test func tlsFlagsCountForTLSAddressesOnly() throws {
        #expect(try options(["-redis.addr", "redis://h", "-skip-tls-verification"]).tls == nil)
        let tls = try options(["-redis.addr", "valkeys://h", "-skip-tls-verification", "-tls-server-name", "n"]).tls
        #expect(tls?.skipVerification == true)
        #expect(tls?.serverName == "n")
    }

    @Test func unreadableCertificateIsAConfigurationErrorThatNamesTheFile() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try options(["-redis.addr", "rediss://h", "-tls-ca-cert-file", "/nowhere/ca.pem"])
        }
        #expect(error?.description.contains("/nowhere/ca.pem") == true)
    }

    @Test func certificateWithoutKeyIsAConfigurationError() throws {
        #expect(throws: ConfigurationError.self) {
            try options(["-redis.addr", "rediss://h", "-tls-client-cert-file", "/nowhere/c.pem"])
        }
    }

    @Test(arguments: ["http://h", "redis://h:port", "redis://me:hunter2%zz@h"])
    func badAddressIsAUsageErrorWithoutSecrets(address: String) throws {
        let error = #expect(throws: UsageError.self) { try make(["-redis.addr", address]) }
        #expect(error?.description.contains("-redis.addr") == true)
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func emptyAddressLeavesOnlyWhatRequestsName() throws {
        #expect(try make(["-redis.addr", ""]).targets.isEmpty)
    }

    @Test func namespaceThatIsNoNameIsAUsageError() {
        #expect(throws: UsageError.self) { try make(["-namespace", "re-dis"]) }
    }

    @Test(arguments: ["(", "[", "*", #"\1"#])
    func badPatternIsAUsageErrorAtTheStart(pattern: String) {
        let error = #expect(throws: UsageError.self) { try make(["-check-search-indexes", pattern]) }
        #expect(error?.description.contains("-check-search-indexes") == true)
    }

    @Test(arguments: [
        ("export-client-list", "client_list"), ("include-modules-metrics", "modules"),
        ("include-search-indexes-metrics", "search_indexes"), ("include-rdb-file-size-metric", "rdb_file"),
        ("include-config-metrics", "sentinel_config"), ("is-tile38", "tile38"),
        ("include-unknown-info", "unknown_info"),
        ("collector.hotkeys", "hotkeys"),
    ])
    func flagTurnsItsCollectorOn(flag: String, collector: String) throws {
        func running(_ arguments: [String]) throws -> [String] {
            let flags = try RedisExporter.parse(arguments)
            let enabled = RedisExporter.enabledCollectors(flags)
            return Collectors.running(try MetricFlags.options(flags), enabled: enabled).map(\.descriptor.name)
        }
        #expect(try !running([]).contains(collector))
        #expect(try running(["-\(flag)"]).count == running([]).count + 1)
        #expect(try running(["-\(flag)"]).contains(collector))
    }

    @Test(arguments: [
        "include-go-runtime-metrics", "disable-exporting-key-values", "include-sentinel-peer-info",
        "include-system-metrics", "export-client-port", "strict-types",
    ])
    func flagIsAcceptedAndChangesNoCollector(flag: String) throws {
        #expect(try MetricFlags.options(RedisExporter.parse(["-\(flag)"])).asked.isEmpty)
    }

    @Test func metricFlagsReachTheCollectors() throws {
        let flags = try RedisExporter.parse([
            "-namespace", "cache", "-config-command", "-", "-include-config-metrics", "-redact-config-metrics=false",
            "-include-metrics-for-empty-databases=false", "-exclude-latency-histogram-metrics", "-max-groups", "3",
            "-slot-stats-order", "cpu-usec", "-latency-histogram-commands", "get", "-check-search-indexes", "^a",
            "-include-system-metrics", "-export-client-port", "-include-sentinel-peer-info", "-strict-types",
        ])
        let options = try MetricFlags.options(flags)
        #expect(options.limit == 3 && options.slotOrder == "cpu-usec" && !options.commands.includes("set"))
        #expect(options.searchIndexes.matches("ab") && !options.searchIndexes.matches("ba"))
        #expect(
            options.includesSystem && options.includesClientPort && options.includesSentinelPeers
                && options.hasStrictTypes)
        #expect(options.namespace == "cache")
        #expect(options.configCommand == nil)
        #expect(
            options.includesConfig && !options.redactsConfig && !options.includesEmptyDatabases
                && !options.includesLatency)
    }
}
