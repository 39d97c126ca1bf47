import Foundation
import Glibc
import PostgresClient
import Testing

@testable import pg_exporter

/// A PostgreSQL of a test's own, made and started by it: what is done to it disturbs nobody.
struct PostgresCluster {
    let port: Int
    private let server: FleetProcess

    var url: String { "postgresql://postgres@127.0.0.1:\(port)/postgres?sslmode=disable" }

    /// Makes a cluster, lets the test use it, and removes it.
    static func with(_ use: (PostgresCluster) async throws -> Void) async throws {
        let folder = try await run("mktemp", ["-d", "/tmp/fleet-pg-XXXXXX"])
        do {
            let cluster = try await PostgresCluster(folder)
            do { try await use(cluster) } catch {
                await cluster.end()
                throw error
            }
            await cluster.end()
        } catch {
            _ = try? await run("rm", ["-rf", folder])
            throw error
        }
        _ = try await run("rm", ["-rf", folder])
    }

    private init(_ folder: String) async throws {
        let binaries = try await FleetProcess.output("pg_config", ["--bindir"])
        _ = try await Self.run(
            "\(binaries)/initdb", ["-D", "\(folder)/data", "-U", "postgres", "-A", "trust", "--no-sync"])
        port = try unusedPort()
        let (program, arguments) = Self.asPostgres(
            "\(binaries)/postgres",
            [
                "-D", "\(folder)/data", "-p", "\(port)", "-k", folder, "-c", "listen_addresses=127.0.0.1", "-c",
                "fsync=off",
            ])
        server = try FleetProcess(program, arguments)
        let (ready, url) = (server, url)
        let isUp = try await eventually(within: .seconds(30)) {
            (try? await PostgresUnderTest.execute(["SELECT 1"], at: url)) != nil
        }
        try #require(isUp, "\(ready.standardError)")
    }

    private func end() async {
        signal(SIGCONT)
        server.signal(SIGQUIT)
        _ = try? await server.exitStatus(within: .seconds(20))
    }

    /// Signals the postmaster and all of its children.
    func signal(_ number: Int32) {
        for pid in [server.pid] + children() { kill(pid, number) }
    }

    /// Server processes of clients that came over TCP.
    func clientBackends() -> [pid_t] {
        children().filter { pid in
            let title = (try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)) ?? ""
            return title.contains("127.0.0.1(")
        }
    }

    func killBackends() {
        for pid in clientBackends() { kill(pid, SIGKILL) }
    }

    private func children() -> [pid_t] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap { pid_t($0) }.filter { pid in
            let status = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
            // "pid (name) state parent …"; the name may hold anything but a last ")".
            let fields = status.split(separator: ")").last?.split(separator: " ") ?? []
            return fields.count > 1 && pid_t(fields[1]) == server.pid
        }
    }

    /// The server refuses to run as root. `setpriv` becomes the program, so its process is the program's.
    private static func asPostgres(_ program: String, _ arguments: [String]) -> (String, [String]) {
        guard getuid() == 0 else { return (program, arguments) }
        return ("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", "--", program] + arguments)
    }

    private static func run(_ program: String, _ arguments: [String]) async throws -> String {
        let (program, arguments) = asPostgres(program, arguments)
        return try await FleetProcess.output(program, arguments)
    }
}

/// PostgreSQL stopped by SIGSTOP: it takes connections and says nothing.
@Suite(.serialized) struct PostgresStoppedTests {
    @Test func fiftyScrapesOfAStoppedServerKeepTheirTimeAndLeaveTwoBackends() async throws {
        try await PostgresCluster.with { cluster in
            let exporter = try FleetProcess(
                "pg-exporter", ["--web.listen-address=127.0.0.1:0"], environment: ["DATA_SOURCE_NAME": cluster.url])
            let port = try await exporter.port()
            #expect(try await PostgresHTTPAnswer.get(port).body.contains("\npg_up 1\n"))
            cluster.signal(SIGSTOP)
            let answers = try await withThrowingTaskGroup(of: PostgresHTTPAnswer.self) { group in
                for _ in 0..<50 { group.addTask { try await PostgresHTTPAnswer.get(port, timeout: 2) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.allSatisfy { $0.status == 200 })
            #expect(answers.allSatisfy { $0.seconds < 2 }, "\(answers.map(\.seconds).max() ?? 0)")
            #expect(cluster.clientBackends().count <= 2)
            cluster.signal(SIGCONT)
            let whole = try await PostgresHTTPAnswer.get(port, timeout: 2)
            #expect(whole.status == 200)
            #expect(whole.body.contains("\npg_up 1\n"))
            #expect(whole.body.contains("\npg_exporter_last_scrape_error 0\n"), "\(exporter.standardError)")
            #expect(try await eventually(within: .seconds(10)) { cluster.clientBackends().count <= 2 })
            exporter.signal(SIGTERM)
            _ = try? await exporter.exitStatus(within: .seconds(10))
        }
    }

    @Test func connectionThatTheServerNeverAcceptsIsAttemptedOnce() async throws {
        try await PostgresCluster.with { cluster in
            cluster.signal(SIGSTOP)
            let exporter = try PgExporterUnderTest(cluster.url)
            for _ in 0..<3 {
                let scrape = await exporter.scrape(within: .milliseconds(400))
                #expect(scrape.duration < .seconds(2))
                #expect(scrape.value("pg_up") == 0)
            }
            cluster.signal(SIGCONT)
            #expect(await exporter.scrape().failed == [])
            #expect(cluster.clientBackends().count == 1)
            #expect(exporter.log.lines.count == 2, "\(exporter.log.lines)")
            await exporter.close()
        }
    }

    @Test func crashedServerIsDownAndThenFoundAgain() async throws {
        try await PostgresCluster.with { cluster in
            let exporter = try PgExporterUnderTest(cluster.url)
            #expect(await exporter.scrape().failed == [])
            // A child that dies this way makes the postmaster end all sessions and recover.
            cluster.killBackends()
            let isWhole = try await eventually(within: .seconds(30)) {
                let scrape = await exporter.scrape()
                return scrape.value("pg_up") == 1 && scrape.failed == []
            }
            #expect(isWhole, "\(exporter.log.lines)")
            #expect(cluster.clientBackends().count == 1)
            await exporter.close()
        }
    }
}
