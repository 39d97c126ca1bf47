/// A series that a test asked for and that is not there.
public struct SeriesNotFound: Error, Sendable, Equatable, CustomStringConvertible {
    /// Name and labels, as an exposition shows them.
    public let series: String
    /// All series that are there with their values, the nearest first.
    public let present: [String]

    /// Most series that the text lists.
    private static let mostListed = 20

    init(_ name: String, _ labels: [String: String], among samples: [Exposition.Sample]) {
        series = SeriesName.shown(name, labels)
        let ranked = samples.enumerated().map { offset, sample in
            let common = sample.labels.count { labels[$0.key] == $0.value }
            return (names: Self.nearness(sample.name, name), labels: common, place: -offset, sample: sample)
        }
        present = ranked.sorted { ($0.names, $0.labels, $0.place) > ($1.names, $1.labels, $1.place) }
            .map(\.sample.description)
    }

    /// What two names have in common at both ends; a series of the same name is nearer than any other.
    private static func nearness(_ left: String, _ right: String) -> Int {
        guard left != right else { return .max }
        let beginning = zip(left.utf8, right.utf8).prefix { $0 == $1 }.count
        let end = zip(left.utf8.reversed(), right.utf8.reversed()).prefix { $0 == $1 }.count
        return beginning + end
    }

    /// The series and a list of those that are there.
    public var description: String {
        guard !present.isEmpty else { return "no series \(series), nor any other" }
        let more = present.count - Self.mostListed
        let end = more > 0 ? ["and \(more) more"] : []
        return "no series \(series); there are:\n  "
            + (present.prefix(Self.mostListed) + end).joined(separator: "\n  ")
    }
}
