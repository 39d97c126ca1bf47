internal import ExporterCommand
internal import ExporterKit
internal import PostgresClient

/// Times in a text: as Go writes them, or as PostgreSQL prints an interval.
enum LengthText {
    /// Milliseconds; `nil` for `-1`, which means none, and for what is no time.
    static func milliseconds(_ text: String) -> Double? {
        guard text != "-1" else { return nil }
        if let duration = DurationText.parse(text) { return duration.seconds * 1_000 }
        return IntervalText.seconds(text).map { $0 * 1_000 }
    }
}
