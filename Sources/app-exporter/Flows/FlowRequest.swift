internal import CurlClient
internal import ExporterCommand

extension FlowStep {
    /// How messages name it: as it is written in the file, without query. Values of variables never appear.
    func shownName(base: String) -> String {
        var shown = ""
        for piece in place.pieces {
            switch piece {
            case .text(let text): shown += text
            case .variable(let name): shown += "{\(name)}"
            }
        }
        shown = String(shown.prefix { $0 != "?" && $0 != "#" })
        let isWhole = shown.hasPrefix("http://") || shown.hasPrefix("https://") || shown.hasPrefix("{")
        return "\(method.rawValue) \(isWhole ? shown : Self.joined(base, shown))"
    }

    /// The request.
    ///
    /// - Throws: also when a variable leads to another host than the base's.
    func call(of flow: FlowConfiguration, with values: FlowVariables) throws(FlowTrouble) -> HTTPCall {
        let base: String
        do throws(ConfigurationError) { base = try flow.base.value } catch { throw .secret("\(error)") }
        let (url, isAtHome, stray) = try address(base: base, with: values)
        if let stray { throw .astray(stray) }
        var call = HTTPCall(url)
        call.method = method
        call.name = shownName(base: flow.target)
        call.maximumRedirects = maximumRedirects
        call.maximumBodyBytes = flow.maximumBodyBytes
        call.usesFreshConnection = true
        if isAtHome {
            do throws(ConfigurationError) { try flow.access.apply(to: &call) } catch { throw .secret("\(error)") }
        } else {
            call.tls = flow.access.tls
        }
        call.body = try body?.bytes(with: values)
        for header in headers {
            call.headers.removeAll { $0.name.lowercased() == header.name.lowercased() }
            call.headers.append((header.name, try header.value.expanded(with: values)))
        }
        if let type = body?.contentType, !call.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            call.headers.append(("Content-Type", type))
        }
        switch credentials {
        case .basic(let user, let password):
            call.credentials = .basic(
                user: try user.expanded(with: values), password: try password.expanded(with: values))
        case .bearer(let token): call.credentials = .bearer(try token.expanded(with: values))
        case nil: break
        }
        return call
    }

    /// - Returns: the URL, whether it is at the base's host, and the variable that leads away from it.
    private func address(
        base: String, with values: FlowVariables
    ) throws(FlowTrouble) -> (url: String, isAtHome: Bool, stray: String?) {
        // A variable at the beginning may be a whole path or URL, such as the Location of what was made; elsewhere it is
        // one piece of a path or query.
        var text = ""
        for (index, piece) in place.pieces.enumerated() {
            switch piece {
            case .text(let part): text += part
            case .variable(let name):
                let value = try FlowTrouble.from { () throws(FlowVariables.Missing) in try values[name].text }
                text += index == 0 ? value : PercentText.encoded(value)
            }
        }
        let isWhole = text.hasPrefix("http://") || text.hasPrefix("https://")
        do throws(CurlError) {
            let home = try HTTPTarget(base)
            var url = isWhole ? text : Self.joined(base, text)
            var leader: String?
            if case .variable(let name)? = place.pieces.first {
                leader = name
                if !isWhole { url = "\(home.scheme)://\(home.host):\(home.port)\(text)" }
            }
            let isAtHome = try HTTPTarget(url).hasOrigin(of: home)
            let isStray = !isAtHome || !(isWhole || text.hasPrefix("/"))
            return (url, isAtHome, isStray ? leader : nil)
        } catch {
            throw .address
        }
    }

    private static func joined(_ base: String, _ path: String) -> String {
        (base.hasSuffix("/") ? String(base.dropLast()) : base) + path
    }
}
