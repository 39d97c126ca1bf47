import ExporterKit
import RedisClient
import Testing

@testable import redis_exporter

/// `CLIENT LIST`, one by one and summed up.
@Suite struct ClientTests {
    private let list = """
        id=4 addr=127.0.0.1:5000 fd=8 name=worker age=10 idle=0 flags=N db=0 sub=1 psub=0 ssub=2 watch=3 qbuf=26 \
        qbuf-free=20448 obl=0 oll=0 omem=7 tot-mem=100 cmd=get user=default lib-name=redis-py lib-ver=5 resp=2
        id=5 addr=[fd40::1]:6001 name=worker age=500 idle=400 flags=b db=1 sub=0 psub=0 qbuf=0 qbuf-free=0 obl=0 oll=0 \
        omem=0 tot-mem=50 user=app lib-name=
        id=6 addr=/run/r.sock:0 name=a=b c age=1 idle=1 flags=S db=0 user=repl tot-mem=5
        no client at all
        """

    private func reply(_ question: String) -> Result<RedisValue, CollectorError>? {
        question == "CLIENT LIST" ? .success(.bulk(list)) : nil
    }

    private func lines(port: Bool = false) -> [String] {
        collect(
            ClientListCollector("redis", includesPort: port), info: "server_time_usec:1700000600900000", reply: reply
        ).lines
    }

    @Test func connectionHasTheSeriesOfUpstream() {
        let lines = Set(lines())
        #expect(
            lines.contains(
                #"redis_connected_client_info{db="0",flags="N",host="127.0.0.1",id="4",name="worker",resp="2",user="default"} 1"#
            ))
        for (name, value) in [
            ("created_at_timestamp", "1.70000059e+09"), ("idle_since_timestamp", "1.7000006e+09"),
            ("output_buffer_memory_usage_bytes", "7"), ("total_memory_consumed_bytes", "100"),
            ("channel_subscriptions_count", "1"), ("shard_channel_subscriptions_count", "2"),
            ("shard_channel_watched_keys", "3"), ("query_buffer_free_space_bytes", "20448"),
        ] {
            #expect(lines.contains(#"redis_connected_client_\#(name){id="4",name="worker"} \#(value)"#), "\(name)")
        }
    }

    @Test func fieldThatAServerDoesNotTellIsNoSample() {
        #expect(!lines().contains { $0.contains("shard_channel") && $0.contains(#"id="5""#) })
    }

    @Test func portIsALabelOnRequest() {
        #expect(lines(port: true).contains { $0.contains(#"host="[fd40::1]""#) && $0.contains(#"port="6001""#) })
        #expect(!lines().contains { $0.contains("port=") })
    }

    @Test func nameWithEqualsAndSpacesLosesNothing() {
        #expect(lines().contains { $0.contains(#"name="a=b c""#) && $0.contains(#"user="repl""#) })
        #expect(lines().filter { $0.hasPrefix("redis_connected_client_info") }.count == 3)
    }

    private func groups(limit: Int) -> [String] {
        collect(ClientGroupCollector("redis", limit: limit), reply: reply).lines
    }

    @Test func linesNeedNotBeAlike() {
        let text = """
            id=1 name=a db=0 user=x
            id=2 db=1 name=b user=y
            id=3 name=c=1 db=9=8 user=z age=1
            id=4 name=d db=4 name=e
            id=5
            """
        let clients = ClientLine.all(in: text)
        #expect(clients.map { $0.text("name") } == ["a", "b", "c=1", "e", nil])
        #expect(clients.map { $0.text("db") } == ["0", "1", "9=8", "4", nil])
        #expect(clients.map { $0.text("user") } == ["x", "y", "z", nil, nil])
        #expect(clients.map { $0.text("age") } == [nil, nil, "1", nil, nil])
        #expect(ClientLine.all(in: "id=1 name=a name=b db=0").first?.text("name") == "b")
    }

    @Test func groupsAreSummedUp() {
        let lines = Set(groups(limit: 10))
        for line in [
            #"connections{by="name",group="worker"} 2"#, #"memory_bytes{by="name",group="worker"} 150"#,
            #"longest_idle_seconds{by="name",group="worker"} 400"#, #"connections{by="user",group="repl"} 1"#,
            #"connections{by="library",group="none"} 2"#, #"connections{by="database",group="0"} 2"#,
            #"connections{by="state",group="blocked"} 1"#, #"connections{by="state",group="replica"} 1"#,
            #"connections{by="state",group="normal"} 1"#, #"idle_seconds_bucket{le="1"} 2"#,
            #"idle_seconds_bucket{le="1800"} 3"#, "idle_seconds_sum 401", "idle_seconds_count 3",
        ] {
            #expect(lines.contains("redis_client_group_\(line)"), "\(line)")
        }
    }

    @Test func restIsSummedUpAsOther() {
        let users = groups(limit: 1).filter { $0.contains("connections{by=\"user\"") }
        #expect(
            users == [
                #"redis_client_group_connections{by="user",group="app"} 1"#,
                #"redis_client_group_connections{by="user",group="other"} 2"#,
            ])
    }

    @Test func groupThatIsCalledOtherIsCountedWithTheRest() {
        var groups = TopGroups(from: 0.0, merging: +=)
        for name in ["other", "a", "a", "b", ""] { groups.add(1, to: name) }
        #expect(groups.top(1) { $0 }.map(\.group) == ["a", "other"])
        #expect(groups.top(1) { $0 }.map(\.value) == [2, 3])
        #expect(groups.top(9) { $0 }.map(\.group) == ["a", "b", "none", "other"])
    }
}
