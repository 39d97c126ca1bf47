/// Which servers may be connected to.
package struct AllowedTargets: Sendable {
    /// `HOST` for every port, or `HOST:PORT`, or the path of a socket; all may have `*` and `?`.
    private let patterns: [ShellPattern]

    /// - Parameter texts: none allows every server.
    package init(_ texts: [String]) {
        patterns = [ShellPattern](simple: texts)
    }

    /// True when there is no list, so that every server may be connected to.
    package var isEmpty: Bool { patterns.isEmpty }

    /// True when a pattern fits the host or `host:port`; without patterns always. An IPv6 address with its port stands in
    /// brackets.
    package func allows(host: String, port: some CustomStringConvertible) -> Bool {
        guard !patterns.isEmpty else { return true }
        return patterns.matches(host) || patterns.matches("\(host.contains(":") ? "[\(host)]" : host):\(port)")
    }

    /// True when a pattern that is itself a path fits. A socket is never allowed by accident: neither by `*` nor without a list.
    package func allows(socket path: String) -> Bool {
        patterns.contains { $0.description.hasPrefix("/") && $0.matches(path) }
    }
}
