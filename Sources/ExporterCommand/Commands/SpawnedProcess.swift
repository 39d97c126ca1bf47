internal import CExporterCommand

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// One other program, started without a shell, with two pipes to what it prints; in a process group of its own, so that
/// whatever it starts can be ended with it.
struct SpawnedProcess: ~Copyable {
    private let identifier: pid_t
    /// Read end of its standard output, which never blocks.
    let output: Int32
    /// That of its standard error.
    let complaints: Int32

    /// - Parameters:
    ///   - words: program, looked up in `PATH` unless it has a slash, and its arguments; not empty.
    ///   - environment: all that it gets.
    /// - Throws: the system's reason.
    init(_ words: [String], environment: [String: String]) throws(SystemReason) {
        let arguments = words.map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var identifier = pid_t()
        var output: Int32 = -1
        var complaints: Int32 = -1
        let code = CExporterCommand_spawn(arguments, variables, &output, &complaints, &identifier)
        guard code == 0 else { throw SystemReason(code) }
        self.identifier = identifier
        self.output = output
        self.complaints = complaints
    }

    deinit {
        close(output)
        close(complaints)
    }

    /// Ends it and all that it started. Only while it has not been waited for: later the number may be somebody else's.
    func killGroup() { _ = kill(-identifier, SIGKILL) }

    /// Its wait status, once it has ended; asked again after that it would wait for a stranger.
    func ended() -> Int32? {
        var status: Int32 = 0
        return waitpid(identifier, &status, WNOHANG) == identifier ? status : nil
    }
}

/// Why the system did not do something, in its own words.
struct SystemReason: Error {
    let text: String

    init(_ code: Int32) { text = String(cString: strerror(code)) }
}
