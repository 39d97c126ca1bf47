/// Arrays of numbers as the server prints them: `{0.5,1,Infinity}`.
public enum ArrayText {
    /// Members of an array of numbers.
    ///
    /// - Returns: `nil` when it is no array of one dimension, or a member is NULL or no number.
    public static func numbers(_ text: String) -> [Double]? {
        guard text.hasPrefix("{"), text.hasSuffix("}"), text.count > 1 else { return nil }
        let inner = text.dropFirst().dropLast()
        guard !inner.isEmpty else { return [] }
        var numbers: [Double] = []
        for member in inner.split(separator: ",", omittingEmptySubsequences: false) {
            let plain = member.hasPrefix("\"") ? member.dropFirst().dropLast() : member
            switch plain {
            case "Infinity": numbers.append(.infinity)
            case "-Infinity": numbers.append(-.infinity)
            default:
                guard let number = Double(plain), number.isFinite else { return nil }
                numbers.append(number)
            }
        }
        return numbers
    }
}
