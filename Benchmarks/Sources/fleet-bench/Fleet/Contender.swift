import Glibc

/// One exporter under test: how to start it against a server.
struct Contender {
    /// Arguments, the executable first, to listen on a port and scrape a server on a port.
    typealias Command = (_ listen: UInt16, _ server: UInt16) -> (arguments: [String], environment: [String: String])

    let name: String
    let command: Command
    /// A line that a good scrape has.
    let goodLine: String
    /// The program's file name. A peer may be started by a script that becomes it.
    let program: String
}

/// A contender that has answered its first good scrape.
struct Running {
    let child: Child
    let scraper: Scraper
    /// From the moment that the process was the program itself.
    let secondsToFirstScrape: Double

    init(_ contender: Contender, server: UInt16) throws {
        let port = freePort()
        let command = contender.command(port, server)
        scraper = Scraper(port: port)
        child = try Child(command.arguments, environment: command.environment)
        var began = scraper.now()
        let deadline = began + 15
        while Usage.program(of: child.pid) != contender.program, scraper.now() < deadline {
            usleep(100)
            began = scraper.now()
        }
        while true {
            if let body = try? scraper.scrape().body,
                String(decoding: body, as: UTF8.self).contains("\n\(contender.goodLine)\n")
            {
                break
            }
            guard scraper.now() < deadline else {
                child.stop()
                throw BenchError(
                    "\(contender.name) gave no good scrape within 15 s: \(command.arguments.joined(separator: " "))")
            }
            usleep(500)
        }
        secondsToFirstScrape = scraper.now() - began
    }

    /// Scrapes, and what the median one took in seconds.
    func medianOf(scrapes: Int) throws -> Double {
        var times: [Double] = []
        for _ in 0..<scrapes { times.append(try scraper.scrape().seconds) }
        return times.sorted()[times.count / 2]
    }
}
