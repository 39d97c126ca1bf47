internal import ExporterCommand
internal import Logging
internal import RedisClient
internal import Synchronization

/// Certificates and keys, read when they changed and shared by all connections that want the same. What is bad is not taken,
/// and what was good goes on.
final class TLSBook: Sendable {
    private struct Entry {
        var files: FileStates
        var context: RedisTLSContext
        var problem: RedisError?
    }

    private let logger: Logger
    private let entries = Mutex<[RedisTLS: Entry]>([:])

    init(_ logger: Logger) {
        self.logger = logger
    }

    /// What a connection needs now.
    ///
    /// - Throws: `.tls` naming the file, when there was no good one before.
    func context(for tls: RedisTLS) throws(RedisError) -> RedisTLSContext {
        var key = tls
        key.serverName = nil
        let now = FileStates(of: tls.paths)
        let (result, problem) = entries.withLock { entries -> (Result<RedisTLSContext, RedisError>, RedisError?) in
            let before = entries[key]
            if let before, before.files.isStill(now) { return (.success(before.context), nil) }
            do throws(RedisError) {
                let context = try RedisTLSContext(tls)
                entries[key] = Entry(files: now, context: context)
                return (.success(context), nil)
            } catch {
                guard var entry = before else { return (.failure(error), nil) }
                let isNews = entry.problem != error
                (entry.files, entry.problem) = (now, error)
                entries[key] = entry
                return (.success(entry.context), isNews ? error : nil)
            }
        }
        if let problem {
            logger.error("TLS cannot be loaded again; what was good goes on", metadata: ["err": "\(problem)"])
        }
        return try result.get()
    }
}
