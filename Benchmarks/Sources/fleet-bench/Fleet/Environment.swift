import Glibc

/// What `scripts/bench` and `scripts/servers` say in variables.
enum Environment {
    static func variable(_ name: String) throws -> String {
        guard let value = getenv(name) else { throw BenchError("\(name) is not set: run `make bench`") }
        return String(cString: value)
    }

    static func pid(_ name: String) throws -> pid_t {
        guard let pid = pid_t(try variable(name)) else { throw BenchError("\(name) is not a process number") }
        return pid
    }
}

/// A server's URL, with an authority and a port.
struct ServerURL {
    let text: String

    init(_ variable: String) throws {
        text = try Environment.variable(variable)
        guard port != nil else { throw BenchError("\(variable) has no port") }
    }

    private init(text: String) { self.text = text }

    var port: UInt16? { portRange.flatMap { UInt16(text[$0]) } }

    /// The same server behind another port.
    func moved(to port: UInt16) -> String {
        guard let range = portRange else { return text }
        return text[..<range.lowerBound] + String(port) + text[range.upperBound...]
    }

    /// Another database of the same server.
    func database(_ name: String) -> ServerURL {
        guard let end = portRange?.upperBound else { return self }
        let options = text[end...].firstIndex(of: "?") ?? text.endIndex
        return ServerURL(text: text[..<end] + "/" + name + text[options...])
    }

    /// The digits behind the last colon of the authority.
    private var portRange: Range<String.Index>? {
        let start = text.firstRange(of: "://")?.upperBound ?? text.startIndex
        let end = text[start...].firstIndex(of: "/") ?? text.endIndex
        return text[start..<end].lastIndex(of: ":").map { text.index(after: $0)..<end }
    }
}
