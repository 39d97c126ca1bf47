internal import ExporterCommand
internal import ExporterKit

/// All custom queries of a moment, read and checked: a value that is replaced as a whole.
struct CustomQueries: Sendable {
    /// In the order in which they are asked.
    let queries: [CustomQuery]
    /// Files they were read from, in the order of reading.
    let files: [QueryFiles.Content]

    /// None.
    init() {
        queries = []
        files = []
    }

    /// Reads files and folders.
    ///
    /// - Throws: the first thing that is wrong in any of them, with file, line and column; then nothing counts.
    static func load(_ paths: [String]) throws(ConfigurationError) -> CustomQueries {
        try CustomQueries(try QueryFiles.read(paths))
    }

    /// Reads what was found.
    init(_ files: [QueryFiles.Content]) throws(ConfigurationError) {
        var queries: [CustomQuery] = []
        var places: [String: YAMLPosition] = [:]
        for file in files {
            for entry in try Self.entries(try YAMLDocument(bytes: file.bytes, name: file.path)) {
                if let first = places.updateValue(entry.position, forKey: entry.key) {
                    throw entry.error("the query \(entry.key) is there already, at \(first); rename or remove one")
                }
                queries.append(try QueryReader.read(entry))
            }
        }
        self.queries = queries.enumerated().sorted {
            ($0.element.priority, $0.offset) < ($1.element.priority, $1.offset)
        }
        .map(\.element)
        self.files = files
    }

    /// The same with another first word in the namespaces that begin with `pg`, as `--metric-prefix` asks for.
    func prefixed(_ prefix: String) -> CustomQueries {
        guard prefix != "pg" else { return self }
        let renamed = queries.map { query in
            guard query.namespace.hasPrefix("pg") else { return query }
            var query = query
            query.namespace = prefix + query.namespace.dropFirst(2)
            return query
        }
        return CustomQueries(queries: renamed, files: files)
    }

    private init(queries: [CustomQuery], files: [QueryFiles.Content]) {
        self.queries = queries
        self.files = files
    }

    /// Everything but what is skipped.
    var active: [CustomQuery] { queries.filter { !$0.isSkipped } }

    /// Every metric that a column promises, of several entries of one name the first.
    var descriptors: [MetricDescriptor] {
        var names: Set<String> = []
        return active.flatMap { query in query.columns.flatMap { $0.descriptors(in: query.namespace) } }
            .filter { names.insert($0.name).inserted }
    }

    /// The entries of a document, or of the documents that a ConfigMap of Kubernetes holds.
    private static func entries(_ document: YAMLDocument) throws(ConfigurationError) -> [YAMLEntry] {
        guard !document.root.isNull else { return [] }
        let entries = try document.root.entries()
        guard entries.contains(where: { $0.key == "apiVersion" }),
            let kind = entries.first(where: { $0.key == "kind" })
        else { return entries }
        guard try kind.value.string() == "ConfigMap", let data = entries.first(where: { $0.key == "data" }) else {
            throw kind.error("this is a resource of Kubernetes that holds no queries; give their file or a ConfigMap")
        }
        var inner: [YAMLEntry] = []
        for entry in try data.value.entries() {
            let position = entry.value.position
            // The lines of a block begin below its `|`: with as many empty ones before it, lines are those of the file.
            let padding = String(repeating: "\n", count: position.line)
            let text = padding + (try entry.value.string())
            inner += try Self.entries(try YAMLDocument(text: text, name: position.file))
        }
        return inner
    }
}
