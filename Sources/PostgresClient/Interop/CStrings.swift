/// Arrays of C strings for the length of a call.
enum CStrings {
    /// - Parameter strings: `nil` becomes a null pointer; text after a zero byte is lost.
    static func with<R>(
        _ strings: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> R
    ) -> R {
        var bytes: [CChar] = []
        var starts: [Int?] = []
        for string in strings {
            starts.append(string == nil ? nil : bytes.count)
            if let string { bytes.append(contentsOf: string.utf8CString) }
        }
        return bytes.withUnsafeBufferPointer { storage in
            let pointers = starts.map { start in start.flatMap { storage.baseAddress?.advanced(by: $0) } }
            return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
        }
    }
}
