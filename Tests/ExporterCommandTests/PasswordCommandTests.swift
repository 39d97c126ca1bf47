import Foundation
import Testing

@testable import ExporterCommand

struct CommandWordsTests {
    @Test(arguments: [
        ("aws rds  token", ["aws", "rds", "token"]),
        (" a\tb\n", ["a", "b"]),
        (#"sh -c 'echo "$X" | tr a b'"#, ["sh", "-c", #"echo "$X" | tr a b"#]),
        (#"a "b \" c" d\ e"#, ["a", #"b " c"#, "d e"]),
        (#"'a'"b"c '' "#, ["abc", ""]),
        (#"'a\'b"#, [#"a\b"#]),
        ("$HOME *", ["$HOME", "*"]),
        ("", []),
    ])
    func splitsAsAShellDoesAndExpandsNothing(text: String, expected: [String]) {
        #expect(CommandWords.split(text) == expected)
    }

    @Test(arguments: ["a 'b", #"a "b"#, #"a \"#])
    func whatIsNotClosedIsRefused(text: String) {
        #expect(CommandWords.split(text) == nil)
    }
}

/// Real programs, run for what they print.
struct PasswordCommandTests {
    private func command(
        _ text: String, timeToLive: Duration = .seconds(600), timeout: Duration = .seconds(5),
        environment: [String: String] = ["PATH": "/usr/bin:/bin"]
    ) throws -> PasswordCommand {
        try PasswordCommand(text, timeToLive: timeToLive, timeout: timeout, environment: environment)
    }

    /// The message of a command that gives no password.
    private func failure(_ text: String, timeout: Duration = .seconds(5)) throws -> String {
        do {
            let password = try command(text, timeout: timeout).password()
            Issue.record("it gave \(password)")
            return ""
        } catch let error as ConfigurationError {
            return error.description
        }
    }

    @Test(arguments: [
        ("echo secret", "secret"), ("printf ' two words \\n\\n'", "two words"), ("printf pässwort", "pässwort"),
        ("/bin/echo '$HOME'", "$HOME"),
    ])
    func whatItPrintsIsThePassword(text: String, expected: String) throws {
        #expect(try command(text).password() == expected)
    }

    @Test(arguments: [
        ("true", "true printed nothing"),
        ("printf 'a\\nb'", "printf printed several lines; it must print the password and nothing else"),
        ("printf 'a\\0b'", "printf printed something that is not text"),
        ("printf '\\377'", "printf printed something that is not text"),
        ("false", "false: exit status 1"),
        ("sh -c 'echo s3cret; echo >&2; echo no token >&2; echo s3cret >&2; exit 7'", "sh: exit status 7: no token"),
        ("sh -c 'kill -9 $$'", "sh: ended by signal 9"),
        ("head -c 70000 /dev/zero", "head printed more than 64 KiB"),
        ("yes", "yes printed more than 64 KiB"),
    ])
    func failureSaysWhyAndKeepsTheOutputToItself(text: String, expected: String) throws {
        #expect(try failure(text) == expected)
    }

    @Test func programThatIsNotThereSaysSo() throws {
        let message = try failure("/no/such/program --token=s3cret")
        #expect(
            message
                == "/no/such/program cannot be started: No such file or directory; check the path and its permissions")
    }

    @Test(arguments: ["", "  ", "''", "echo 'x"])
    func textThatIsNoCommandIsRefusedAtOnce(text: String) {
        #expect(throws: ConfigurationError.self) { try command(text) }
    }

    @Test func lateProgramIsEndedWithAllItStarted() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("fleet-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        let began = ContinuousClock.now
        let message = try failure(
            "sh -c 'sleep 60 & echo $! > \(file); echo still asking >&2; wait'", timeout: .milliseconds(400))
        #expect(message == "sh did not end within 400ms: still asking")
        #expect(began.duration(to: .now) < .seconds(3))
        let child = try String(contentsOfFile: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        let state = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
        #expect(state == nil || state?.contains(") Z ") == true, "gone, or waiting to be reaped")
    }

    @Test func backgroundProcessDoesNotHoldItUp() throws {
        let began = ContinuousClock.now
        #expect(try command("sh -c 'echo secret; sleep 3 &'").password() == "secret")
        #expect(began.duration(to: .now) < .seconds(2))
    }

    @Test func itGetsItsEnvironmentAndNoneOfOurDescriptors() throws {
        let own = try command("sh -c 'echo $A-$B'", environment: ["A": "1", "B": "2"])
        #expect(try own.password() == "1-2")
        let leaky = try #require(fopen("/dev/null", "r"))
        defer { fclose(leaky) }
        // The last one is the folder itself that is being listed.
        #expect(try command("sh -c 'ls /proc/self/fd | tr \"\\n\" ,'").password() == "0,1,2,3,")
    }

    @Test func passwordIsRememberedUntilItIsRefusedOrOld() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("fleet-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        let text = "sh -c 'echo x >> \(file); wc -l < \(file)'"
        let kept = try command(text)
        #expect(try kept.password() == "1")
        #expect(kept.refused() == false, "it is new: asking again gives no other")
        #expect(try kept.password() == "2")
        #expect(try kept.password() == "2")
        #expect(kept.refused() == true)
        #expect(try kept.password() == "3")
        let fresh = try command(text, timeToLive: .zero)
        #expect(try fresh.password() == "4")
        #expect(try fresh.password() == "5")
    }

    @Test func argumentsAreNotShown() throws {
        let command = try command("printf s3cret")
        _ = try command.password()
        #expect("\(command)" == "printf")
    }
}
