import Testing

@testable import ExporterCommand

@Suite struct WebConfigPasswordTests {
    /// Made with `htpasswd -nbBC 5`, `mkpasswd -m bcrypt` and Python's bcrypt 5.0.
    private static let vectors: [(String, String)] = [
        ("correct horse", "$2y$05$nllCGO1VlNC8PJSK7rfIUuD5dLbw6srt4lN4Ek0yG7MuqyHed8x/e"),
        ("pa:ss:wörd", "$2y$05$gq9frZLzVo28C1qa8HdHvOea5zd0xqTreCfbFRG8ZI9ZBo04nluom"),
        ("", "$2y$05$IMztIL.dWtI1E8u6SFpqx.dGfRhOaviUh6GivmIp5IvUMoqRnZJlG"),
        ("sesame", "$2b$05$pSDt5ubfonmTlsOmZr0mpO4sOM6LjorL47/gT3RsZAC.GWbnns8si"),
        ("sesame", "$2a$05$90Y/K.WfEL1oi/VNrao.hOa7o9OQGT3VLSavT3xF/XHLzvHk39qEy"),
        ("sesame", "$2a$04$H3cUKluFJ9Exajh.4XgE8u5rUy0HAd7OyVY8O/IeGF5IWeUO8Qx.O"),
        ("ÿÿ€", "$2b$04$wzgR7GcWzcos75E2gZUfhO8UcvEpNk95/ohgzjJ/179.0q6x21QVS"),
        (String(repeating: "x", count: 72), "$2b$04$v3Ka0wbHnsOgoRelv2hYLeUSFa/0ZUB1ncSXYA5DKDg2YJKKz2e.."),
        ("sesame", "$2b$10$iqul0g0Cu2ZoWfEt1S/UaOIRvM6kbkzdREYT9GC/V/W4GtHHrTfHi"),
    ]

    @Test(arguments: vectors)
    func hashesOfOtherToolsMatch(password: String, text: String) throws {
        let hash = try BcryptHash(text)
        #expect(hash.matches(Array(password.utf8)))
        #expect(!hash.matches(Array("\(password)?".utf8)) || password.utf8.count >= 72)
        #expect(!hash.matches(Array(password.utf8.dropLast()) + [0x7f]))
    }

    @Test func bytesThatAreNoTextMatch() throws {
        let hash = try BcryptHash("$2a$04$preO/FURfpC0TDnbzEVrn.V21bZoowAa4C.99qY9YdgdlnK9sNCp2")
        #expect(hash.matches([0xff, 0xa3] + Array("345".utf8)))
    }

    /// libcrypt stops at a NUL and refuses phrases of 512 bytes: neither may decide.
    @Test func lengthAndNULAreNoWayIn() throws {
        let long = try BcryptHash("$2b$04$v3Ka0wbHnsOgoRelv2hYLeUSFa/0ZUB1ncSXYA5DKDg2YJKKz2e..")
        #expect(long.matches(Array(repeating: UInt8(ascii: "x"), count: 5000)))
        let short = try BcryptHash("$2a$04$H3cUKluFJ9Exajh.4XgE8u5rUy0HAd7OyVY8O/IeGF5IWeUO8Qx.O")
        #expect(!short.matches(Array("sesame\0".utf8)) && !short.matches(Array("sesame\0more".utf8)))
    }

    @Test(arguments: [
        ("Basic YW5uOnBhOnNz", "ann", "pa:ss"), ("basic YW5uOg==", "ann", ""), ("BASIC Og==", "", ""),
        ("Basic w7w6w6Q=", "ü", "ä"),
    ])
    func credentialsAreRead(header: String, user: String, password: String) throws {
        let login = try #require(Credentials(header))
        #expect(login.user == Array(user.utf8) && login.password == Array(password.utf8))
    }

    @Test(arguments: [
        "", "Basic", "Basic ", "Bearer YW5uOnBh", "Basic YW5u", "Basic YW5uOg", "Basic YW5uOg=", "Basic YW5u*Og=",
        "Basic =====", "Basic YW5uOg==,Basic YW5uOg==", "BasicYW5uOg==", "Basic  YW5uOg==",
    ])
    func anythingElseIsNoLogin(header: String) {
        #expect(Credentials(header) == nil)
    }

