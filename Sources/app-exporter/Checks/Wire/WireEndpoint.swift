internal import CurlClient
internal import ExporterCommand
internal import ExporterKit
internal import Glibc
internal import NIOCore

/// A host and a port, as a check names its target.
struct WireEndpoint: Sendable, Equatable, CustomStringConvertible {
    /// Name or address, without brackets.
    let host: String
    let port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `host:port`, `[address]:port`, or with a port to fall back to also `host` alone.
    init?(_ text: String, port fallback: Int? = nil) {
        var host = Substring(text)
        var port = fallback
        if let end = text.lastIndex(of: "]"), text.hasPrefix("[") {
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            if rest.hasPrefix(":") { port = Int(rest.dropFirst()) } else if !rest.isEmpty { return nil }
        } else if text.filter({ $0 == ":" }).count == 1, let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = Int(text[text.index(after: colon)...])
        }
        guard !host.isEmpty, let port, (1...65_535).contains(port), !host.contains(where: { " /@".contains($0) })
        else { return nil }
        self.init(host: String(host), port: port)
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// Why a conversation with a target came to nothing.
struct WireError: Error, Sendable {
    let outcome: CheckOutcome
    let reason: CollectorError.Reason
    /// Without the target, which the check adds.
    let text: String

    static func timeout(_ action: String) -> WireError {
        Task.isCancelled
            ? WireError(outcome: .error, reason: .cancelled, text: "nobody waits for it any more")
            : WireError(outcome: .timeout, reason: .timeout, text: "\(action) was not done in time")
    }

    static func failed(_ outcome: CheckOutcome, _ reason: CollectorError.Reason, _ text: String) -> WireError {
        WireError(outcome: outcome, reason: reason, text: text)
    }

    /// What the system said to an action.
    static func system(_ action: String, _ error: any Error) -> WireError {
        let words = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
        return WireError(outcome: .connect, reason: .connection, text: "\(action): \(words)")
    }
}

extension Verdict {
    /// - Parameter name: what was asked, such as `tcp host:port`.
    init(_ error: WireError, of name: String) {
        self = .failed(error.outcome, error.reason, "\(name): \(error.text)")
    }
}

extension YAMLNode {
    func endpoint(port fallback: Int? = nil) throws(ConfigurationError) -> WireEndpoint {
        let text = try string()
        guard let endpoint = WireEndpoint(text, port: fallback) else {
            throw error("\(label ?? "the value") must be host:port, not `\(text)`")
        }
        return endpoint
    }
}
