/// The page at `/`: what this is, where the metrics are, how each collector fared last.
public struct LandingPage: Sendable {
    /// Name of the program.
    public let name: String
    /// What it exports, in one sentence.
    public let summary: String
    /// Version of the program.
    public let version: String
    /// What it asks, without credentials; empty for none.
    public let targets: [String]

    /// A page from its parts.
    public init(name: String, summary: String, version: String, targets: [String] = []) {
        self.name = name
        self.summary = summary
        self.version = version
        self.targets = targets
    }

    func response(telemetryPath: String, collectors: [CollectorStatus]) -> HTTPResponse {
        HTTPResponse(
            status: 200,
            headers: [
                ("Content-Type", "text/html; charset=utf-8"), ("X-Content-Type-Options", "nosniff"),
                ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
            ],
            body: Array(html(telemetryPath: telemetryPath, collectors: collectors).utf8))
    }

    private func html(telemetryPath: String, collectors: [CollectorStatus]) -> String {
        let targets = targets.map { "<li><code>\(escaped($0))</code></li>" }.joined()
        let rows = collectors.map(row).joined(separator: "\n")
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(escaped(name))</title>
            <style>\(Self.style)</style>
            </head>
            <body>
            <h1>\(escaped(name)) <small>\(escaped(version))</small></h1>
            <p>\(escaped(summary))</p>
            <p><a href="\(escaped(telemetryPath))">Metrics</a> · <a href="/-/healthy">Healthy</a> · <a href="/-/ready">Ready</a></p>
            \(targets.isEmpty ? "" : "<h2>Targets</h2><ul>\(targets)</ul>")
            \(collectors.isEmpty ? "" : Self.table(rows))
            </body>
            </html>

            """
    }

    private static func table(_ rows: String) -> String {
        """
        <h2>Collectors</h2>
        <table>
        <thead><tr><th>Collector</th><th>Last run</th><th>Series</th><th>State</th><th>What it gives</th></tr></thead>
        <tbody>
        \(rows)
        </tbody>
        </table>
        """
    }

    private func row(_ status: CollectorStatus) -> String {
        let summary = "<td>\(escaped(status.descriptor.summary))</td>"
        guard let last = status.last else {
            return
                "<tr><td>\(escaped(status.descriptor.name))</td><td></td><td></td><td>not yet run</td>\(summary)</tr>"
        }
        let microseconds = Int(last.duration.seconds * 1_000_000)
        let took = "\(microseconds / 1000).\(microseconds % 1000 / 100) ms"
        let state = last.error.map { "<td class=\"bad\">\(escaped($0.message))</td>" } ?? "<td class=\"good\">ok</td>"
        let name = "<td>\(escaped(status.descriptor.name))</td>"
        return "<tr>\(name)<td>\(took)</td><td>\(last.series)</td>\(state)\(summary)</tr>"
    }

    private static let style = """
        :root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:64rem;padding:0 1rem}\
        small{font-weight:normal;opacity:.6}table{border-collapse:collapse;width:100%}\
        th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #8884;vertical-align:top}\
        .good{color:#1a7f37}.bad{color:#cf222e}
        """
}

/// Text for an HTML body or attribute.
private func escaped(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
        switch character {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        case "'": result += "&#39;"
        default: result.unicodeScalars.append(character)
        }
    }
    return result
}
