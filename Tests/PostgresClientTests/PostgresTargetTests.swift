import Testing

@testable import PostgresClient

struct PostgresTargetTests {
    static let labels: [(String, String)] = [
        ("postgresql://u:secret@db.example:6432/app?sslmode=disable", "db.example:6432/app"),
        ("postgres://db/app", "db:5432/app"),
        ("host=db user=u password='my secret' dbname=app", "db:5432/app"),
        ("postgresql://u:secret@db1:5432,db2:6432/app?target_session_attrs=primary", "db1:5432,db2:6432/app"),
        ("host=db1,db2 port=6432 dbname=app", "db1:6432,db2:6432/app"),
        ("postgresql://u:secret@[::1]:5433/app", "[::1]:5433/app"),
        ("host=/run/postgresql dbname=app", "/run/postgresql:5432/app"),
        ("hostaddr=10.0.0.7 dbname=app", "10.0.0.7:5432/app"),
        ("service=monitoring", "service monitoring"),
        ("app", "localhost:5432/app"), ("", "localhost:5432"),
    ]

    @Test(arguments: labels)
    func labelHasNoCredentials(conninfo: String, label: String) throws {
        let target = try PostgresTarget(conninfo: conninfo)
        #expect(target.description == label)
    }

    static let broken = [
        "postgres://u:s3cr%et@h/db", "postgres://u:s3cret@[::1/db", "postgres://u:s3cret@[::1]x/db",
        "host=x password=my s3cret", "host=x password=my s3cret=", "host=x password='s3cret",
        "postgres://u:s3c%00ret@h/", "postgres://u:ab@s3cret@h:5432/db", "postgres://u:p/s3cret@h/db",
        "host=x passwort=s3cret", "postgres://u:s3cret@h:5x/db",
    ]

    @Test(arguments: broken)
    func malformedStringIsRefusedWithoutItsPassword(conninfo: String) {
        let error = #expect(throws: PostgresError.self) { try PostgresTarget(conninfo: conninfo) }
        #expect(error?.kind == .configuration)
        #expect(error?.message.contains("s3c") == false)
        #expect(error?.message.contains("ret") == false)
        #expect(error?.message.isEmpty == false)
    }

    @Test func misspeltKeywordIsNamed() {
        let error = #expect(throws: PostgresError.self) { try PostgresTarget(conninfo: "host=x sslmod=require") }
        #expect(error?.message == "invalid connection option \"sslmod\"")
    }

    @Test func settingOfTheServerInAURIIsNamedWithTheWayToGiveIt() {
        let error = #expect(throws: PostgresError.self) {
            try PostgresTarget(conninfo: "postgres://u:pw@h/db?statement_timeout=5000")
        }
        #expect(error?.message.contains("\"statement_timeout\"") == true)
        #expect(error?.message.contains("options=-c") == true)
    }

    @Test func optionsDoNotPrintTheConnectionString() {
        let options = PostgresOptions(conninfo: "postgres://u:s3cret@h/db", applicationName: "test")
        #expect(!"\(options)".contains("s3cret"))
        #expect(!String(reflecting: options).contains("s3cret"))
    }
}
