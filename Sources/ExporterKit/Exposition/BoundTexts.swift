/// The values of `le` as they are printed, kept from one histogram of a family to the next.
struct BoundTexts {
    private var upperBounds: [Double] = []
    private var isOpenMetrics = false
    /// `"0.5"} "1"} … "+Inf"} `
    private var text: [UInt8] = []
    /// Where the text of each bound ends.
    private var ends: [Int] = []

    /// Prints the bounds, unless they are the same as before.
    mutating func update(_ bounds: UnsafeBufferPointer<Double>, isOpenMetrics: Bool) {
        guard ends.isEmpty || isOpenMetrics != self.isOpenMetrics || !upperBounds.elementsEqual(bounds) else { return }
        self.isOpenMetrics = isOpenMetrics
        upperBounds = Array(bounds)
        text = []
        ends = []
        for bound in upperBounds + [.infinity] {
            text += "\"\(isOpenMetrics ? NumberText.floatText(bound) : NumberText.text(bound))\"} ".utf8
            ends.append(text.count)
        }
    }

    /// Prints a bound with its quotes, the brace and the space before the count.
    func write(_ index: Int, to cursor: inout ByteCursor) {
        guard index < ends.count else { return }
        text.withUnsafeBufferPointer { text in
            cursor.put(UnsafeBufferPointer(rebasing: text[(index > 0 ? ends[index - 1] : 0)..<ends[index]]))
        }
    }
}
