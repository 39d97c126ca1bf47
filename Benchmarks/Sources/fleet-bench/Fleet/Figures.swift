/// What was measured of one contender. What a contest leaves out stays empty.
struct Figures {
    /// Seconds of the median scrape, for each round.
    var latency: [Double] = []
    /// The same through a proxy that delays.
    var delayedLatency: [Double] = []
    /// Seconds per scrape, for each round.
    var exporterCPU: [Double] = []
    var serverCPU: [Double] = []
    /// Seconds to the first good scrape, for each start.
    var start: [Double] = []
    /// Bytes, after the rounds.
    var memory = Usage.Memory()
    /// Resident memory after many more samples, as a multiple of what it was after the rounds.
    var growth: Double?
    var executable = 0.0
    /// Per warm scrape.
    var roundTrips: Double?
    var connections: Double?
    var series = 0
    var bytes = 0
}

/// How much is measured.
struct Effort {
    var rounds = 7
    var scrapesPerRound = 150
    var warmUp = 50
    /// Through the delaying proxy, in each round.
    var delayedScrapes = 8
    var starts = 11
    /// Taken after the rounds, to see whether memory grows.
    var moreSamples = 1_000_000

    var scrapes: Int { warmUp + rounds * scrapesPerRound }
}
