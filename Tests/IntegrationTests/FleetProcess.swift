import Foundation
import Testing

/// A program that a test runs, ours as users run them. Its output goes to files: it is whole as soon as the program has ended.
final class FleetProcess: Sendable {
    private let process: Process
    private let folder: URL

    /// Starts it; it is killed when the object goes.
    ///
    /// - Parameters:
    ///   - program: one of our executables from the build folder, an absolute path, or a name that `env` finds.
    ///   - environment: all of it, but `PATH` and `HOME`.
    init(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("fleet-run-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        process = Process()
        process.executableURL = Self.executable(program)
        process.arguments = process.executableURL?.path == "/usr/bin/env" ? [program] + arguments : arguments
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
        let run = try FleetProcess(program, arguments)
        try #require(await run.exitStatus(within: .seconds(60)) == 0, "\(program): \(run.standardError)")
        return run.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The folder that holds this test's executable holds ours too.
    private static func executable(_ program: String) -> URL {
        if program.hasPrefix("/") { return URL(fileURLWithPath: program) }
        guard program.hasSuffix("-exporter") else { return URL(fileURLWithPath: "/usr/bin/env") }
        return URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent(program)
    }

    private static func file(_ folder: URL, _ name: String) throws -> FileHandle {
        let url = folder.appendingPathComponent(name)
        try Data().write(to: url)
        return try FileHandle(forWritingTo: url)
    }

    private func text(_ name: String) -> String {
        (try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)) ?? ""
    }

    var pid: pid_t { process.processIdentifier }
    /// What it has written so far.
    var standardOutput: String { text("out") }
    /// What it has complained of so far.
    var standardError: String { text("err") }

    /// Waits for the end.
    ///
    /// - Returns: the exit status; `nil` when it still runs after the limit.
    func exitStatus(within limit: Duration = .seconds(30)) async throws -> Int32? {
        guard try await eventually(within: limit, { !self.process.isRunning }) else { return nil }
        return process.terminationStatus
    }

    /// The port it listens on, from its own log line; start it with port 0.
    func port() async throws -> Int {
        let pattern = /Listening on.*:(?<port>\d+)/
        guard try await eventually(within: .seconds(15), { self.standardError.contains(pattern) }),
            let match = standardError.firstMatch(of: pattern), let port = Int(match.port)
        else { throw FleetError("it does not listen; it says: \(standardError)") }
        return port
    }

    func signal(_ number: Int32) { kill(pid, number) }
}

struct FleetError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Asks again and again until it is so.
///
/// - Returns: false when it is not so by the limit.
func eventually(within limit: Duration, _ condition: () async throws -> Bool) async throws -> Bool {
    let end = ContinuousClock.now.advanced(by: limit)
    while try await !condition() {
        guard ContinuousClock.now < end else { return false }
        try await Task.sleep(for: .milliseconds(25))
    }
    return true
}

/// What curl got.
struct CurlAnswer {
    let status: Int
    let seconds: Double
    let body: String
}

/// A request with the real curl.
func curl(_ url: String, _ options: [String] = [], limit: Duration = .seconds(60)) async throws -> CurlAnswer {
    let mark = "\n--curl--"
    let process = try FleetProcess(
        "/usr/bin/curl",
        ["--silent", "--show-error", "--write-out", mark + "%{http_code} %{time_total}"] + options + [url])
    let status = try await process.exitStatus(within: limit)
    let parts = process.standardOutput.components(separatedBy: mark)
    let figures = parts.last?.split(separator: " ") ?? []
    guard status == 0, parts.count == 2, figures.count == 2, let code = Int(figures[0]),
        let seconds = Double(figures[1])
    else { throw FleetError("curl \(url): exit status \(status.map(String.init) ?? "none"): \(process.standardError)") }
    return CurlAnswer(status: code, seconds: seconds, body: parts[0])
}
