internal import CurlClient
internal import ExporterCommand
internal import ExporterKit
internal import Synchronization

/// OAuth 2 client credentials (RFC 6749, section 4.4).
struct OAuthClient: Sendable {
    let tokenURL: Secret
    let identifier: Secret
    let secret: Secret
    /// Joined by spaces; empty sends none.
    let scopes: [String]
    /// Further fields of the form, for example `audience`.
    let parameters: [(name: String, value: Secret)]
    /// Identifier and secret go into the form instead of into `Authorization: Basic`.
    let authenticatesInBody: Bool
}

/// Keeps an access token until shortly before it expires, for all groups of a source.
final class TokenKeeper: Sendable {
    private struct Held {
        let token: String
        /// With which it was asked for: a rotated secret asks anew.
        let secret: String
        /// `nil` when the server did not say.
        let expiry: ContinuousClock.Instant?
    }
    private let client: OAuthClient
    private let trust: HTTPTrust
    private let http: CurlClient
    private let metrics: SourceMetrics
    private let held = Mutex<Held?>(nil)
    /// One asks, the others wait for what it gets.
    private let turn = Pool([0])

    init(_ client: OAuthClient, _ trust: HTTPTrust, client http: CurlClient, _ metrics: SourceMetrics) {
        self.client = client
        self.trust = trust
        self.http = http
        self.metrics = metrics
    }

    /// A token that is valid as far as one knows.
    func token(until deadline: ContinuousClock.Instant) async throws(CollectorError) -> String {
        try await turn.with(until: deadline) { _ throws(CollectorError) in
            let secret = try Self.read(client.secret)
            if let held = held.withLock({ $0 }), held.secret == secret, held.expiry.map({ $0 > .now }) ?? true {
                return held.token
            }
            let fresh = try await fetch(secret, until: deadline)
            held.withLock { $0 = fresh }
            return fresh.token
        }
    }

    /// Throws a token away that the server no longer takes. One that is already newer stays.
    func forget(_ token: String?) {
        held.withLock { held in
            if held?.token == token { held = nil }
        }
    }

    private func fetch(_ secret: String, until deadline: ContinuousClock.Instant) async throws(CollectorError) -> Held {
        let began = ContinuousClock.now
        let call = try call(secret)
        let place = (try? HTTPTarget(call.url).description) ?? "token_url"
        let answer: HTTPAnswer
        switch await http.noted(call, until: deadline, metrics) {
        case .success(let one): answer = one
        case .failure(let error): throw CollectorError(error)
        }
        guard (200..<300).contains(answer.status) else {
            let word = (try? Self.errorWord.one(of: JqValue(parsing: answer.body)))??.labelText ?? ""
            throw CollectorError(
                .authentication,
                "POST \(place): the server answered \(answer.status)\(word.isEmpty ? "" : " (\(word.prefix(40)))"); check client_id, client_secret and scopes"
            )
        }
        return try Self.read(answer.body, began: began, secret: secret, place)
    }

    private func call(_ secret: String) throws(CollectorError) -> HTTPCall {
        var call = HTTPCall(try Self.read(client.tokenURL))
        var fields = [("grant_type", "client_credentials")]
        if !client.scopes.isEmpty { fields.append(("scope", client.scopes.joined(separator: " "))) }
        for parameter in client.parameters { fields.append((parameter.name, try Self.read(parameter.value))) }
        let identifier = try Self.read(client.identifier)
        if client.authenticatesInBody {
            fields += [("client_id", identifier), ("client_secret", secret)]
        } else {
            // Both are encoded as in a form before they are joined (RFC 6749, 2.3.1).
            call.credentials = .basic(user: QueryText.encoded(identifier), password: QueryText.encoded(secret))
        }
        call.method = .post
        call.headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")]
        call.body = Array(
            fields.map { "\(QueryText.encoded($0.0))=\(QueryText.encoded($0.1))" }.joined(separator: "&").utf8)
        call.tls = trust
        call.maximumBodyBytes = 64 << 10
        return call
    }

    private static func read(
        _ body: [UInt8], began: ContinuousClock.Instant, secret: String, _ place: String
    ) throws(CollectorError) -> Held {
        let facts = try? tokenFacts.outputs(of: JqValue(parsing: body), limit: 2).map(\.scalar)
        guard let facts, facts.count == 2, case .text(let token) = facts[0], !token.isEmpty else {
            throw CollectorError(.decode, "POST \(place): the answer has no access_token in it; check token_url")
        }
        var expiry: ContinuousClock.Instant?
        if case .number(let seconds) = facts[1], seconds > 0, seconds < 1e9 {
            // Not at the last moment: the token must still be good when it arrives.
            expiry = began.advanced(by: .seconds(max(seconds * 0.9, seconds - 30)))
        }
        return Held(token: token, secret: secret, expiry: expiry)
    }

    private static func read(_ secret: Secret) throws(CollectorError) -> String {
        do throws(ConfigurationError) { return try secret.value } catch {
            throw CollectorError(.authentication, "oauth2: \(error)")
        }
    }

    private static let tokenFacts = JqProgram(known: ".access_token, (.expires_in | tonumber? // null)")
    private static let errorWord = JqProgram(known: ".error")
}
