import ExporterKit
import RedisClient
import Testing

@testable import redis_exporter

@Suite struct SentinelTests {
    private let info = """
        redis_version:7.0.15
        # Sentinel
        sentinel_masters:2
        sentinel_tilt:0
        sentinel_tilt_since_seconds:-1
        master0:name=cache,status=ok,address=10.0.0.1:6379,slaves=2,sentinels=3
        master1:name=lost,status=odown,address=10.0.0.2:6379,slaves=0,sentinels=1
        """

    private func row(_ pairs: KeyValuePairs<String, String>) -> RedisValue {
        .array(pairs.flatMap { [.bulk($0.key), .bulk($0.value)] })
    }

    private func reply(_ question: String) -> Result<RedisValue, CollectorError>? {
        switch question {
        case "SENTINEL MASTERS":
            let cache = row([
                "name": "cache", "ip": "10.0.0.1", "port": "6379", "quorum": "2", "failover-timeout": "180000",
                "parallel-syncs": "1", "down-after-milliseconds": "30000", "config-epoch": "4",
                "last-ok-ping-reply": "250",
            ])
            return .success(.array([cache, row(["name": "lost", "ip": "10.0.0.2", "port": "6379"]), .null]))
        case "SENTINEL CKQUORUM cache": return .success(.simple("OK 3 usable Sentinels."))
        case "SENTINEL CKQUORUM lost":
            return .failure(
                CollectorError(.query, "SENTINEL CKQUORUM on redis://h: NOQUORUM 1 usable Sentinels."))
        case "SENTINEL SENTINELS cache":
            return .success(
                .array([
                    row(["name": "a", "ip": "10.0.0.5", "port": "26379", "runid": "r", "flags": "sentinel"]),
                    row(["name": "b", "flags": "s_down,sentinel,disconnected"]), .integer(1),
                ]))
        case "SENTINEL SLAVES cache":
            return .success(
                .array([
                    row([
                        "name": "10.0.0.3:6379", "flags": "slave", "slave-priority": "100", "slave-repl-offset": "77",
                        "master-link-down-time": "1500", "last-ok-ping-reply": "20",
                    ]),
                    row(["name": "10.0.0.4:6379", "flags": "slave,disconnected"]),
                ]))
        case "SENTINEL SENTINELS lost", "SENTINEL SLAVES lost": return .success(.array([]))
        default: return nil
        }
    }

    private let cache = #"master_address="10.0.0.1:6379",master_name="cache""#

    @Test func primariesAreToldWithQuorumAndSettings() {
        let (lines, error) = collect(
            SentinelMastersCollector("redis", includesPeers: false), info: info, reply: reply)
        #expect(error == nil)
        for line in [
            "sentinel_master_setting_ckquorum{\(cache)} 2", "sentinel_master_setting_failover_timeout{\(cache)} 180000",
            "sentinel_master_setting_down_after_milliseconds{\(cache)} 30000",
            "sentinel_master_config_epoch{\(cache)} 4", "sentinel_master_last_ok_ping_reply_seconds{\(cache)} 0.25",
            "sentinel_master_ok_sentinels{\(cache)} 2", "sentinel_master_ok_slaves{\(cache)} 2",
            #"sentinel_master_ckquorum_status{master_name="cache",message="OK 3 usable Sentinels."} 1"#,
            #"sentinel_master_ckquorum_status{master_name="lost",message="NOQUORUM 1 usable Sentinels."} 0"#,
            #"sentinel_replica_offset_bytes{\#(cache),replica="10.0.0.3:6379"} 77"#,
            #"sentinel_replica_link_down_seconds{\#(cache),replica="10.0.0.3:6379"} 1.5"#,
        ] {
            #expect(lines.contains("redis_\(line)"), "\(line)")
        }
        #expect(!lines.contains { $0.contains("peer_info") })
    }

    @Test func statesAreSets() {
        let (lines, _) = collect(SentinelMastersCollector("redis", includesPeers: false), info: info, reply: reply)
        func line(_ what: String, _ member: String, _ state: String, _ value: Int) -> String {
            "redis_sentinel_\(what)_state{\(cache),redis_sentinel_\(what)_state=\"\(state)\",\(member)} \(value)"
        }
        #expect(lines.contains(line("replica", "replica=\"10.0.0.3:6379\"", "ok", 1)))
        let replicas = lines.filter { $0.hasPrefix("redis_sentinel_replica_state") && $0.hasSuffix(" 1") }
        #expect(replicas.count == 2)
        #expect(replicas.contains { $0.contains("10.0.0.4") && $0.contains("\"disconnected\"") })
        let peers = lines.filter { $0.hasPrefix("redis_sentinel_peer_state") && $0.hasSuffix(" 1") }
        #expect(peers.contains { $0.contains(#"sentinel="b""#) && $0.contains("\"s_down\"") })
        let (primaries, _) = collect(SentinelCollector("redis"), info: info)
        let down = primaries.filter { $0.contains("master_state") && $0.hasSuffix(" 1") }
        #expect(down.count == 2 && down.contains { $0.contains("lost") && $0.contains("odown") })
    }

    @Test func peersAreToldOnRequest() {
        let (lines, _) = collect(SentinelMastersCollector("redis", includesPeers: true), info: info, reply: reply)
        #expect(
            lines.contains(
                #"redis_sentinel_peer_info{flags="sentinel",ip="10.0.0.5",\#(cache),name="a",port="26379",runid="r"} 1"#
            ))
    }

    @Test func failureOfOnePrimaryCostsNoOther() {
        let (lines, error) = collect(SentinelMastersCollector("redis", includesPeers: false), info: info) { question in
            question == "SENTINEL SENTINELS lost" ? nil : reply(question)
        }
        #expect(error?.reason == .unsupported)
        #expect(lines.contains("redis_sentinel_master_ok_sentinels{\(cache)} 2"))
    }

    @Test func settingsAreToldWithoutPasswords() {
        let config = RedisValue.texts("resolve-hostnames", "no", "sentinel-pass", "hunter2", "announce-port", "26380")
        func lines(redacts: Bool) -> [String] {
            collect(SentinelConfigCollector("redis", redacts: redacts), info: info) { _ in .success(config) }.lines
        }
        #expect(
            Set(lines(redacts: true)) == [
                #"redis_sentinel_config_key_value{key="resolve-hostnames",value="no"} 1"#,
                #"redis_sentinel_config_key_value{key="announce-port",value="26380"} 1"#,
                #"redis_sentinel_config_value{key="announce-port"} 26380"#,
            ])
        #expect(lines(redacts: false).contains { $0.contains("hunter2") })
    }

    @Test func othersAreNotAskedForSentinels() {
        let server = RedisServer(InfoDocument("redis_version:7.0.0\nrole:master"))
        #expect(SentinelMastersCollector("redis", includesPeers: true).questions(for: server).isEmpty)
        #expect(SentinelConfigCollector("redis", redacts: true).questions(for: server).isEmpty)
    }
}