    private func verdict(_ check: LoginCheck, _ user: String, _ password: String) async -> LoginCheck.Verdict? {
        let users = [
            Array("ann".utf8): try? BcryptHash("$2a$04$H3cUKluFJ9Exajh.4XgE8u5rUy0HAd7OyVY8O/IeGF5IWeUO8Qx.O"),
            Array("ann:x".utf8): try? BcryptHash("$2b$05$pSDt5ubfonmTlsOmZr0mpO4sOM6LjorL47/gT3RsZAC.GWbnns8si"),
        ].compactMapValues(\.self)
        let login = Credentials("Basic " + base64(Array("\(user):\(password)".utf8)))
        return if let login { await check.verdict(on: login, among: users) } else { nil }
    }

    @Test func onlyTheRightPasswordOfAKnownUserPasses() async {
        let check = LoginCheck()
        for _ in 0..<2 {
            #expect(await verdict(check, "ann", "sesame") == .accepted)
            #expect(await verdict(check, "ann", "sesam") == .rejected)
            #expect(await verdict(check, "ann", "sesame\0") == .rejected)
            #expect(await verdict(check, "ann", "") == .rejected)
            #expect(await verdict(check, "bob", "sesame") == .rejected)
            #expect(await verdict(check, "", "sesame") == .rejected)
            #expect(await verdict(check, "bob", "fakepassword") == .rejected)
        }
    }

    /// A hash that changed in the file forgets what the old one let in.
    @Test func rememberedLoginEndsWithItsHash() async throws {
        let check = LoginCheck()
        let login = try #require(Credentials("Basic " + base64(Array("ann:sesame".utf8))))
        let before = try BcryptHash("$2a$04$H3cUKluFJ9Exajh.4XgE8u5rUy0HAd7OyVY8O/IeGF5IWeUO8Qx.O")
        let after = try BcryptHash("$2y$05$nllCGO1VlNC8PJSK7rfIUuD5dLbw6srt4lN4Ek0yG7MuqyHed8x/e")
        #expect(await check.verdict(on: login, among: [login.user: before]) == .accepted)
        #expect(await check.verdict(on: login, among: [login.user: after]) == .rejected)
        #expect(await check.verdict(on: login, among: [:]) == .rejected)
    }

    /// The work is shared out one by one; a queue that grows without end is refused.
    @Test func crowdOfLoginsIsBounded() async throws {
        let check = LoginCheck()
        let verdicts = await withTaskGroup(of: LoginCheck.Verdict?.self) { group in
            for number in 0..<200 { group.addTask { await verdict(check, "ann", "wrong \(number)") } }
            return await group.reduce(into: [LoginCheck.Verdict?]()) { $0.append($1) }
        }
        #expect(verdicts.allSatisfy { $0 == .rejected || $0 == .busy })
        #expect(verdicts.count { $0 == .rejected } >= 64)
        #expect(await verdict(check, "ann", "sesame") == .accepted)
    }

    @Test func nobodyCostsAsMuchAsTheDearestUser() throws {
        let hashes = try Self.vectors.map { try BcryptHash($0.1) }
        let nobody = BcryptHash.ofNobody(among: hashes)
        #expect(nobody.cost == 10 && !nobody.matches(Array("fakepassword".utf8)))
        #expect(BcryptHash.ofNobody(among: []).cost == 10)
        #expect(Crypt.hash([], setting: nobody.setting)?.count == 60)
    }
}

/// Base64 with padding, written the slow way.
func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    let bits = bytes.flatMap { byte in (0..<8).map { byte >> (7 - UInt8($0)) & 1 } }
    var text = ""
    for start in stride(from: 0, to: bits.count, by: 6) {
        let six = (0..<6).map { start + $0 < bits.count ? bits[start + $0] : 0 }
        text.append(alphabet[six.reduce(0) { $0 << 1 | Int($1) }])
    }
    return text + String(repeating: "=", count: (4 - text.count % 4) % 4)
}
