import Testing

@testable import PostgresClient

struct PostgresErrorTests {
    static let states: [(String, PostgresError.Kind)] = [
        ("57014", .timeout), ("55P03", .locked), ("42501", .permission), ("42P01", .unsupported),
        ("42703", .unsupported),
        ("42883", .unsupported), ("0A000", .unsupported), ("57P01", .connection), ("08006", .connection),
        ("53300", .connection), ("3D000", .connection), ("28P01", .authentication), ("28000", .authentication),
        ("22012", .query), ("40P01", .query), ("XX000", .query),
    ]

    @Test(arguments: states)
    func stateOfTheServerGivesTheKind(state: String, kind: PostgresError.Kind) {
        #expect(PostgresError.Kind(sqlState: state) == kind)
    }

    @Test func refusedLogInKeepsItsStateAndLosesTheSourceLocation() {
        let text = """
            connection to server at "db" (10.0.0.7), port 5432 failed: FATAL:  28P01: password authentication failed for user "monitor"
            LOCATION:  auth_failed, auth.c:326

            """
        let error = PostgresError.connecting(to: "db:5432/app", text)
        #expect(error.kind == .authentication)
        #expect(error.sqlState == "28P01")
        #expect(
            error.message == """
                connect to db:5432/app: connection to server at "db" (10.0.0.7), port 5432 failed: \
                FATAL: password authentication failed for user "monitor"; \
                check user and password, and what pg_hba.conf asks of them
                """)
    }

    @Test func localisedSeverityDoesNotHideTheState() {
        let text =
            "FATALE : …\nВАЖНО:  53300: извините, уже слишком много клиентов\nПОЛОЖЕНИЕ:  InitProcess, proc.c:351"
        let error = PostgresError.connecting(to: "db", text)
        #expect(error.sqlState == "53300")
        #expect(error.kind == .connection)
        #expect(!error.message.contains("proc.c"))
    }

    static let clientSide: [(String, PostgresError.Kind)] = [
        ("server does not support SSL, but SSL was required", .tls),
        ("SSL error: certificate verify failed", .tls),
        ("root certificate file \"/x/root.crt\" does not exist", .tls),
        ("fe_sendauth: no password supplied", .authentication),
        (
            "connection to server at \"127.0.0.1\", port 1 failed: Connection refused\n\tIs the server running?",
            .connection
        ),
        ("could not translate host name \"nowhere\" to address: Name or service not known", .connection),
    ]

    @Test(arguments: clientSide)
    func refusalOfTheLibraryItselfIsToldByItsWords(text: String, kind: PostgresError.Kind) {
        let error = PostgresError.connecting(to: "db", text)
        #expect(error.kind == kind)
        #expect(error.sqlState == nil)
        #expect(!error.message.contains("\n"))
    }
}
