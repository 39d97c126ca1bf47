#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// What tells one state of some files from another without reading them: identity, size, times.
package struct FileStates: Sendable {
    private struct Stamp: Sendable, Equatable {
        let device: UInt
        let inode: UInt
        let size: Int
        let changes: [Int]
    }

    /// Two writes within one tick of the file system's clock look the same from outside.
    private static let tick = 100_000_000

    /// `nil` for a file that is not there.
    private let stamps: [Stamp?]
    private let isSettled: Bool

    /// The states now. Take them before reading: what is written in between is then seen next time.
    package init(of paths: [String]) {
        stamps = paths.map(Self.stamp)
        var clock = timespec()
        clock_gettime(CLOCK_REALTIME, &clock)
        let now = Self.nanoseconds(clock)
        isSettled = stamps.allSatisfy { stamp in
            stamp?.changes.allSatisfy { abs(now &- $0) > Self.tick } ?? true
        }
    }

    /// False when the files must be read again: they changed since, or may have without a trace.
    package func isStill(_ now: FileStates) -> Bool { isSettled && stamps == now.stamps }

    private static func stamp(_ path: String) -> Stamp? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Stamp(
            device: UInt(status.st_dev), inode: UInt(status.st_ino), size: Int(status.st_size),
            changes: [nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)])
    }

    private static func nanoseconds(_ time: timespec) -> Int { Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec) }

    /// Refuses what is no file, such as a pipe: opening it may wait for ever, and it cannot be read again.
    static func requireRegularFile(_ path: String) throws(ConfigurationError) {
        var status = stat()
        guard stat(path, &status) == 0 else { return }  // reading it will say why
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ConfigurationError(
                "not a regular file; it is read again while running, so a pipe will not do", at: path)
        }
    }
}
