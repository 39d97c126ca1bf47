/// The page's script: one module, in parts that each do one thing. Text reaches the page by `textContent` only.
enum PageScript {
    static let text = [exposition, history, numbers, charts, table, polling].joined(separator: "\n")
}
