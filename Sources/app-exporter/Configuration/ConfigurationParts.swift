internal import ExporterCommand

/// What each piece of work is configured by, as one number, so that a reload can tell what has changed.
///
/// Work is known by its name: what stands under this key in any section, the defaults, and every source that is named there.
struct ConfigurationParts: Sendable {
    private var whole = 0
    private var defaults = 0
    private var vector: Part?
    private var sources: [String: Int] = [:]
    private var entries: [String: [Part]] = [:]

    /// An entry of a section.
    private struct Part: Sendable {
        var text = 0
        /// Sources it names.
        var sources: [String] = []
    }

    /// Nothing configured.
    init() {}

    init(_ root: YAMLNode) {
        guard case .mapping(let sections) = root.content else { return }
        whole = Self.number(root)
        for section in sections where section.key == "sources" {
            for entry in section.value.members { sources[entry.key] = Self.number(entry.value) }
        }
        var common = Hasher()
        for section in sections where section.key != "sources" {
            switch section.key {
            case "defaults": common.combine(Self.number(section.value))
            case "vector": vector = part(section.value)
            default:
                for entry in section.value.members where entry.key == "defaults" {
                    common.combine(Self.number(entry.value))
                }
                for entry in section.value.members { entries[entry.key, default: []].append(part(entry.value)) }
            }
        }
        defaults = common.finalize()
    }

    /// Names of all sources.
    var sourceNames: Set<String> { Set(sources.keys) }

    /// What a source is configured by; `nil` when there is none of this name.
    func source(_ name: String) -> Int? { sources[name] }

    /// What work of this name is configured by. What is under no key of that name depends on the whole file.
    func work(_ name: String) -> Int {
        var parts = entries[name] ?? []
        if parts.isEmpty, let vector, name.hasPrefix("vector_") { parts = [vector] }
        guard !parts.isEmpty else { return whole }
        var hasher = Hasher()
        hasher.combine(defaults)
        for part in parts {
            hasher.combine(part.text)
            for source in part.sources { hasher.combine(sources[source]) }
        }
        return hasher.finalize()
    }

    private func part(_ node: YAMLNode) -> Part {
        Part(text: Self.number(node), sources: sources.keys.sorted().filter { node.mentions($0) })
    }

    private static func number(_ node: YAMLNode) -> Int {
        var hasher = Hasher()
        node.combine(into: &hasher)
        return hasher.finalize()
    }
}

extension YAMLNode {
    /// Keys and values; none when it is something else.
    fileprivate var members: [YAMLEntry] {
        if case .mapping(let entries) = content { entries } else { [] }
    }

    /// True when some text in it is just this.
    fileprivate func mentions(_ text: String) -> Bool {
        switch content {
        case .scalar(let scalar): scalar.text == text
        case .sequence(let items): items.contains { $0.mentions(text) }
        case .mapping(let entries): entries.contains { $0.value.mentions(text) }
        }
    }

    fileprivate func combine(into hasher: inout Hasher) {
        switch content {
        case .scalar(let scalar):
            hasher.combine(0)
            hasher.combine(scalar.text)
            hasher.combine(scalar.isPlain)
        case .sequence(let items):
            hasher.combine(1)
            hasher.combine(items.count)
            for item in items { item.combine(into: &hasher) }
        case .mapping(let entries):
            hasher.combine(2)
            hasher.combine(entries.count)
            for entry in entries {
                hasher.combine(entry.key)
                entry.value.combine(into: &hasher)
            }
        }
    }
}
