/// A pattern as steps that are all followed at the same time, one character after the other.
struct PatternProgram: Sendable {
    enum Step: Sendable {
        case one(PatternClass)
        case start, end
        case boundary(isBoundary: Bool)
        case split(Int, Int)
        case jump(Int)
        case match
    }

    /// `(a{1000}){1000}` would be a million steps.
    static let mostSteps = 20_000

    private(set) var steps: [Step]
    /// Nodes added so far: repetitions of nothing make no steps, but work.
    private var additions = 0

    init(steps: [Step]) {
        self.steps = steps
    }

    /// - Throws: when repetitions inside of each other make it too large.
    init(_ node: PatternNode) throws(PatternError) {
        steps = []
        try add(node)
        steps.append(.match)
    }

    private mutating func add(_ node: PatternNode) throws(PatternError) {
        additions += 1
        guard steps.count < Self.mostSteps, additions < Self.mostSteps else {
            throw PatternError(message: "its repetitions make it too large")
        }
        switch node {
        case .empty: break
        case .one(let set): steps.append(.one(set))
        case .start: steps.append(.start)
        case .end: steps.append(.end)
        case .boundary(let isBoundary): steps.append(.boundary(isBoundary: isBoundary))
        case .sequence(let nodes): for node in nodes { try add(node) }
        case .either(let nodes): try add(either: nodes[...])
        case .times(let node, let least, let most): try add(node, least: least, most: most)
        }
    }

    private mutating func add(either nodes: ArraySlice<PatternNode>) throws(PatternError) {
        guard let first = nodes.first else { return }
        guard nodes.count > 1 else { return try add(first) }
        let split = steps.count
        steps.append(.split(split + 1, 0))
        try add(first)
        let jump = steps.count
        steps.append(.jump(0))
        steps[split] = .split(split + 1, steps.count)
        try add(either: nodes.dropFirst())
        steps[jump] = .jump(steps.count)
    }

    private mutating func add(_ node: PatternNode, least: Int, most: Int?) throws(PatternError) {
        for _ in 0..<least { try add(node) }
        guard let most else {
            let split = steps.count
            steps.append(.split(split + 1, 0))
            try add(node)
            steps.append(.jump(split))
            steps[split] = .split(split + 1, steps.count)
            return
        }
        var splits: [Int] = []
        for _ in least..<max(least, most) {
            splits.append(steps.count)
            steps.append(.split(steps.count + 1, 0))
            try add(node)
        }
        for split in splits { steps[split] = .split(split + 1, steps.count) }
    }

    /// Whether it matches anywhere. The work is at most the number of steps for each character.
    func matches(_ text: [Unicode.Scalar]) -> Bool {
        var current: [Int] = []
        var marks = [Int](repeating: -1, count: steps.count)
        for position in 0...text.count {
            // A match may begin at every character.
            guard !follow(0, at: position, in: text, &marks, &current) else { return true }
            guard position < text.count else { break }
            let waiting = current
            current = []
            for step in waiting {
                guard case .one(let set) = steps[step], set.contains(text[position]) else { continue }
                if follow(step + 1, at: position + 1, in: text, &marks, &current) { return true }
            }
        }
        return false
    }

    /// Adds the steps that are reached from one without a character.
    ///
    /// - Parameter marks: the last position at which a step was added, so that none is added twice.
    /// - Returns: true when the end of the pattern is among them.
    private func follow(
        _ first: Int, at position: Int, in text: [Unicode.Scalar], _ marks: inout [Int], _ list: inout [Int]
    ) -> Bool {
        var open = [first]
        while let step = open.popLast() {
            guard marks[step] != position else { continue }
            marks[step] = position
            switch steps[step] {
            case .match: return true
            case .one: list.append(step)
            case .jump(let next): open.append(next)
            case .split(let one, let other): open += [other, one]
            case .start: if position == 0 { open.append(step + 1) }
            case .end: if position == text.count { open.append(step + 1) }
            case .boundary(let isBoundary):
                let before = position > 0 && Self.isWord(text[position - 1])
                let after = position < text.count && Self.isWord(text[position])
                if (before != after) == isBoundary { open.append(step + 1) }
            }
        }
        return false
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        PatternClass(ranges: PatternParser.word).contains(scalar)
    }
}
