extension LabelTemplate {
    /// Gives the bytes of the label set of these values without making a `LabelSet`.
    ///
    /// - Parameter values: as many as names, in the order of the names.
    func withLabels<Result>(_ values: [String], _ use: (LabelBytes) -> Result) -> Result {
        var most = 1
        for index in order { most += names[index].count + values[index].utf8.count * 2 + 4 }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: most) { buffer in
            var cursor = ByteCursor(buffer)
            for index in order {
                if cursor.count > 0 { cursor.put(UInt8(ascii: ",")) }
                cursor.put(names[index])
                cursor.put(UInt8(ascii: "="))
                cursor.put(UInt8(ascii: "\""))
                cursor.putEscaped(values[index])
                cursor.put(UInt8(ascii: "\""))
            }
            return use(cursor.written)
        }
    }
}
