import Glibc

/// What processes use, as the kernel counts it. Source: proc(5)
enum Usage {
    /// User and system CPU seconds of a process and everything that it or its children started and reaped.
    ///
    /// A database that forks a backend for each connection is counted whole: live backends by themselves, ended ones
    /// through the parent that reaped them. The kernel counts in nanoseconds and shows ticks of 10 ms, so differences
    /// over hundreds of scrapes are good to a few percent.
    static func cpuSeconds(tree pid: pid_t) -> Double {
        let live = descendants(of: pid).reduce(0.0) { $0 + (ticks(of: $1, withReaped: true) ?? 0) }
        return ((ticks(of: pid, withReaped: true) ?? 0) + live) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Bytes of memory that a process has.
    struct Memory {
        var resident = 0.0
        /// The part of it that is no copy of a file.
        var anonymous = 0.0
        /// The most that was ever resident.
        var peak = 0.0
    }

    /// What a process has now.
    static func memory(of pid: pid_t) -> Memory {
        var memory = Memory()
        for line in text(of: "/proc/\(pid)/status").split(separator: "\n") {
            let kibibytes = Double(line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first ?? "") ?? 0
            if line.hasPrefix("VmRSS:") { memory.resident = kibibytes * 1024 }
            if line.hasPrefix("RssAnon:") { memory.anonymous = kibibytes * 1024 }
            if line.hasPrefix("VmHWM:") { memory.peak = kibibytes * 1024 }
        }
        return memory
    }

    /// Starts the peak anew, from what is resident now. Source: proc_pid_clear_refs(5)
    static func forgetPeak(of pid: pid_t) {
        guard let file = fopen("/proc/\(pid)/clear_refs", "w") else { return }
        fputs("5", file)
        fclose(file)
    }

    /// Size of the running program's file, in bytes.
    static func executableBytes(of pid: pid_t) -> Double {
        var info = stat()
        return stat("/proc/\(pid)/exe", &info) == 0 ? Double(info.st_size) : .nan
    }

    /// Sockets that a process has open.
    static func sockets(of pid: pid_t) -> Int {
        guard let directory = opendir("/proc/\(pid)/fd") else { return 0 }
        defer { closedir(directory) }
        var count = 0
        var target = [CChar](repeating: 0, count: 64)
        while let entry = readdir(directory) {
            let length = withUnsafePointer(to: &entry.pointee.d_name) { name in
                readlinkat(dirfd(directory), UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self), &target, 63)
            }
            let text = target[..<max(0, length)].map { UInt8(bitPattern: $0) }
            if text.starts(with: "socket:".utf8) { count += 1 }
        }
        return count
    }

    /// Name of the running program's file.
    static func program(of pid: pid_t) -> String {
        var path = [CChar](repeating: 0, count: 4096)
        let length = max(0, readlink("/proc/\(pid)/exe", &path, path.count))
        let name = path[..<length].split(separator: CChar(47)).last ?? []
        return String(decoding: name.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func ticks(of pid: pid_t, withReaped: Bool) -> Double? {
        let stat = text(of: "/proc/\(pid)/stat")
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 14 else { return nil }
        return fields[11...(withReaped ? 14 : 12)].reduce(0.0) { $0 + (Double($1) ?? 0) }
    }

    private static func descendants(of pid: pid_t) -> [pid_t] {
        let children = text(of: "/proc/\(pid)/task/\(pid)/children").split(separator: " ").compactMap { pid_t($0) }
        return children + children.flatMap(descendants(of:))
    }

    private static func text(of path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
