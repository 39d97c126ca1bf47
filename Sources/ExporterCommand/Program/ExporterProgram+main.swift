internal import ExporterKit
internal import NIOCore

extension ExporterProgram {
    /// Does what the command line asks for and exits: 0 when all went well, 1 for a bad configuration or a socket that cannot
    /// be had, 2 for a bad flag.
    ///
    /// `@concurrent`, because the compiler accepts no caller-isolated function as the entry point.
    @concurrent public static func main() async {
        // A reader that went away is an error of one write, never the end of the program.
        signal(SIGPIPE, SIG_IGN)
        raiseFileLimit()
        // One thread for all sockets: what an answer needs of a server comes to the thread that makes the answer.
        NIOSingletons.groupLoopCountSuggestion = 1
        let run = ProgramRun<Self>(
            arguments: Array(CommandLine.arguments.dropFirst()), environment: processEnvironment())
        exit(await run.run())
    }

    /// Reads a command line as `main()` does, for tests of a program's flags.
    ///
    /// - Parameter arguments: without the program's own name.
    public static func parse(
        _ arguments: [String], environment: [String: String] = [:]
    ) throws(UsageError) -> FlagValues {
        try CommonFlags.all(of: Self.self).parse(arguments, environment: environment)
    }

    /// The collectors that run with these flags.
    public static func enabledCollectors(_ flags: FlagValues) -> Set<String> {
        let onlyAsked = !collectors.isEmpty && flags.bool("collector.disable-defaults")
        let names = collectors.map(\.descriptor.name)
        return Set(
            names.filter { name in
                let flag = "collector.\(name)"
                return flags.bool(flag) && (flags.isSet(flag) || !onlyAsked)
            })
    }
}

/// Takes as many open files as the system allows, as programs in Go do: the soft limit is often 1,024, which is fewer than
/// an exporter of many servers may have connections.
private func raiseFileLimit() {
    var limit = rlimit()
    let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(files, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(files, &limit)
}

/// The variables of this process. Of a name that is there twice the first counts, as for `getenv`.
private func processEnvironment() -> [String: String] {
    var variables: [String: String] = [:]
    var next = environ
    while let entry = next.pointee {
        let text = String(cString: entry)
        if let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) {
            let name = String(text[..<equals])
            if variables[name] == nil { variables[name] = String(text[equals...].dropFirst()) }
        }
        next += 1
    }
    return variables
}

#if canImport(Glibc)
    @preconcurrency internal import Glibc
#elseif canImport(Musl)
    @preconcurrency internal import Musl
#endif
