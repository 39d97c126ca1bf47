import Foundation
import Synchronization
import Testing

/// One of our executables, run as users run it: from the build folder, by its flags and environment.
final class FleetProcess: Sendable {
    private let process: Process
    private let output = Mutex(Data())
    private let errors = Mutex(Data())

    /// Starts it; it is killed when the object goes.
    ///
    /// - Parameters:
    ///   - program: `pg-exporter`, or an absolute path.
    ///   - environment: all of it, but `PATH` and `HOME`.
    init(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        process = Process()
        process.executableURL = program.hasPrefix("/") ? URL(fileURLWithPath: program) : Self.built(program)
        process.arguments = arguments
        let own = ProcessInfo.processInfo.environment.filter { ["PATH", "HOME"].contains($0.key) }
        process.environment = own.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        capture(\.standardOutput) { data in self.output.withLock { $0 += data } }
        capture(\.standardError) { data in self.errors.withLock { $0 += data } }
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// The folder that holds this test's executable holds ours too.
    private static func built(_ program: String) -> URL {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent(program)
    }

    private func capture(
        _ stream: ReferenceWritableKeyPath<Process, Any?>, _ store: @escaping @Sendable (Data) -> Void
    ) {
        let pipe = Pipe()
        pipe.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil } else { store(data) }
        }
        process[keyPath: stream] = pipe
    }

    var pid: pid_t { process.processIdentifier }
    var standardOutput: String { String(decoding: output.withLock { $0 }, as: UTF8.self) }
    var standardError: String { String(decoding: errors.withLock { $0 }, as: UTF8.self) }

    /// Waits for the end.
    ///
    /// - Returns: the exit status; `nil` when it still runs after the limit.
    func exitStatus(within limit: Duration = .seconds(30)) async throws -> Int32? {
        guard try await eventually(within: limit, { !self.process.isRunning }) else { return nil }
        try await Task.sleep(for: .milliseconds(50))  // the pipes' last bytes
        return process.terminationStatus
    }

    /// The port it listens on, from its own log line; start it with port 0.
    func port() async throws -> Int {
        let pattern = /Listening on"? .*address"?[=:]"?[^ "]*:(?<port>\d+)/
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
