/// Which commands get histograms and percentiles: `get,set,config|*`. A `*` at the end stands for any rest.
struct CommandFilter: Sendable {
    private let allowed: [Substring]
    private let denied: [Substring]

    /// Every command.
    static let all = CommandFilter(allowing: "", denying: "")

    /// - Parameters:
    ///   - allowed: names with commas between; empty for every command.
    ///   - denied: of those, names to leave out.
    init(allowing allowed: String, denying denied: String) {
        self.allowed = Self.names(allowed)
        self.denied = Self.names(denied)
    }

    func includes(_ command: some StringProtocol) -> Bool {
        if allowed.isEmpty, denied.isEmpty { return true }
        return (allowed.isEmpty || Self.any(of: allowed, matches: command)) && !Self.any(of: denied, matches: command)
    }

    private static func names(_ text: String) -> [Substring] {
        text.lowercased().split { $0 == "," || $0 == " " }
    }

    private static func any(of names: [Substring], matches command: some StringProtocol) -> Bool {
        names.contains { $0.last == "*" ? command.hasPrefix($0.dropLast()) : command == $0 }
    }
}
