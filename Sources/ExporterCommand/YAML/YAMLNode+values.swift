extension YAMLNode {
    /// The items.
    public func sequence() throws(ConfigurationError) -> [YAMLNode] {
        guard case .sequence(let items) = content else { throw expected("a list such as [a, b]") }
        return items
    }

    /// Keys and values with free keys, in file order.
    public func entries() throws(ConfigurationError) -> [YAMLEntry] {
        guard case .mapping(let entries) = content else { throw expected("keys with values") }
        return entries
    }

    /// A reader that refuses keys nobody asked for.
    ///
    /// - Parameter subject: what the mapping describes, for messages: `a source`, `the probe "api"`.
    public func mapping(_ subject: String) throws(ConfigurationError) -> YAMLMapping {
        YAMLMapping(try entries(), of: subject, at: position)
    }

    /// The text as written. Null is an error: `""` is the empty text.
    public func string() throws(ConfigurationError) -> String {
        guard case .scalar(let scalar) = content else { throw expected("text") }
        guard !scalar.isNull else { throw error("\(name) has no value; write one, or \"\" for the empty text") }
        guard !scalar.isBinary else { throw error("\(name) must be text; !!binary does not work here") }
        return scalar.text
    }

    /// Text as its bytes, or the bytes of a `!!binary`.
    public func bytes() throws(ConfigurationError) -> [UInt8] {
        guard case .scalar(let scalar) = content, scalar.isBinary else { return Array(try string().utf8) }
        let digits = scalar.text.utf8.filter { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
        guard let bytes = Credentials.decoded(base64: digits) else {
            throw error("\(name) is not base64, as !!binary has it")
        }
        return bytes
    }

    /// The items as texts.
    public func strings() throws(ConfigurationError) -> [String] {
        var texts: [String] = []
        for item in try sequence() { texts.append(try item.string()) }
        return texts
    }

    /// One of a few words, exactly as written in `words`.
    public func choice(of words: [String]) throws(ConfigurationError) -> String {
        let text = try string()
        if words.contains(text) { return text }
        let hint = Nearest.hint(text, among: words)
        throw error("\(name) must be one of \(words.joined(separator: ", ")), not \(shown(text))\(hint)")
    }

    /// `true` or `false`, unquoted.
    public func bool() throws(ConfigurationError) -> Bool {
        let text = try plainScalar("true or false")
        switch text {
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: break
        }
        switch text.lowercased() {
        case "yes", "on", "y": throw error("\(name) must be true or false, not \(shown(text)); write true")
        case "no", "off", "n": throw error("\(name) must be true or false, not \(shown(text)); write false")
        default: throw error("\(name) must be true or false, not \(shown(text))")
        }
    }

    /// A whole number in decimal digits.
    public func int(in range: ClosedRange<Int> = 0...Int.max) throws(ConfigurationError) -> Int {
        let text = try plainScalar("a whole number")
        guard let number = Int(text), !text.hasPrefix("+") else {
            throw error("\(name) must be a whole number, not \(shown(text))")
        }
        guard range.contains(number) else { throw error("\(name) must be \(rangeText(range)), not \(number)") }
        return number
    }

    /// A finite number.
    public func double() throws(ConfigurationError) -> Double {
        let text = try plainScalar("a number")
        guard text.first != "+", !text.lowercased().contains("x"), let number = Double(text), number.isFinite else {
            throw error("\(name) must be a number, not \(shown(text))")
        }
        return number
    }

    /// A time such as `250ms`, `15s`, `5m`, `6h`, `1m30s`, not less than `minimum`.
    public func duration(minimum: Duration = .zero) throws(ConfigurationError) -> Duration {
        let text = try string()
        guard let duration = DurationText.parse(text) else {
            throw error("\(name) must be a time such as 250ms, 15s or 1m30s, not \(shown(text))")
        }
        guard duration >= minimum else {
            throw error("\(name) must be at least \(DurationText.format(minimum)), not \(shown(text))")
        }
        return duration
    }

    /// Text that must not be printed: the text itself, `{ env: NAME }` or `{ file: /path }`.
    ///
    /// A relative path starts at the directory of the YAML file. What cannot be read now is an error now.
    public func secret() throws(ConfigurationError) -> Secret {
        guard case .mapping = content else { return Secret(try string()) }
        var map = try mapping(name)
        let variable = try map.optionalString("env")
        let file = try map.optionalString("file")
        try map.finish()
        let secret: Secret
        switch (variable, file) {
        case (let variable?, nil): secret = Secret(env: variable)
        case (nil, let file?): secret = Secret(file: resolved(file))
        default: throw error("\(name) must be text, { env: NAME } or { file: /path }")
        }
        do throws(ConfigurationError) { _ = try secret.value } catch { throw self.error("\(name): \(error)") }
        return secret
    }

    /// A secret that is kept elsewhere: `{ env: NAME }` or `{ file: /path }`. Empty text says that there is none.
    ///
    /// - Throws: also when it stands in the file itself; it is not repeated.
    public func keptSecret() throws(ConfigurationError) -> Secret {
        if case .mapping = content { return try secret() }
        guard try string().isEmpty else {
            throw error("\(name) must not stand in this file; write { env: NAME } or { file: /path }")
        }
        return Secret("")
    }

    /// A path as seen from the directory of the YAML file.
    public func path() throws(ConfigurationError) -> String { resolved(try string()) }

    // MARK: - Messages

    /// What messages call the node.
    var name: String { label ?? "the document" }

    private func resolved(_ path: String) -> String {
        guard !path.hasPrefix("/"), let slash = position.file.lastIndex(of: "/") else { return path }
        return position.file[...slash] + path
    }

    private func plainScalar(_ wanted: String) throws(ConfigurationError) -> String {
        guard case .scalar(let scalar) = content, !scalar.isNull else { throw expected(wanted) }
        guard scalar.isPlain else { throw error("\(name) must be \(wanted), not text; remove the quotes") }
        return scalar.text
    }

    private func expected(_ wanted: String) -> ConfigurationError {
        let found =
            switch content {
            case .scalar(let scalar): scalar.isNull ? "nothing" : "text"
            case .sequence: "a list"
            case .mapping: "keys with values"
            }
        return error("\(name) must be \(wanted), but there is \(found)")
    }

    private func shown(_ text: String) -> String { "`\(Shown.clipped(text))`" }

    private func rangeText(_ range: ClosedRange<Int>) -> String {
        range.upperBound == .max
            ? "at least \(range.lowerBound)" : "between \(range.lowerBound) and \(range.upperBound)"
    }
}
