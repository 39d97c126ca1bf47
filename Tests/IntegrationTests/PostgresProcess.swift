import Foundation
import Glibc
import Testing

/// A program that a test runs, with its output in files: what it wrote is whole as soon as it has ended.
final class PostgresProcess: Sendable {
    private let process: Process
    private let folder: URL

    /// - Parameters:
    ///   - program: `pg-exporter` from the build folder, or a name that `env` finds, or an absolute path.
    ///   - environment: all of it, but `PATH` and `HOME`.
    init(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("fleet-run-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        process = Process()
        let isOurs = program == "pg-exporter"
        let built = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        process.executableURL = isOurs ? built.appendingPathComponent(program) : URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = isOurs ? arguments : [program] + arguments
        let own = ProcessInfo.processInfo.environment.filter { ["PATH", "HOME"].contains($0.key) }
        process.environment = own.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try Self.file(folder, "out")
        process.standardError = try Self.file(folder, "err")
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: folder)
    }

    /// Runs a program to its end.
    ///
    /// - Returns: its standard output without white space around it.
    static func output(_ program: String, _ arguments: [String]) async throws -> String {
        let run = try PostgresProcess(program, arguments)
        try #require(await run.ended(within: .seconds(60)) == 0, "\(program): \(run.text("err"))")
        return run.text("out").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// - Returns: the exit status; `nil` when it still runs at the limit.
    func ended(within limit: Duration) async -> Int32? {
        let end = ContinuousClock.now + limit
        while process.isRunning {
            guard ContinuousClock.now < end else { return nil }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return process.terminationStatus
    }

    /// The port it says it listens on; started with port 0.
    func port() async throws -> Int {
        let pattern = /Listening on.*:(?<port>\d+)/
        for _ in 0..<600 {
            if let match = text("err").firstMatch(of: pattern) { return try #require(Int(match.port)) }
            try await Task.sleep(for: .milliseconds(25))
        }
        throw Failure(description: "it does not listen: \(text("err"))")
    }

    /// What it has written so far to `out` or `err`.
    func text(_ name: String) -> String {
        (try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)) ?? ""
    }

    var pid: pid_t { process.processIdentifier }

    func signal(_ number: Int32) { kill(pid, number) }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static func file(_ folder: URL, _ name: String) throws -> FileHandle {
        let url = folder.appendingPathComponent(name)
        try Data().write(to: url)
        return try FileHandle(forWritingTo: url)
    }
}

/// One HTTP request on a connection of its own, on a thread of its own.
struct PostgresHTTPAnswer: Sendable {
    let status: Int
    let seconds: Double
    let body: String

    static func get(_ port: Int, timeout: Int? = nil) async throws -> PostgresHTTPAnswer {
        let header = timeout.map { "X-Prometheus-Scrape-Timeout-Seconds: \($0)\r\n" } ?? ""
        let request = "GET /metrics HTTP/1.0\r\nHost: localhost\r\n\(header)\r\n"
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try exchange(request, port) })
            }
        }
    }

    private static func exchange(_ request: String, _ port: Int) throws -> PostgresHTTPAnswer {
        let began = ContinuousClock.now
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { Glibc.close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let isConnected = withUnsafeMutableBytes(of: &address) { bytes -> Bool in
            guard let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress else { return false }
            return connect(socket, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
        let bytes = Array(request.utf8)
        guard isConnected, send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw PostgresProcess.Failure(description: "cannot ask port \(port)")
        }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = recv(socket, &chunk, chunk.count, 0), count > 0 { answer += chunk[..<count] }
        let seconds = began.duration(to: .now) / .seconds(1)
        let text = String(decoding: answer, as: UTF8.self)
        guard let status = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw PostgresProcess.Failure(description: "no HTTP answer from port \(port)")
        }
        return PostgresHTTPAnswer(status: status, seconds: seconds, body: text)
    }
}
