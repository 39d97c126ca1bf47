internal import ExporterCommand

/// One synthetic HTTP check.
struct CheckConfiguration: Sendable {
    let name: String
    let url: Secret
    /// The URL without query and credentials: value of the label `target`.
    let target: String
    let timing: Timing
    let access: HTTPAccess
    let maximumRedirects: Int
    let maximumBodyBytes: Int
    let expectation: Expectation

    struct Expectation: Sendable {
        /// Empty for any 2xx.
        var statuses: [Int] = []
        /// The body must contain it.
        var body: String?
        /// Every output must be true, and there must be one.
        var json: JqProgram?
        var within: Duration?
    }
}
