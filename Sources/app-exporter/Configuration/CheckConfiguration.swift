/// One synthetic check.
struct CheckConfiguration: Sendable {
    /// What it asks.
    enum Kind: Sendable {
        case http(HTTPCheckSettings)
    }

    let name: String
    let timing: Timing
    let kind: Kind
}
