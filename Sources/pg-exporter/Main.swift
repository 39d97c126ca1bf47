internal import ExporterCommand

/// `@main` does not find a `main()` that a protocol of another module brings along, so this calls it.
@main enum Main {
    static func main() async { await PgExporter.main() }
}
