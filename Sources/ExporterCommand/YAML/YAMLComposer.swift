/// Builds the tree of one document out of events, within `YAMLLimits`.
struct YAMLComposer: ~Copyable {
    /// A node and what it costs to follow an alias to it.
    private struct Composed {
        let node: YAMLNode
        /// Nodes in it, itself included.
        let size: Int
        /// Levels of it, itself included.
        let height: Int
    }

    private var parser: LibyamlParser
    private var anchors: [String: Composed] = [:]
    private var nodes = 0

    private init(_ parser: consuming LibyamlParser) {
        self.parser = parser
    }

    /// - Parameter file: for positions.
    static func compose(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> YAMLNode {
        guard bytes.count <= YAMLLimits.bytes else {
            throw ConfigurationError(
                "the file is larger than \(YAMLLimits.bytes / 1024) KiB; is it the right file?", at: file)
        }
        let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = bytes.starts(with: byteOrderMark) ? bytes.dropFirst(3) : bytes[...]
        try checkEncoding(text, file: file)
        var composer = YAMLComposer(try LibyamlParser(text, file: file))
        return try composer.document()
    }

    /// libyaml would take UTF-16 too, and would name no position.
    private static func checkEncoding(_ text: ArraySlice<UInt8>, file: String) throws(ConfigurationError) {
        guard String(validating: text, as: UTF8.self) == nil else { return }
        var valid = 0
        var decoder = UTF8()
        var iterator = text.makeIterator()
        while case .scalarValue(let scalar) = decoder.decode(&iterator) { valid += UTF8.width(scalar) }
        let place = TextPosition(before: valid, in: text)
        throw ConfigurationError("not UTF-8; save the file as UTF-8", at: "\(file):\(place.line):\(place.column)")
    }

    // MARK: - Structure

    private mutating func document() throws(ConfigurationError) -> YAMLNode {
        _ = try parser.next()
        let start = try parser.next()
        guard case .documentStart = start.kind else {
            let nothing = YAMLScalar(text: "", isPlain: true)
            return YAMLNode(content: .scalar(nothing), position: start.position, label: nil)
        }
        let root = try node(try parser.next(), label: nil, depth: 1)
        _ = try parser.next()
        let end = try parser.next()
        guard case .streamEnd = end.kind else {
            throw refused("a second document begins here; keep one document per file", at: end.position)
        }
        return root.node
    }

    private mutating func node(
        _ event: YAMLEvent, label: String?, depth: Int
    ) throws(ConfigurationError) -> Composed {
        guard depth <= YAMLLimits.depth else {
            throw refused("more than \(YAMLLimits.depth) levels; flatten the document", at: event.position)
        }
        if case .alias = event.kind { return try alias(event, label: label, depth: depth) }
        try count(1, at: event.position)
        let composed: Composed
        switch event.kind {
        case .sequenceStart: composed = try sequence(event, label: label, depth: depth)
        case .mappingStart: composed = try mapping(event, label: label, depth: depth)
        case .scalar(let scalar):
            let typed = try self.scalar(scalar, event)
            let node = YAMLNode(content: .scalar(typed), position: event.position, label: label)
            composed = Composed(node: node, size: 1, height: 1)
        default: throw refused("the document ends too early; check the indentation", at: event.position)
        }
        if let anchor = event.anchor { anchors[anchor] = composed }
        return composed
    }

    private mutating func sequence(
        _ start: YAMLEvent, label: String?, depth: Int
    ) throws(ConfigurationError) -> Composed {
        try checkTag(start, ["seq"])
        var items: [YAMLNode] = []
        var (size, height) = (1, 1)
        while true {
            let event = try parser.next()
            if case .sequenceEnd = event.kind { break }
            let name = "item \(items.count + 1)" + (label.map { " of \($0)" } ?? "")
            let item = try node(event, label: name, depth: depth + 1)
            items.append(item.node)
            (size, height) = (size + item.size, max(height, item.height + 1))
        }
        let node = YAMLNode(content: .sequence(items), position: start.position, label: label)
        return Composed(node: node, size: size, height: height)
    }

    private mutating func mapping(
        _ start: YAMLEvent, label: String?, depth: Int
    ) throws(ConfigurationError) -> Composed {
        try checkTag(start, ["map"])
        var entries: [YAMLEntry] = []
        var seen: [String: YAMLPosition] = [:]
        var (size, height) = (1, 1)
        while true {
            let event = try parser.next()
            if case .mappingEnd = event.kind { break }
            let key = try self.key(event)
            if let first = seen.updateValue(event.position, forKey: key) {
                let text = "the key \(Shown.clipped(key)) is given twice, first at \(first); remove one of them"
                throw refused(text, at: event.position)
            }
            let value = try node(try parser.next(), label: key, depth: depth + 1)
            entries.append(YAMLEntry(key: key, position: event.position, value: value.node))
            (size, height) = (size + value.size, max(height, value.height + 1))
        }
        let node = YAMLNode(content: .mapping(entries), position: start.position, label: label)
        return Composed(node: node, size: size, height: height)
    }

    // MARK: - Parts

    private func key(_ event: YAMLEvent) throws(ConfigurationError) -> String {
        guard case .scalar(let scalar) = event.kind, event.anchor == nil else {
            throw refused("a key must be text", at: event.position)
        }
        try checkTag(event, ["str"])
        if scalar.isPlain, scalar.text == "<<" {
            throw refused("merge keys are not supported; write the keys out", at: event.position)
        }
        return scalar.text
    }

    /// `!!str 5` is text; the other core tags say what the reader will ask for anyway.
    private func scalar(_ scalar: YAMLScalar, _ event: YAMLEvent) throws(ConfigurationError) -> YAMLScalar {
        try checkTag(event, ["str", "int", "float", "bool", "null", "binary"])
        switch event.tag {
        case nil: return scalar
        case "!", "tag:yaml.org,2002:str": return YAMLScalar(text: scalar.text, isPlain: false)
        case "tag:yaml.org,2002:binary": return YAMLScalar(text: scalar.text, isPlain: false, isBinary: true)
        default: return YAMLScalar(text: scalar.text, isPlain: true)
        }
    }

    private func checkTag(_ event: YAMLEvent, _ allowed: [String]) throws(ConfigurationError) {
        guard let tag = event.tag, tag != "!", !allowed.contains(where: { tag == "tag:yaml.org,2002:\($0)" }) else {
            return
        }
        throw refused("the tag \(Shown.clipped(tag)) is not supported here; remove it", at: event.position)
    }

    /// Shares the anchored node. Readers walk a shared node each time it is used, so each use counts.
    private mutating func alias(
        _ event: YAMLEvent, label: String?, depth: Int
    ) throws(ConfigurationError) -> Composed {
        let name = event.anchor ?? ""
        guard let target = anchors[name] else {
            throw refused("*\(Shown.clipped(name)) is not defined above; define it with &", at: event.position)
        }
        guard depth + target.height - 1 <= YAMLLimits.depth else {
            throw refused("more than \(YAMLLimits.depth) levels; flatten the document", at: event.position)
        }
        try count(target.size, at: event.position)
        let node = YAMLNode(content: target.node.content, position: target.node.position, label: label)
        return Composed(node: node, size: target.size, height: target.height)
    }

    private mutating func count(_ more: Int, at position: YAMLPosition) throws(ConfigurationError) {
        nodes += more
        guard nodes <= YAMLLimits.nodes else {
            throw refused(
                "more than \(YAMLLimits.nodes) values once aliases are followed; make it smaller", at: position)
        }
    }

    private func refused(_ text: String, at position: YAMLPosition) -> ConfigurationError {
        ConfigurationError(text, at: position.description)
    }
}
