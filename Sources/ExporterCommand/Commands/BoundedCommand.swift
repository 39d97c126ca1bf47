#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// A program that is run for what it prints, within bounds of time and size.
struct BoundedCommand: Sendable {
    /// Program and arguments; not empty.
    let words: [String]
    let environment: [String: String]
    let timeout: Duration
    /// Most bytes of standard output.
    var mostOutput = 64 * 1024

    /// Runs it and blocks until it has ended, or its time is over.
    ///
    /// - Returns: its standard output.
    /// - Throws: in one line why there is none: its exit status and the first line of its standard error, never a byte of
    ///   its standard output.
    func run() throws(ConfigurationError) -> [UInt8] {
        let limit = ContinuousClock.now + timeout
        let process: SpawnedProcess
        do throws(SystemReason) {
            process = try SpawnedProcess(words, environment: environment)
        } catch {
            throw ConfigurationError("\(name) cannot be started: \(error.text); check the path and its permissions")
        }
        var output = Stream(process.output, most: mostOutput + 1)
        var complaints = Stream(process.complaints, most: 1024)
        while true {
            let status = process.ended()
            // What was printed before the end is in the pipes by now. A background process may hold them open for ever.
            output.drain()
            complaints.drain()
            if let status { return try result(status, output.kept, complaints.kept) }
            let isTooMuch = output.kept.count > mostOutput
            guard !isTooMuch, ContinuousClock.now < limit else {
                end(process)
                throw isTooMuch
                    ? ConfigurationError("\(name) printed more than \(mostOutput / 1024) KiB")
                    : ConfigurationError(
                        "\(name) did not end within \(DurationText.format(timeout))\(Self.said(complaints.kept))")
            }
            Self.wait(output, complaints, until: limit)
        }
    }

    /// As it may stand in a message: arguments may hold secrets.
    var name: String { Shown.clipped(words[0]) }

    private func result(_ status: Int32, _ output: [UInt8], _ complaints: [UInt8]) throws(ConfigurationError) -> [UInt8]
    {
        guard status != 0 else {
            guard output.count <= mostOutput else {
                throw ConfigurationError("\(name) printed more than \(mostOutput / 1024) KiB")
            }
            return output
        }
        // The macros of <sys/wait.h>: a signal stands in the low bits, an exit status above them.
        let signal = status & 0x7f
        let ending = signal == 0 ? "exit status \(status >> 8 & 0xff)" : "ended by signal \(signal)"
        throw ConfigurationError("\(name): \(ending)\(Self.said(complaints))")
    }

    /// Killed, it ends at once, or never when the system itself hangs: then nobody waits for it.
    private func end(_ process: borrowing SpawnedProcess) {
        process.killGroup()
        let limit = ContinuousClock.now + .seconds(1)
        while process.ended() == nil, ContinuousClock.now < limit { usleep(1_000) }
    }

    /// First line that says something, to follow what went wrong.
    private static func said(_ bytes: [UInt8]) -> String {
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        guard let line = lines.first(where: { $0.contains { !$0.isWhitespace } }) else { return "" }
        let text = String.UnicodeScalarView(line.prefix(200).unicodeScalars.map { TextSafety.isSafe($0) ? $0 : "?" })
        return ": \(String(text))"
    }

    private static func wait(_ output: Stream, _ complaints: Stream, until limit: ContinuousClock.Instant) {
        let open = [output, complaints].filter { !$0.isAtEnd }
        var entries = open.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        // The end of the process itself wakes nobody: it is looked for often when it is near, else now and then.
        let pause = open.isEmpty ? 2 : 50
        let left = ContinuousClock.now.duration(to: limit) / .milliseconds(1)
        poll(&entries, nfds_t(entries.count), Int32(max(1, min(left, Double(pause)))))
    }

    /// What comes out of one pipe; beyond the bound it is read and dropped.
    private struct Stream {
        let descriptor: Int32
        private let most: Int
        private(set) var kept: [UInt8] = []
        private(set) var isAtEnd = false

        init(_ descriptor: Int32, most: Int) {
            self.descriptor = descriptor
            self.most = most
        }

        /// Takes what is there. An endless talker is left after a while: whoever calls looks at the clock.
        mutating func drain() {
            var chunk = [UInt8](repeating: 0, count: 4096)
            for _ in 0..<64 where !isAtEnd {
                let count = read(descriptor, &chunk, chunk.count)
                if count < 0, errno == EINTR { continue }
                guard count != 0 else {
                    isAtEnd = true
                    return
                }
                guard count > 0 else { return }
                kept += chunk.prefix(min(count, most - kept.count))
            }
        }
    }
}
