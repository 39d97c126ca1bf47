internal import Glibc

/// The standard metrics about the own process, read from `/proc/self` at each scrape.
/// Source: https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
public struct ProcessMetrics: MetricSource {
    private let startTime: Double?

    /// Reads once when the process began.
    public init() {
        startTime = Self.startTime()
    }

    /// Yes: it reads memory of the kernel.
    public var answersAtOnce: Bool { true }

    /// What the kernel says now; what cannot be read is left out.
    public func families(for request: ScrapeRequest) async -> [MetricFamily] {
        var sink = MetricSink()
        sink.add(Self.startTimeSeconds, startTime)
        if let stat = ProcStat() {
            sink.add(Self.cpuSeconds, stat.cpuSeconds)
            sink.add(Self.virtualBytes, stat.virtualBytes)
            sink.add(Self.residentBytes, stat.residentBytes)
        }
        sink.add(Self.openFiles, Self.countOpenFiles())
        sink.add(Self.maxFiles, Self.limit(RLIMIT_NOFILE))
        sink.add(Self.virtualMaxBytes, Self.limit(RLIMIT_AS))
        return sink.families
    }

    /// Every family of this source.
    public static let descriptors: [MetricDescriptor] = [
        cpuSeconds, residentBytes, virtualBytes, virtualMaxBytes, openFiles, maxFiles, startTimeSeconds,
    ]

    private static let cpuSeconds = MetricDescriptor(
        "process_cpu_seconds_total", "User and system CPU time of this process.", kind: .counter)
    private static let residentBytes = MetricDescriptor(
        "process_resident_memory_bytes", "Resident memory of this process.", kind: .gauge, unit: "bytes")
    private static let virtualBytes = MetricDescriptor(
        "process_virtual_memory_bytes", "Virtual memory of this process.", kind: .gauge, unit: "bytes")
    private static let virtualMaxBytes = MetricDescriptor(
        "process_virtual_memory_max_bytes", "Most virtual memory this process may have; 2^64 for no limit.",
        kind: .gauge, unit: "bytes")
    private static let openFiles = MetricDescriptor(
        "process_open_fds", "File descriptors this process has open.", kind: .gauge)
    private static let maxFiles = MetricDescriptor(
        "process_max_fds", "Most file descriptors this process may have open.", kind: .gauge)
    private static let startTimeSeconds = MetricDescriptor(
        "process_start_time_seconds", "When this process began, as seconds since 1970.", kind: .gauge, unit: "seconds")

    /// Boot time plus the ticks from boot to the start of the process.
    private static func startTime() -> Double? {
        guard let stat = ProcStat(), let system = ProcFile.read("/proc/stat") else { return nil }
        let lines = String(decoding: system, as: UTF8.self).split(separator: "\n")
        let boot = lines.first { $0.hasPrefix("btime ") }?.split(separator: " ").last
        guard let boot, let seconds = Double(boot) else { return nil }
        return seconds + stat.startSecondsAfterBoot
    }

    /// Entries of `/proc/self/fd` but `.`, `..` and the one that reads the directory.
    private static func countOpenFiles() -> Double? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = -3
        while readdir(directory) != nil { count += 1 }
        return Double(max(0, count))
    }

    private static func limit(_ resource: __rlimit_resource) -> Double? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else { return nil }
        return Double(limit.rlim_cur)
    }
}

/// The fields of `/proc/self/stat` that matter here. Source: proc(5)
private struct ProcStat {
    let cpuSeconds: Double
    let startSecondsAfterBoot: Double
    let virtualBytes: Double
    let residentBytes: Double

    init?() {
        guard let bytes = ProcFile.read("/proc/self/stat"), let end = bytes.lastIndex(of: UInt8(ascii: ")")) else {
            return nil
        }
        // Field 2, the name, may contain spaces; what follows it starts with field 3. All that matter here are counts.
        var fields: [Double] = []
        fields.reserveCapacity(56)
        var digits: UInt64 = 0
        for byte in bytes[(end + 2)...] {
            if byte == UInt8(ascii: " ") {
                fields.append(Double(digits))
                digits = 0
            } else if MetricNames.isDigit(byte) {
                digits = digits &* 10 &+ UInt64(byte &- UInt8(ascii: "0"))
            }
        }
        guard fields.count > 21 else { return nil }
        let (user, system, start, virtual, pages) = (fields[11], fields[12], fields[19], fields[20], fields[21])
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        cpuSeconds = (user + system) / ticks
        startSecondsAfterBoot = start / ticks
        virtualBytes = virtual
        residentBytes = pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }
}

/// Small files of the proc file system.
private enum ProcFile {
    static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < 1 << 20 {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
            // The kernel gives as much as there is.
            if count < chunk.count { break }
        }
        return bytes
    }
}
