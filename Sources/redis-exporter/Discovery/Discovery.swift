internal import ExporterCommand
internal import ExporterKit
internal import RedisClient

/// Lists servers for Prometheus' HTTP service discovery. What cannot be found out is an error and never an empty list:
/// Prometheus then goes on with the servers it knows.
final class Discovery: Sendable {
    private let gate: TargetGate
    private let own: ServerAddress?
    private let isCluster: Bool
    private let usesHostnames: Bool
    private let takesTargets: Bool
    private let timeout: Duration
    private let zones = ZoneBook()

    /// - Parameter own: the server of `--redis.addr`, asked when a request names none.
    init(_ flags: FlagValues, _ gate: TargetGate, own: ServerAddress?) {
        self.gate = gate
        self.own = own
        isCluster = flags.bool("is-cluster")
        usesHostnames = flags.bool("cluster-discover-hostnames")
        takesTargets = !flags.bool("disable-scrape-endpoint")
        timeout = flags.duration("connection-timeout")
    }

    /// `/discover-cluster-nodes[?target=…]`: every node of the cluster that is there.
    func cluster(_ request: HTTPRequest) async -> HTTPResponse {
        guard isCluster || !request.parameters("target").isEmpty else {
            return .text(
                400, "The discovery endpoint is only available on a redis cluster: set --is-cluster, or name a target")
        }
        return await answer(request) { address, connection, deadline throws(Failure) in
            let replies = await connection.run([["CLUSTER", "NODES"], ["INFO", "SERVER"]], until: deadline)
            let text = try Self.value(replies, "Couldn't connect to redis cluster", "Failed to fetch cluster nodes")
                .text
            let nodes = (text ?? "").split(whereSeparator: \.isNewline).compactMap { ClusterNode($0) }
                .filter(\.isThere)
            let info = (try? replies.last?.result.get().text) ?? ""
            var zones: [String: String] = [:]
            if !ZoneBook.zone(in: info).isEmpty { zones = await self.zones(of: nodes, address, deadline) }
            return nodes.map { node in
                TargetGroup(
                    target: self.target(of: node, address),
                    labels: [
                        ("role", node.role), ("shard", node.shard), ("zone", zones[node.id] ?? ""),
                        ("node_id", node.id), ("slots", node.slots),
                    ])
            }
        }
    }

    /// `/discover-sentinel[?target=…]`: the servers that a Sentinel watches, primaries and replicas.
    func sentinel(_ request: HTTPRequest) async -> HTTPResponse {
        await answer(request) { address, connection, deadline throws(Failure) in
            let said = try Self.value(
                await connection.run([["SENTINEL", "MASTERS"]], until: deadline), "Couldn't connect to Sentinel",
                "Failed to fetch the masters; is this a Sentinel?")
            let masters = (said.array ?? []).compactMap { SentinelNode($0) }
            var groups: [TargetGroup] = []
            var questions: [RedisCommand] = masters.map { ["SENTINEL", "REPLICAS", $0.name] }
            var replies = await connection.run(questions, until: deadline)
            if case .failure(let error)? = replies.first?.result, error.kind == .unsupported || error.kind == .server {
                questions = masters.map { ["SENTINEL", "SLAVES", $0.name] }
                replies = await connection.run(questions, until: deadline)
            }
            for (master, reply) in zip(masters, replies) {
                let list = try Self.value([reply], "Couldn't connect to Sentinel", "Failed to fetch the replicas")
                let replicas = (list.array ?? []).compactMap { SentinelNode($0) }.filter(\.isThere)
                for (node, role) in [(master, "master")] + replicas.map({ ($0, "slave") }) {
                    groups.append(
                        TargetGroup(
                            target: "\(address.scheme)://\(TargetGroup.place(node.host, node.port))",
                            labels: [("role", role), ("sentinel_master", master.name)]))
                }
            }
            return groups
        }
    }

    // MARK: - Asking

    private struct Failure: Error {
        let text: String
    }

    private typealias Question = (
        ServerAddress, RedisConnection, ContinuousClock.Instant
    ) async throws(Failure) -> [TargetGroup]

    /// Asks the server of the request, or the own one.
    private func answer(_ request: HTTPRequest, _ ask: Question) async -> HTTPResponse {
        let address: ServerAddress
        let options: RedisOptions
        do throws(TargetGate.Refusal) { (address, options) = try seed(request) } catch { return error.response }
        let connection = RedisConnection(options)
        do throws(Failure) {
            let groups = try await ask(address, connection, .now.advanced(by: timeout))
            await connection.close()
            guard !groups.isEmpty else { return .text(500, "\(options): the answer names no server") }
            return TargetGroup.response(groups)
        } catch {
            await connection.close()
            return .text(500, error.text)
        }
    }

    private func seed(_ request: HTTPRequest) throws(TargetGate.Refusal) -> (ServerAddress, RedisOptions) {
        guard !request.parameters("target").isEmpty else {
            guard let own else { throw gate.refusal(400, "name a target: --redis.addr is empty") }
            return (own, gate.access.options(for: own, gate.access.module(for: own)))
        }
        guard takesTargets else { throw gate.refusal(403, "--disable-scrape-endpoint lets no request name a target") }
        let target = try gate.target(of: request)
        return (target.address, target.options)
    }

    /// The first reply.
    private static func value(
        _ replies: [CommandReply], _ noConnection: String, _ refused: String
    ) throws(Failure) -> RedisValue {
        switch replies.first?.result {
        case .success(let value): return value
        case .failure(let error):
            let isRefusal = [.server, .unsupported, .permission].contains(error.kind)
            throw Failure(text: "\(isRefusal ? refused : noConnection): \(error.message)")
        case nil: throw Failure(text: "\(noConnection): no reply")
        }
    }

    // MARK: - Nodes

    private func target(of node: ClusterNode, _ seed: ServerAddress) -> String {
        var host = usesHostnames && !node.hostname.isEmpty ? node.hostname : node.host
        // A node that has met no other does not know its own address; we do.
        if host.isEmpty { host = seed.host ?? "localhost" }
        return "\(seed.scheme)://\(TargetGroup.place(host, node.port))"
    }

    private func zones(
        of nodes: [ClusterNode], _ seed: ServerAddress, _ deadline: ContinuousClock.Instant
    ) async -> [String: String] {
        let asked = nodes.compactMap { node -> (id: String, options: RedisOptions)? in
            guard let address = try? ServerAddress(target: target(of: node, seed)), gate.allows(address) else {
                return nil
            }
            return (node.id, gate.access.options(for: address, gate.access.module(for: address)))
        }
        return await zones.zones(of: asked, until: min(deadline, .now.advanced(by: .seconds(3))))
    }
}
