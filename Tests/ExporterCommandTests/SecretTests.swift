import Foundation
import Testing

@testable import ExporterCommand

@Suite struct SecretTests {
    @Test func neverPrintsItself() throws {
        let secret = Secret("geheim")
        var dumped = ""
        dump(secret, to: &dumped)
        dump(["a": secret, "b": nil], to: &dumped)
        let printed =
            "\(secret) \(String(reflecting: secret)) \(String(describing: [secret])) \(Optional(secret) as Any)"
        #expect(printed.contains("***"))
        #expect(!printed.contains("geheim") && !dumped.contains("geheim"))
        #expect(try secret.value == "geheim")
    }

    @Test func fileIsReadAgainAndLosesItsLineEnd() throws {
        try withFile(Array("one\r\n".utf8)) { path in
            let secret = Secret(file: path)
            #expect(try secret.value == "one")
            try Array("two words\n\n".utf8).withUnsafeBytes { try write($0, to: path) }
            #expect(try secret.value == "two words")
        }
    }

    @Test func missingPlaceIsNamed() {
        #expect(throws: ConfigurationError("the environment variable FLEET_NO_SUCH is not set; set it to the secret")) {
            try Secret(env: "FLEET_NO_SUCH").value
        }
        #expect(throws: ConfigurationError.self) { try Secret(file: "/nowhere/secret").value }
    }

    @Test func variableIsReadWhenUsed() throws {
        #expect(try !Secret(env: "PATH").value.isEmpty)
    }
}

func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
}
