internal import NIOPosix
internal import Synchronization

/// Checks passwords: one bcrypt at a time, on a thread of its own, and only for those not seen before.
final class LoginCheck: Sendable {
    /// What became of a login.
    enum Verdict {
        case accepted
        case rejected
        /// Too many others wait to be checked.
        case busy
    }

    /// Three values side by side, so that no two logins ever make the same key (CVE-2022-46146).
    private struct Key: Hashable {
        let user: [UInt8]
        let hash: BcryptHash
        /// A salted digest: nobody finds a password in the memory of this process.
        let digest: [UInt8]
    }

    private struct State {
        var accepted: Set<Key> = []
        var waiting = 0
        var hasThread = false
    }

    private static let remembered = 100
    private static let longestQueue = 64

    private let state = Mutex(State())
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let salt: [UInt8]

    init() {
        let alphabet = Array("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        var random = SystemRandomNumberGenerator()
        let letters = (0..<16).map { _ in alphabet[Int.random(in: alphabet.indices, using: &random)] }
        // SHA-256 of crypt(5) with its fewest rounds: far cheaper than bcrypt, far dearer than a plain digest to try out.
        salt = Array("$5$rounds=1000$".utf8) + letters + Array("$".utf8)
    }

    deinit {
        thread.shutdownGracefully { _ in }
    }

    /// Checks a login. A user nobody knows costs as much as one with a wrong password.
    func verdict(on login: Credentials, among users: [[UInt8]: BcryptHash]) async -> Verdict {
        let isKnown = users[login.user] != nil
        let hash = users[login.user] ?? .ofNobody(among: users.values)
        let key = key(login, hash)
        if isKnown, let key, state.withLock({ $0.accepted.contains(key) }) { return .accepted }
        guard enter() else { return .busy }
        defer { state.withLock { $0.waiting -= 1 } }
        let password = login.password
        // Fails only when the client is gone: nobody sees that answer.
        let matches = (try? await thread.runIfActive { hash.matches(password) }) ?? false
        guard isKnown, matches else { return .rejected }
        if let key { remember(key) }
        return .accepted
    }

    /// - Returns: `nil` for a password with a NUL, behind which a digest would not look.
    private func key(_ login: Credentials, _ hash: BcryptHash) -> Key? {
        guard !login.password.contains(0) else { return nil }
        let digest = Crypt.hash(login.password.prefix(BcryptHash.significantBytes), setting: salt)
        return digest.map { Key(user: login.user, hash: hash, digest: $0) }
    }

    private func enter() -> Bool {
        state.withLock { state in
            guard state.waiting < Self.longestQueue else { return false }
            state.waiting += 1
            if !state.hasThread { thread.start() }
            state.hasThread = true
            return true
        }
    }

    private func remember(_ key: Key) {
        state.withLock { state in
            while state.accepted.count >= Self.remembered, let any = state.accepted.randomElement() {
                state.accepted.remove(any)
            }
            state.accepted.insert(key)
        }
    }
}
