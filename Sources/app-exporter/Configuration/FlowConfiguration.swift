internal import CurlClient
internal import ExporterCommand

/// A way of several requests through an application.
struct FlowConfiguration: Sendable {
    let name: String
    let base: Secret
    /// The base without query and credentials: value of the label `target`.
    let target: String
    let timing: Timing
    /// Headers and credentials that steps to the base's host send; trust for all.
    let access: HTTPAccess
    let keepsCookies: Bool
    let maximumBodyBytes: Int
    let steps: [FlowStep]

    /// Time that belongs to clean-up steps alone, at the end of the flow's own.
    var cleanUpReserve: Duration {
        let steps = steps.filter(\.isAlways)
        guard !steps.isEmpty else { return .zero }
        let share = timing.timeout / (4 * steps.count)
        return steps.reduce(.zero) { $0 + ($1.timeout ?? share) }
    }
}

/// One request of a flow.
struct FlowStep: Sendable {
    let name: String
    let method: HTTPCall.Method
    /// A path below the base, or a whole URL.
    let place: FlowText
    let headers: [(name: String, value: FlowValue)]
    let credentials: Credentials?
    let body: FlowBody?
    let maximumRedirects: Int
    let expectation: HTTPExpectation
    let extractions: [Extraction]
    /// Runs also when a step before it failed.
    let isAlways: Bool
    /// Of this request; the flow's own when `nil`.
    let timeout: Duration?
    /// Waits so long before the request, as a person would.
    let think: Duration

    enum Credentials: Sendable {
        case basic(user: FlowValue, password: FlowValue)
        case bearer(FlowValue)
    }

    /// A variable and where its value is in the answer.
    struct Extraction: Sendable {
        enum Place: Sendable {
            case body(JqProgram)
            /// The header itself, or what the expression makes of it.
            case header(String, JqProgram?)
        }
        let variable: String
        let place: Place
    }

    /// Variables without which it cannot be sent.
    var variables: [String] {
        var names = place.variables + headers.flatMap(\.value.variables) + (body?.variables ?? [])
        switch credentials {
        case .basic(let user, let password): names += user.variables + password.variables
        case .bearer(let token): names += token.variables
        case nil: break
        }
        return names
    }
}
