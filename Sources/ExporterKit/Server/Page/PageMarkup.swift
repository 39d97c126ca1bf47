/// The HTML of the page. What only works with the script is hidden until the script shows it.
struct PageMarkup {
    let page: LandingPage
    let telemetryPath: String
    let collectors: [CollectorStatus]

    var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(escaped(page.name))</title>
        <link rel="icon" type="image/svg+xml" href="\(PageAsset.icon.reference)">
        <link rel="stylesheet" href="\(PageAsset.style.reference)">
        <script type="module" src="\(PageAsset.script.reference)"></script>
        </head>
        <body data-metrics="\(metrics)" data-state="./-/page.json">
        <header>
        <h1><img src="\(PageAsset.icon.reference)" alt="" width="32" height="32"> \(escaped(page.name)) \
        <small>\(escaped(page.version))</small></h1>
        <p>\(escaped(page.summary))</p>
        <nav aria-label="Endpoints">\(Self.links(metrics))</nav>
        </header>
        <main>
        <div id="tiles" hidden></div>
        \(targets)\(collectorTable)\(Self.live)
        <noscript><p>Values, search and charts need JavaScript. <a href="\(metrics)">The metrics</a> are plain text.</p></noscript>
        </main>
        </body>
        </html>

        """
    }

    private var metrics: String { escaped("." + telemetryPath) }

    private static func links(_ metrics: String) -> String {
        [("Metrics", metrics), ("Healthy", "./-/healthy"), ("Ready", "./-/ready")]
            .map { "<a href=\"\($1)\">\($0)</a>" }.joined(separator: " ")
    }

    private var targets: String {
        guard !page.targets.isEmpty else { return "" }
        let items = page.targets.map { "<li><code>\(escaped($0))</code></li>" }.joined()
        return "<section class=\"inline\"><h2>Targets</h2><ul class=\"targets\">\(items)</ul></section>\n"
    }

    // MARK: - Collectors

    /// More would hide the metrics below.
    private static let shownAtOnce = 8

    /// Open when it is short or something in it wants to be seen.
    private var collectorTable: String {
        guard !collectors.isEmpty else { return "" }
        let hasFailed = collectors.contains { $0.last?.error != nil }
        let isOpen = hasFailed || collectors.count <= Self.shownAtOnce
        return """
            <section><details id="collectors"\(isOpen ? " open" : "")>
            <summary><h2>Collectors</h2> <span id="collector-count">\(collectors.count)</span></summary>
            <div class="scroll" tabindex="0" role="region" aria-label="Collectors"><table>
            <thead><tr><th scope="col">Collector</th><th scope="col">Result</th>\
            <th scope="col" class="number">Last run</th><th scope="col" class="number">Series</th></tr></thead>
            <tbody>
            \(collectors.map(Self.row).joined(separator: "\n"))
            </tbody>
            </table></div>
            </details></section>

            """
    }

    private static func row(_ status: CollectorStatus) -> String {
        let cells = PageState.cells(status).map(escaped)
        let result = status.last.map { $0.error == nil ? "good" : "bad" } ?? "idle"
        return """
            <tr><th scope="row"><code>\(escaped(status.descriptor.name))</code> \
            <small>\(escaped(status.descriptor.summary))</small></th>\
            <td><span class="\(result)">\(cells[0])</span></td>\
            <td class="number">\(cells[1])</td><td class="number">\(cells[2])</td></tr>
            """
    }

    // MARK: - Metrics

    private static let live = """
        <section id="live" hidden aria-labelledby="metrics-title">
        <div class="bar">
        <h2 id="metrics-title">Metrics</h2>
        <label class="search"><span class="unseen">Search metrics</span>\
        <input id="search" type="search" placeholder="Search name, help, label&hellip;" autocomplete="off" \
        spellcheck="false" aria-keyshortcuts="/" aria-describedby="keys"><kbd aria-hidden="true">/</kbd></label>
        <label class="check"><input id="moved" type="checkbox"> only what moved</label>
        <label><span class="every">Every</span> <select id="interval" aria-label="Update every">
        <option value="1">1 s</option><option value="5" selected>5 s</option><option value="15">15 s</option>\
        <option value="60">60 s</option><option value="0">off</option>
        </select></label>
        <button id="pause" type="button">Pause</button>
        </div>
        <p id="failure" role="alert" hidden></p>
        <p class="note"><span id="found" role="status"></span> <span id="age"></span>
        Each update is one scrape and costs the server what a Prometheus costs it; a hidden tab asks nothing.</p>
        <table role="treegrid" aria-labelledby="metrics-title">
        <thead role="rowgroup"><tr role="row"><th role="columnheader">Metric</th><th role="columnheader">Kind</th>\
        <th role="columnheader">Unit</th><th role="columnheader" class="number">Series</th>\
        <th role="columnheader" class="number">Value</th><th role="columnheader">Since the page opened</th></tr></thead>
        <tbody id="rows" role="rowgroup"></tbody>
        </table>
        <p class="note" id="keys"><kbd>/</kbd> search &middot; <kbd>&uarr;</kbd> <kbd>&darr;</kbd> move &middot; \
        <kbd>Enter</kbd> series &middot; <kbd>Esc</kbd> clear</p>
        </section>
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
