internal import Glibc

/// The values of `le` as they are printed, kept from one histogram of a family to the next.
struct BoundTexts {
    private var upperBounds: [Double] = []
    private var isOpenMetrics = false
    /// `"0.5"} "1"} … "+Inf"} `
    private var text: [UInt8] = []
    /// Where the text of each bound ends.
    private var ends: [Int] = []
    /// Bytes of the longest text.
    private(set) var longest = 0

    /// Prints the bounds, unless they are the same as before.
    mutating func update(_ bounds: UnsafeBufferPointer<Double>, isOpenMetrics: Bool) {
        guard ends.isEmpty || isOpenMetrics != self.isOpenMetrics || !isSame(bounds) else { return }
        self.isOpenMetrics = isOpenMetrics
        upperBounds = Array(bounds)
        text = []
        ends = []
        longest = 0
        for bound in upperBounds + [.infinity] {
            let begin = text.count
            text += "\"\(isOpenMetrics ? NumberText.floatText(bound) : NumberText.text(bound))\"} ".utf8
            ends.append(text.count)
            longest = max(longest, text.count - begin)
        }
    }

    private func isSame(_ bounds: UnsafeBufferPointer<Double>) -> Bool {
        upperBounds.withUnsafeBytes { own in
            let other = UnsafeRawBufferPointer(bounds)
            guard own.count == other.count else { return false }
            guard let left = own.baseAddress, let right = other.baseAddress else { return true }
            return memcmp(left, right, own.count) == 0
        }
    }

    /// Gives each bound with its quotes, the brace and the space before the count.
    @inline(__always) func forEach(_ use: (_ index: Int, _ text: UnsafeBufferPointer<UInt8>) -> Void) {
        text.withUnsafeBufferPointer { text in
            var begin = 0
            for (index, end) in ends.enumerated() {
                use(index, UnsafeBufferPointer(rebasing: text[begin..<end]))
                begin = end
            }
        }
    }
}
