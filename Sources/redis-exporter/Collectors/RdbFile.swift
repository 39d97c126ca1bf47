internal import ExporterKit
internal import RedisClient

/// Size of the snapshot file, looked up where `CONFIG GET` says it is: on a machine that shares the server's files only.
struct RdbFileCollector: QueryCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor(
        "rdb_file", "Size of the snapshot file on this machine.", enabledByDefault: false)
    private let config: ConfigQuestion
    private let size: MetricDescriptor

    init(_ namespace: String, config: ConfigQuestion) {
        self.config = config
        size = MetricDescriptor(
            "\(namespace)_rdb_current_size_bytes", "Bytes of the snapshot file; 0 when there is none.", kind: .gauge,
            unit: "bytes")
    }

    var metrics: [MetricDescriptor] { [size] }

    func questions(for server: RedisServer) -> [RedisCommand] { config.commands(for: server) }

    func decode(
        _ replies: [Reply<RedisValue>], from server: RedisServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        guard let reply = replies.first else { return }
        _ = try reply.list("CONFIG GET")
        guard let answer = ConfigReply(replies), let folder = answer.text("dir"), let name = answer.text("dbfilename"),
            !folder.isEmpty
        else { throw CollectorError(.decode, "CONFIG GET: the server does not tell dir and dbfilename") }
        // The server says where to look; it must not lead elsewhere than into its own directory.
        guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "/")), name != ".", name != ".." else {
            throw CollectorError(.decode, "dbfilename is \(name), which is no file name")
        }
        sink.add(size, try FileSize(folder + "/" + name).bytes)
    }
}
