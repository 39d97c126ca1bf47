import ExporterCommand
import PostgresClient
import Testing

@testable import pg_exporter

struct TargetTests {
    static let targets: [(conninfo: String, isAllowed: Bool)] = [
        ("host=a.db", true), ("host=a.db port=6432", true), ("host=b port=5432", true), ("host=b port=5433", false),
        ("host=evil", false), ("host=a.db,evil", false), ("host=a.db hostaddr=10.0.0.1", false),
        ("hostaddr=10.0.0.1", false), ("service=a.db", false), ("dbname=x", false),
        ("postgresql://a.db,c.db/x", true), ("postgresql://a.db,b:5433/x", false),
        ("postgresql://a.db/x?host=evil", false),
    ]

    @Test(arguments: targets)
    func everyServerOfATargetMustBeAllowed(conninfo: String, isAllowed: Bool) throws {
        let allowed = AllowedTargets(["*.db", "b:5432"])
        #expect(allowed.allow(try ConnectionString(conninfo)) == isAllowed)
        #expect(AllowedTargets([]).allow(try ConnectionString(conninfo)))
    }

    @Test func moduleOverridesWhatTheTargetSays() throws {
        let configuration = try ExporterConfiguration(
            YAMLDocument(
                text: """
                    auth_modules:
                      m:
                        type: userpass
                        userpass: { username: second, password: "it's \\\\ it" }
                        options: { sslmode: disable, dbname: app }
                    """, name: "c.yml"))
        let target = try ConnectionString("postgresql://first:pw@h/d?sslmode=require")
        let connection = try #require(configuration.modules["m"]).connection(to: target)
        #expect(connection["user"] == "second")
        #expect(connection["sslmode"] == "disable")
        #expect(connection["dbname"] == "app")
        let again = try ConnectionString(connection.text)
        #expect(again["password"] == #"it's \ it"#)
        #expect("\(connection)".contains("it's") == false)
    }

    static let mistakes: [(text: String, message: String)] = [
        ("auth_module: {}", "c.yml:1:1: unknown key auth_module in the configuration (did you mean auth_modules?)"),
        ("auth_modules:\n  m: { type: userpas }", "c.yml:2:14: type must be one of userpass, libpq"),
        ("auth_modules:\n  m: { userpass: { user: x } }", "c.yml:2:20: unknown key user in userpass"),
        ("probe: { targets: x }", "c.yml:1:19: targets must be a list"),
    ]

    @Test(arguments: mistakes)
    func mistakeInTheFileHasAPlace(text: String, message: String) throws {
        let document = try YAMLDocument(text: text, name: "c.yml")
        let error = #expect(throws: ConfigurationError.self) { try ExporterConfiguration(document) }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }

    @Test func emptyFileSaysNothing() throws {
        #expect(try ExporterConfiguration(YAMLDocument(text: "", name: "c.yml")).modules.isEmpty)
    }
}
