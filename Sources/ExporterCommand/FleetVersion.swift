/// The version of all exporters of the fleet; they are released together.
public enum FleetVersion {
    /// Semantic version.
    public static let current = "0.1.0-dev"
    /// Branch and revision of a release build; a build from a checkout does not know them.
    public static let branch = "unknown"
    /// Source revision, see `branch`.
    public static let revision = "unknown"

    /// Compiler of this build.
    public static var swift: String {
        #if compiler(>=6.4)
            "6.4"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }

    /// Operating system and processor as Go names them: `linux/amd64`.
    public static var platform: String { "\(system)/\(architecture)" }

    /// As Go names it.
    public static var system: String {
        #if os(Linux)
            "linux"
        #elseif os(macOS)
            "darwin"
        #else
            "unknown"
        #endif
    }

    /// As Go names it.
    public static var architecture: String {
        #if arch(x86_64)
            "amd64"
        #elseif arch(arm64)
            "arm64"
        #else
            "unknown"
        #endif
    }

    /// What `--version` prints, with a line feed at the end.
    static func text(for program: String) -> String {
        """
        \(program), version \(current) (branch: \(branch), revision: \(revision))
          swift version:    \(swift)
          platform:         \(platform)

        """
    }
}
