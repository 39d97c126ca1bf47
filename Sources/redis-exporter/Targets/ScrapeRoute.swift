internal import ExporterCommand
internal import ExporterKit
internal import RedisClient

/// `/scrape?target=…`: scrapes a server that the request names.
final class ScrapeRoute: Sendable {
    /// Everything that makes one scrape differ from another.
    private struct Key: Hashable {
        let address: ServerAddress
        let module: String?
        let serverName: String?
        let keys: KeyRequest
        let generation: Int
    }

    private let gate: TargetGate
    private let factory: ServerFactory
    private let book: TargetBook<Key>

    /// - Parameter limit: most servers that connections are kept to.
    init(_ gate: TargetGate, _ factory: ServerFactory, limit: Int) {
        self.gate = gate
        self.factory = factory
        book = TargetBook(limit: limit)
    }

    /// Closes connections that are not used any more, until the task is cancelled.
    func sweep() async { await book.sweep() }

    /// Closes every connection.
    func close() async { await book.close() }

    /// Answers a request: 400 for one that cannot be understood, 403 for a server that may not be asked, 503 when too many
    /// are asked just now, else 200, also for a server that is down.
    @Sendable func respond(to request: HTTPRequest) async -> HTTPResponse {
        let target: TargetGate.Target
        let keys: KeyRequest
        do throws(TargetGate.Refusal) {
            target = try gate.target(of: request)
            keys = try self.keys(of: request)
        } catch { return error.response }
        let key = Key(
            address: target.address, module: target.module?.name, serverName: target.options.tls?.serverName,
            keys: keys, generation: target.generation)
        let answer = await book.use(
            key,
            make: {
                factory.target(target.options, keys: keys, also: RequestErrors(factory.options.namespace))
            },
            { await $0.respond(to: request) })
        return answer ?? .text(503, "too many targets are being scraped; allow more with --scrape.max-targets")
    }

    private func keys(of request: HTTPRequest) throws(TargetGate.Refusal) -> KeyRequest {
        do throws(KeyName.Malformed) { return try KeyRequest(request) } catch {
            throw gate.refusal(400, error.description)
        }
    }
}
