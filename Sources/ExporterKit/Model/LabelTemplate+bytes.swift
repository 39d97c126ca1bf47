extension LabelTemplate {
    /// Gives the bytes of the label set of these values without making a `LabelSet`.
    ///
    /// - Parameter values: as many as names, in the order of the names.
    func withLabels<Result: ~Copyable>(_ values: [String], _ use: (LabelBytes) -> Result) -> Result {
        var most = 0
        for index in order { most += names[index].count + values[index].utf8.count * 2 + 4 }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(1, most)) { buffer in
            var count = 0
            func put(_ byte: UInt8) {
                buffer.initializeElement(at: count, to: byte)
                count += 1
            }
            for index in order {
                if count > 0 { put(UInt8(ascii: ",")) }
                for byte in names[index] { put(byte) }
                put(UInt8(ascii: "="))
                put(UInt8(ascii: "\""))
                for byte in values[index].utf8 {
                    switch byte {
                    case UInt8(ascii: "\\"), UInt8(ascii: "\""):
                        put(UInt8(ascii: "\\"))
                        put(byte)
                    case UInt8(ascii: "\n"):
                        put(UInt8(ascii: "\\"))
                        put(UInt8(ascii: "n"))
                    default:
                        put(byte)
                    }
                }
                put(UInt8(ascii: "\""))
            }
            return use(LabelBytes(rebasing: buffer[..<count]))
        }
    }
}
