/// Protocols that begin in the clear and go over to TLS when asked.
enum StartTLSProtocol: String, Sendable, CaseIterable {
    case smtp
    case imap
    case pop3
    case postgres
}

extension Dialogue {
    /// The conversation up to and with the handshake.
    static func startTLS(_ kind: StartTLSProtocol) throws(PatternError) -> Dialogue {
        switch kind {
        case .smtp:
            Dialogue(steps: [
                DialogueStep(expect: try Pattern("^220 "), send: "EHLO app-exporter\r"),
                DialogueStep(expect: try Pattern("^250 "), send: "STARTTLS\r"),
                DialogueStep(expect: try Pattern("^220 "), startsTLS: true),
                DialogueStep(send: "QUIT\r"),
            ])
        case .imap:
            Dialogue(steps: [
                DialogueStep(expect: try Pattern("^\\* OK"), send: "a1 STARTTLS\r"),
                DialogueStep(expect: try Pattern("^a1 OK"), startsTLS: true),
                DialogueStep(send: "a2 LOGOUT\r"),
            ])
        case .pop3:
            Dialogue(steps: [
                DialogueStep(expect: try Pattern("^\\+OK"), send: "STLS\r"),
                DialogueStep(expect: try Pattern("^\\+OK"), startsTLS: true),
                DialogueStep(send: "QUIT\r"),
            ])
        case .postgres:
            // SSLRequest: its length, and a number that is no version of the protocol.
            // https://www.postgresql.org/docs/current/protocol-message-formats.html
            Dialogue(steps: [
                DialogueStep(sendBytes: [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]),
                DialogueStep(expectBytes: Array("S".utf8), startsTLS: true),
            ])
        }
    }
}
