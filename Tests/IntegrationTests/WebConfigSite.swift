import Foundation
import Testing

/// redis-exporter behind a `web.config.yml`, with certificates that `openssl` made for it. Its Redis is never there: a scrape
/// is `redis_up 0` and status 200.
final class WebConfigSite {
    /// The YAML and, beside it, `ca`, `server`, `client` (prom.example), `stranger` (another CA, same name): `.crt` and `.key`.
    let folder: URL
    private(set) var exporter: FleetProcess
    private(set) var port = 0

    /// Starts it.
    ///
    /// - Parameters:
    ///   - tls: lines of `tls_server_config` besides certificate and key; `nil` for no TLS.
    ///   - more: the rest of the file.
    init(tls: [String]?, _ more: String = "") async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("web-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        if tls != nil { try await Self.makeCertificates(in: folder) }
        try Data(Self.text(tls, more).utf8).write(to: folder.appendingPathComponent("web.yml"))
        exporter = try FleetProcess(
            "redis-exporter",
            [
                "-redis.addr", "redis://127.0.0.1:1", "--web.listen-address=127.0.0.1:0",
                "--web.config.file=\(folder.path)/web.yml",
            ])
        port = try await exporter.port()
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    static func text(_ tls: [String]?, _ more: String) -> String {
        guard let tls else { return more }
        let lines = ["cert_file: server.crt", "key_file: server.key"] + tls
        return "tls_server_config:\n" + lines.map { "  \($0)\n" }.joined() + more
    }

    /// Writes over a file as an editor or `cp` does.
    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }

    func read(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    /// Lines of the log with a message.
    func lines(_ message: String) -> [Substring] {
        exporter.standardError.split(separator: "\n").filter { $0.contains("msg=\"\(message)\"") }
    }

    /// Asks with curl over TLS.
    ///
    /// - Parameter client: whose certificate to show.
    /// - Throws: when there is no answer.
    func ask(
        _ path: String = "/-/healthy", as client: String? = nil, with options: [String] = []
    ) async throws -> CurlAnswer {
        var options = options + ["--cacert", "\(folder.path)/ca.crt"]
        if let client {
            options += ["--cert", "\(folder.path)/\(client).crt", "--key", "\(folder.path)/\(client).key"]
        }
        return try await curl(
            "https://localhost:\(port)\(path)", ["--resolve", "localhost:\(port):127.0.0.1"] + options)
    }

    /// What `openssl s_client` says of a handshake; `nil` when there was none.
    func handshake(_ options: [String]) async throws -> String? {
        let client = try FleetProcess(
            "openssl", ["s_client", "-connect", "127.0.0.1:\(port)", "-CAfile", "\(folder.path)/ca.crt"] + options)
        let status = try await client.exitStatus()
        return status == 0 ? client.standardOutput + client.standardError : nil
    }

    // MARK: - Certificates

    /// Made once, as files by their names.
    private static let certificates = Task {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("web-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let names = "DNS:prom.example,IP:10.0.0.1,IP:fd00::1,email:ops@example.org,URI:spiffe://example/prom"
        let commands = """
            for name in ca other; do
                openssl req -x509 $elliptic -keyout $name.key -out $name.crt -days 2 -subj /CN=$name
            done
            sign server ca DNS:localhost,IP:127.0.0.1 serverAuth
            sign client ca \(names) clientAuth
            sign stranger other \(names) clientAuth
            for number in 0 1 2 3 4 5 6 7; do sign next$number ca DNS:localhost,IP:127.0.0.1 serverAuth; done
            """
        _ = try await FleetProcess.output("/bin/sh", ["-ec", tools + commands, folder.path])
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try files.map { (name: $0.lastPathComponent, content: try Data(contentsOf: $0)) }
    }

    private static let tools = """
        cd "$0"
        elliptic="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        sign() {
            openssl req $elliptic -keyout $1.key -out $1.csr -subj /CN=$1
            printf 'subjectAltName=%s\nextendedKeyUsage=%s\n' "$3" "$4" >$1.ext
            openssl x509 -req -in $1.csr -CA $2.crt -CAkey $2.key -CAcreateserial -days 2 -extfile $1.ext -out $1.crt
        }

        """

    private static func makeCertificates(in folder: URL) async throws {
        for file in try await certificates.value {
            try file.content.write(to: folder.appendingPathComponent(file.name))
        }
    }
}
