/// One attempt to match a Lua pattern against a key.
struct LuaMatch {
    private struct Capture {
        let start: Int
        /// `nil` while it is open.
        var end: Int?
        var isPosition = false
    }

    private let items: [LuaPattern.Item]
    private let key: [UInt8]
    private var captures: [Capture] = []
    private var steps = 0

    /// More than any sensible pattern takes, about a hundredth of a second.
    private static let mostSteps = 200_000

    init(_ items: [LuaPattern.Item], _ key: [UInt8]) {
        self.items = items
        self.key = key
    }

    /// The captures of the first match, one after another; `nil` without one.
    mutating func run(isAnchored: Bool) -> [UInt8]? {
        for start in 0...(isAnchored ? 0 : key.count) {
            captures.removeAll(keepingCapacity: true)
            if matches(0, start) { return joined }
            if steps > Self.mostSteps { return nil }
        }
        return nil
    }

    private var joined: [UInt8] {
        var bytes: [UInt8] = []
        for capture in captures {
            if capture.isPosition {
                bytes += Array(String(capture.start + 1).utf8)
            } else {
                bytes += key[capture.start..<(capture.end ?? capture.start)]
            }
        }
        return bytes
    }

    /// True when the items from `item` on match at `position`; captures are then as they should be, else as before.
    private mutating func matches(_ item: Int, _ position: Int) -> Bool {
        steps += 1
        guard steps <= Self.mostSteps else { return false }
        guard item < items.count else { return true }
        switch items[item] {
        case .bytes(let set, let repetition): return matches(set, repetition, item, position)
        case .open(let isPosition):
            captures.append(
                Capture(start: position, end: isPosition ? position : nil, isPosition: isPosition))
            if matches(item + 1, position) { return true }
            captures.removeLast()
            return false
        case .close:
            guard let index = captures.lastIndex(where: { $0.end == nil }) else { return false }
            captures[index].end = position
            if matches(item + 1, position) { return true }
            captures[index].end = nil
            return false
        case .balance(let open, let close):
            guard let end = balanced(open, close, position) else { return false }
            return matches(item + 1, end)
        case .frontier(let set):
            let before = position == 0 ? 0 : key[position - 1]
            let after = position < key.count ? key[position] : 0
            guard !set.contains(before), set.contains(after) else { return false }
            return matches(item + 1, position)
        case .back(let index):
            guard captures.indices.contains(index), !captures[index].isPosition, let end = captures[index].end
            else { return false }
            let text = key[captures[index].start..<end]
            guard key[position...].starts(with: text) else { return false }
            return matches(item + 1, position + text.count)
        case .end: return position == key.count
        }
    }

    private mutating func matches(
        _ set: ByteSet, _ repetition: LuaPattern.Repetition, _ item: Int, _ position: Int
    ) -> Bool {
        func fits(_ position: Int) -> Bool { position < key.count && set.contains(key[position]) }
        switch repetition {
        case .once: return fits(position) && matches(item + 1, position + 1)
        case .optional:
            if fits(position), matches(item + 1, position + 1) { return true }
            return matches(item + 1, position)
        case .few:
            var end = position
            while true {
                if matches(item + 1, end) { return true }
                guard steps <= Self.mostSteps, fits(end) else { return false }
                end += 1
            }
        case .many, .some:
            var end = position
            while fits(end) { end += 1 }
            let least = position + (repetition == .some ? 1 : 0)
            while end >= least {
                if matches(item + 1, end) { return true }
                guard steps <= Self.mostSteps else { return false }
                end -= 1
            }
            return false
        }
    }

    /// Behind the `close` that belongs to the `open` at the position.
    private func balanced(_ open: UInt8, _ close: UInt8, _ position: Int) -> Int? {
        guard position < key.count, key[position] == open else { return nil }
        var depth = 1
        for index in key.indices[(position + 1)...] {
            if key[index] == close {
                depth -= 1
                if depth == 0 { return index + 1 }
            } else if key[index] == open {
                depth += 1
            }
        }
        return nil
    }
}
