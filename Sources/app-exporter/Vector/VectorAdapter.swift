/// What the catalogues do not tell about an extension's access methods: what they keep count of, and how far they can be
/// trusted with a search.
enum VectorAdapter: Sendable, Equatable {
    /// Counts, reports and rechecks as the server expects: pgvector, `cube` with GiST, and whatever is not known better.
    case plain
    /// RuVector: keeps fewer statistics, and may answer anything but a nearest-neighbour search wrongly.
    case ruvector

    /// Chosen by the input type of the operator class and by the extension that owns it, never by the name of an index
    /// or an access method: both pgvector and RuVector call theirs `hnsw`.
    init(extension name: String, type: String, _ settings: RuVectorSettings) {
        self = name == "ruvector" || settings.types.contains(type) ? .ruvector : .plain
    }

    /// Whether searches are counted in `pg_stat_all_indexes`. A number that is not kept is not exposed.
    var countsScans: Bool { self == .plain }

    /// Rows that one search can give at most.
    var maximumRows: Int { self == .plain ? .max : 100 }

    /// Settings for statements that must not be answered by a vector index: there, RuVector gives no rows.
    var withoutIndex: [String: String] {
        switch self {
        case .plain: [:]
        case .ruvector: ["enable_indexscan": "off", "enable_indexonlyscan": "off", "enable_bitmapscan": "off"]
        }
    }

    /// The true distance in SQL, by the function and not the operator: the planner cannot answer it from an index.
    func exact(_ distance: VectorDistance, _ first: String, _ second: String) -> String {
        let call = "\(distance.function)(\(first), \(second))"
        // RuVector's operator gives the inner product itself, while its index sorts by the negative one.
        return self == .ruvector && distance.name == "<#>" ? "(-\(call))" : call
    }
}

/// An operator that orders by distance.
struct VectorDistance: Sendable, Equatable {
    /// `<->`
    let name: String
    /// `OPERATOR(schema.<->)`
    let sql: String
    /// The function behind it, with its schema.
    let function: String

    /// - Parameter list: lines of name, operator and function, separated by tabs.
    static func read(_ list: String) -> [VectorDistance] {
        list.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: "\t").map(String.init)
            return parts.count == 3 ? VectorDistance(name: parts[0], sql: parts[1], function: parts[2]) : nil
        }
    }
}

/// A version of RuVector's engine, in the order in which they came out: 2.0.1, 2.0.4, 0.3.0, 2.0.5.
struct RuVectorVersion: Comparable, Sendable, CustomStringConvertible {
    let description: String
    private let numbers: [Int]

    /// - Returns: `nil` for what does not begin with three numbers.
    init?(_ text: String) {
        let core = text.drop { $0 == "v" }.prefix { $0.isNumber || $0 == "." }
        let parts = core.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        let numbers = parts.compactMap(\.self)
        guard numbers.count == 3, parts.count == 3 else { return nil }
        self.init(numbers)
    }

    /// - Parameter numbers: three.
    init(_ numbers: [Int]) {
        self.numbers = numbers
        description = "\(numbers[0]).\(numbers[1]).\(numbers[2])"
    }

    /// The line 0.3 came between 2.0.4 and 2.0.5.
    private var rank: [Int] { isLate ? [2, 0, 4, 1, numbers[2]] : numbers + [0, 0] }
    private var isLate: Bool { numbers[0] == 0 && numbers[1] == 3 }

    static func < (left: RuVectorVersion, right: RuVectorVersion) -> Bool {
        left.rank.lexicographicallyPrecedes(right.rank)
    }

    static func == (left: RuVectorVersion, right: RuVectorVersion) -> Bool { left.rank == right.rank }

    /// Whether a search is known not to end the server. Within the line 0.3 the faults of 2.0.3 were mended by 0.3.2.
    ///
    /// - Parameter minimum: what the configuration asks for; one of the line 0.3 speaks for itself.
    func isSafe(minimum: RuVectorVersion) -> Bool {
        self >= minimum && (!isLate || minimum.isLate || numbers[2] >= 2)
    }
}

/// Whether searches may be made with an index.
enum SearchPermission: Sendable, Equatable {
    case granted
    /// Nobody asked for it.
    case notAsked
    case refused(String)
}

extension RuVectorSettings {
    /// Searches with RuVector need to be asked for, and a version that survives them.
    func permission(for index: VectorIndex) -> SearchPermission {
        guard index.adapter == .ruvector else { return .granted }
        guard probe else { return .notAsked }
        guard !force else { return .granted }
        let advice = "upgrade it, or take the risk with vector.ruvector.force: true"
        guard let text = index.engine, let version = RuVectorVersion(text) else {
            return .refused(
                "\(index.relation): the version of extension \(index.owner) is not known, and a search may end the server; "
                    + advice)
        }
        guard version.isSafe(minimum: minimum) else {
            return .refused(
                "\(index.relation): extension \(index.owner) \(version) is older than \(minimum), and a search may end "
                    + "the server; \(advice)")
        }
        return .granted
    }
}
