extension String {
    /// The text from where these words first stand; `nil` when they do not. The standard library's own search would link
    /// the whole of Swift's regular expressions.
    func suffix(from words: String) -> Substring? {
        var rest = self[...]
        while !rest.isEmpty, !rest.hasPrefix(words) { rest = rest.dropFirst() }
        return rest.isEmpty ? nil : rest
    }
}
