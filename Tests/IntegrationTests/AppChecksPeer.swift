import ExporterKitTesting
import Foundation
import Glibc
import Testing

/// Debian's blackbox_exporter and dnsmasq, as processes of a test.
final class CheckPeers {
    private let blackbox: FleetProcess
    private let nameServer: FleetProcess
    private let folder: URL
    private let port: Int
    let nameServerPort: Int

    /// - Parameter modules: of blackbox_exporter, as its file has them.
    init(_ modules: String) async throws {
        let servers = FleetServers()
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("peers-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent("blackbox.yml")
        try Data("modules:\n\(modules)".utf8).write(to: file)
        let ports = try Self.freePorts(2)
        (port, nameServerPort) = (ports[0], ports[1])
        blackbox = try FleetProcess(
            servers("FLEET_BLACKBOX_EXPORTER"),
            ["--config.file=\(file.path)", "--web.listen-address=127.0.0.1:\(port)"])
        // dnsmasq closes what it inherits, by which Foundation would take it for ended and wait for it, deaf to every other
        // process: a shell stands between.
        nameServer = try FleetProcess(
            "/bin/sh",
            [
                "-c", "\"$@\" & wait", "sh", servers("FLEET_DNSMASQ"),
                "--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null", "--user=root",
                "--pid-file=\(folder.path)/dnsmasq.pid", "--port=\(nameServerPort)", "--listen-address=127.0.0.1",
                "--bind-interfaces",
                "--local=/test.example/", "--host-record=www.test.example,192.0.2.10",
                "--host-record=mail.test.example,192.0.2.25", "--mx-host=test.example,mail.test.example,10",
                "--cname=web.test.example,www.test.example", "--srv-host=_x._tcp.test.example,www.test.example,80",
                "--txt-record=test.example,v=spf1 -all",
            ] + (1...40).map { "--host-record=many.test.example,192.0.2.\($0)" })
        let url = "http://127.0.0.1:\(port)/-/healthy"
        let isUp = try await eventually(within: .seconds(20)) {
            (try? await curl(url, ["--max-time", "2"]).status) == 200
        }
        try #require(isUp, "blackbox_exporter: \(blackbox.standardError)")
    }

    deinit {
        blackbox.signal(SIGKILL)
        let file = folder.appendingPathComponent("dnsmasq.pid")
        let text = try? String(contentsOf: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        if let pid = text.flatMap({ pid_t($0) }) { kill(pid, SIGKILL) }
        nameServer.signal(SIGKILL)
        try? FileManager.default.removeItem(at: folder)
    }

    /// Different ports that nobody has: all are taken before one is given back.
    private static func freePorts(_ count: Int) throws -> [Int] {
        let sockets = (0..<count).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
        defer { sockets.forEach { close($0) } }
        return try sockets.map { socket in
            var address = sockaddr_in.loopback(0)
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isBound = address.withPointer { bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0 }
            try #require(isBound)
            return Int(in_port_t(bigEndian: address.sin_port))
        }
    }

    /// What blackbox_exporter finds: values by metric, where it has no labels.
    func probe(_ module: String, _ target: String) async throws -> [String: Double] {
        let answer = try await curl(
            "http://127.0.0.1:\(port)/probe",
            ["--get", "--data-urlencode", "module=\(module)", "--data-urlencode", "target=\(target)"])
        let samples = try Exposition(parsing: answer.body).samples
        return Dictionary(samples.map { ($0.series, $0.value) }) { _, last in last }
    }
}
