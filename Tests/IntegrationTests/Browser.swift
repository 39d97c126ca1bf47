import Foundation
import Testing

/// A real Chromium without a window, driven over WebDriver by Debian's chromedriver.
final class Browser {
    /// What the person's system prefers.
    enum Scheme: String, CaseIterable { case light, dark }

    private let driver: FleetProcess
    private let session: String

    /// Runs a test in a browser of its own and closes it, however the test ends.
    static func run(
        width: Int = 1280, _ scheme: Scheme = .light, _ body: (Browser) async throws -> Void
    ) async throws {
        let browser = try await Browser(width: width)
        do {
            let feature = ["name": "prefers-color-scheme", "value": scheme.rawValue]
            try await browser.devTools("Emulation.setEmulatedMedia", ["features": [feature]])
            try await browser.devTools(
                "Emulation.setDeviceMetricsOverride",
                ["width": width, "height": 2400, "deviceScaleFactor": 1, "mobile": width < 500])
            try await body(browser)
        } catch {
            await browser.close()
            throw error
        }
        await browser.close()
    }

    private init(width: Int) async throws {
        let driver = try FleetProcess("chromedriver", ["--port=0"])
        let pattern = /started successfully on port (?<port>\d+)/
        guard try await eventually(within: .seconds(30), { driver.standardOutput.contains(pattern) }),
            let port = driver.standardOutput.firstMatch(of: pattern)?.port
        else { throw FleetError("chromedriver does not start: \(driver.standardError)") }
        // No sandbox: tests may run as root. No /dev/shm: containers give it 64 MB.
        let arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=\(width),2400",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
        ]
        let wanted: [String: Any] = [
            "browserName": "chrome", "goog:loggingPrefs": ["browser": "ALL", "performance": "ALL"],
            "goog:chromeOptions": ["args": arguments],
        ]
        let root = "http://127.0.0.1:\(port)/session"
        let made = try await Self.call(root, ["capabilities": ["alwaysMatch": wanted]])
        guard let id = (made as? [String: Any])?["sessionId"] as? String else {
            throw FleetError("chromedriver gave no session: \(made)")
        }
        self.driver = driver
        self.session = "\(root)/\(id)"
    }

    /// Ends Chromium; chromedriver ends with the object.
    private func close() async {
        _ = try? await curl(session, ["--request", "DELETE"])
    }

    // MARK: - What a person does

    func open(_ url: String) async throws {
        try await Self.call("\(session)/url", ["url": url])
    }

    /// Presses keys one after another: characters, or names of `Key`.
    func press(_ keys: String...) async throws {
        let actions = keys.flatMap { key in ["keyDown", "keyUp"].map { ["type": $0, "value": key] } }
        try await Self.call("\(session)/actions", ["actions": [["type": "key", "id": "keys", "actions": actions]]])
    }

    func type(_ text: String) async throws {
        for character in text { try await press(String(character)) }
    }

    /// Source: https://www.w3.org/TR/webdriver2/#keyboard-actions
    enum Key {
        static let enter = "\u{E007}"
        static let escape = "\u{E00C}"
        static let end = "\u{E010}"
        static let left = "\u{E012}"
        static let right = "\u{E014}"
        static let down = "\u{E015}"
    }

    // MARK: - What a test wants to know

    /// Value of an expression in the page; a promise is awaited.
    func value<Value: Decodable>(_ expression: String, as type: Value.Type = Value.self) async throws -> Value {
        let script = "return Promise.resolve(\(expression)).then(value => [value])"
        let result = try await Self.call("\(session)/execute/sync", ["script": script, "args": []])
        let data = try JSONSerialization.data(withJSONObject: result)
        guard let value = try JSONDecoder().decode([Value].self, from: data).first else {
            throw FleetError("no value of \(expression)")
        }
        return value
    }

    func text(_ expression: String) async throws -> String { try await value(expression) }

    func isTrue(_ expression: String) async throws -> Bool { try await value("Boolean(\(expression))") }

    /// Waits until an expression is true in the page.
    func waits(for condition: String, within limit: Duration = .seconds(20)) async throws -> Bool {
        try await eventually(within: limit) { try await self.isTrue(condition) }
    }

    func execute(_ script: String) async throws {
        try await Self.call("\(session)/execute/sync", ["script": script, "args": []])
    }

    /// What the console said since the last call: errors, and every violation of the policy.
    func console() async throws -> [String] { try await log("browser") }

    /// Addresses asked for since the last call.
    func requests() async throws -> [String] {
        try await log("performance").compactMap { line in
            let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            let message = event?["message"] as? [String: Any]
            guard message?["method"] as? String == "Network.requestWillBeSent" else { return nil }
            let request = (message?["params"] as? [String: Any])?["request"] as? [String: Any]
            return request?["url"] as? String
        }
    }

    private func log(_ kind: String) async throws -> [String] {
        let entries = try await Self.call("\(session)/se/log", ["type": kind]) as? [[String: Any]]
        return (entries ?? []).compactMap { $0["message"] as? String }
    }

    // MARK: - The wire

    func devTools(_ command: String, _ parameters: [String: Any]) async throws {
        try await Self.call("\(session)/goog/cdp/execute", ["cmd": command, "params": parameters])
    }

    @discardableResult
    private static func call(_ url: String, _ body: [String: Any]) async throws -> Any {
        let data = String(decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self)
        let answer = try await curl(url, ["--header", "Content-Type: application/json", "--data-binary", data])
        let object = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any]
        guard answer.status == 200, let value = object?["value"] else {
            throw FleetError("\(url): \(answer.status) \(answer.body.prefix(500))")
        }
        return value
    }
}
