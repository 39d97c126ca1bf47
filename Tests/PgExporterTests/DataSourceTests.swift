import ExporterCommand
import Foundation
import PostgresClient
import Testing

@testable import pg_exporter

struct DataSourceTests {
    struct Case: Sendable, CustomStringConvertible {
        let description: String
        let environment: [String: String]
        let conninfo: String?

        init(_ description: String, _ environment: [String: String], _ conninfo: String?) {
            (self.description, self.environment, self.conninfo) = (description, environment, conninfo)
        }
    }

    static let cases = [
        Case("nothing", [:], nil),
        Case("user and password without an address", ["DATA_SOURCE_USER": "u", "DATA_SOURCE_PASS": "p"], nil),
        Case("empty name", ["DATA_SOURCE_NAME": "", "DATA_SOURCE_URI": "h"], "postgresql://h"),
        Case("name wins", ["DATA_SOURCE_NAME": "host=a", "DATA_SOURCE_URI": "b"], "host=a"),
        Case(
            "three pieces",
            ["DATA_SOURCE_URI": "h:1/d?sslmode=disable", "DATA_SOURCE_USER": "u", "DATA_SOURCE_PASS": "p"],
            "postgresql://u:p@h:1/d?sslmode=disable"),
        Case(
            "pieces are escaped",
            ["DATA_SOURCE_URI": "h", "DATA_SOURCE_USER": "a@b", "DATA_SOURCE_PASS": "p w/?#:%é"],
            "postgresql://a%40b:p%20w%2F%3F%23%3A%25%C3%A9@h"),
        Case(
            "empty password is none", ["DATA_SOURCE_URI": "h", "DATA_SOURCE_USER": "u", "DATA_SOURCE_PASS": ""],
            "postgresql://u@h"),
        Case("no user", ["DATA_SOURCE_URI": "h/d"], "postgresql://h/d"),
        Case(
            "several hosts of one server", ["DATA_SOURCE_NAME": "postgresql://u:p@a:1,b:2/d"],
            "postgresql://u:p@a:1,b:2/d"),
        Case("several hosts as pairs", ["DATA_SOURCE_NAME": "host=a,b port=1,2"], "host=a,b port=1,2"),
        Case("@ in the password", ["DATA_SOURCE_NAME": "postgresql://u:p@ss@h/d"], "postgresql://u:p%40ss@h/d"),
        Case("@ in the query only", ["DATA_SOURCE_NAME": "postgresql://h/d?user=a%40b"], "postgresql://h/d?user=a%40b"),
    ]

    @Test(arguments: cases)
    func environmentGivesTheConnectionString(_ expected: Case) throws {
        let source = try DataSource.all(environment: expected.environment).first
        #expect(try source?.conninfo() == expected.conninfo)
    }

    static let lists: [(name: String, conninfos: [String])] = [
        (
            "postgresql://u:p@a/d,postgresql://u:p@b/d",
            ["postgresql://u:p@a/d", "postgresql://u:p@b/d"]
        ),
        ("host=a user=u, host=b user=v", ["host=a user=u", "host=b user=v"]),
        ("postgresql://u:p,q@a:1,b:2/d,host=c", ["postgresql://u:p,q@a:1,b:2/d", "host=c"]),
    ]

    @Test(arguments: lists)
    func commaBetweenConnectionStringsMakesAList(name: String, conninfos: [String]) throws {
        let sources = try DataSource.all(environment: ["DATA_SOURCE_NAME": name])
        #expect(try sources.map { try $0.conninfo() } == conninfos)
    }

    static let drivers: [(given: String, libpq: String)] = [
        ("postgresql://h/d?sslmode=disable", "postgresql://h/d?sslmode=disable"),
        (
            "postgresql://h/d?search_path=app&sslmode=disable&statement_timeout=5s",
            "postgresql://h/d?sslmode=disable&options=-c%20search_path%3Dapp%20-c%20statement_timeout%3D5s"
        ),
        (
            "postgresql://h/d?options=-c%20a%3Db&work_mem=1MB",
            "postgresql://h/d?options=-c%20a%3Db%20-c%20work_mem%3D1MB"
        ),
        ("postgresql://h/d?binary_parameters=yes", "postgresql://h/d"),
    ]

    /// Upstream's driver takes what libpq does not know as a setting of the session.
    @Test(arguments: drivers)
    func settingsInAURIBecomeOptions(given: String, libpq: String) throws {
        #expect(ConnectionURI.translated(given) == libpq)
        #expect(throws: Never.self) { try PostgresTarget(conninfo: libpq) }
    }

    static let refused: [(environment: [String: String], place: String)] = [
        (["DATA_SOURCE_NAME": "postgresql://u:s3cret@a/d,"], "DATA_SOURCE_NAME, number 2"),
        (["DATA_SOURCE_NAME": "postgresql://u:s3cret@a/d,,host=b"], "DATA_SOURCE_NAME, number 2"),
        (["DATA_SOURCE_NAME": "host=a,host=b port=s3cret"], "DATA_SOURCE_NAME, number 2"),
        (["DATA_SOURCE_NAME": "postgresql://u:s3cr%et@a/d"], "DATA_SOURCE_NAME"),
        (["DATA_SOURCE_NAME": "host=a password=my s3cret"], "DATA_SOURCE_NAME"),
        (["DATA_SOURCE_URI": "postgresql://u:s3cret@h/d"], "DATA_SOURCE_URI"),
        (["DATA_SOURCE_URI": "h:port/d", "DATA_SOURCE_PASS": "s3cret"], "DATA_SOURCE_URI"),
        (["DATA_SOURCE_URI": "h", "DATA_SOURCE_PASS_FILE": "/no/such/file"], "DATA_SOURCE_PASS_FILE"),
        (["DATA_SOURCE_URI_FILE": "/no/such/file", "DATA_SOURCE_URI": "h"], "DATA_SOURCE_URI_FILE"),
    ]

    @Test(arguments: refused)
    func refusalNamesThePlaceAndKeepsThePassword(environment: [String: String], place: String) {
        let error = #expect(throws: ConfigurationError.self) { try DataSource.all(environment: environment) }
        #expect(error?.description.hasPrefix(place) == true)
        #expect(error?.description.contains("s3c") == false)
    }

    @Test func filesWinAreTrimmedAndReadAgain() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("pass-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try "  first\n\n".write(toFile: path, atomically: true, encoding: .utf8)
        let source = try DataSource.all(environment: [
            "DATA_SOURCE_URI": "h", "DATA_SOURCE_USER": "u", "DATA_SOURCE_PASS": "ignored",
            "DATA_SOURCE_PASS_FILE": path,
        ]).first
        #expect(try source?.conninfo() == "postgresql://u:first@h")
        try "second".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try source?.conninfo() == "postgresql://u:second@h")
        try FileManager.default.removeItem(atPath: path)
        let error = #expect(throws: PostgresError.self) { try source?.conninfo() }
        #expect(error?.kind == .configuration)
        #expect(error?.message.contains("DATA_SOURCE_PASS_FILE") == true)
    }

    @Test func targetIsSafeToShow() throws {
        let source = try DataSource.all(environment: ["DATA_SOURCE_NAME": "postgresql://u:p@ss@db:6432/app"]).first
        #expect(source?.target.description == "db:6432/app")
    }
}
