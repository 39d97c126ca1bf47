internal import CurlClient
internal import ExporterKit

/// A request whose JSON answer is cut into items by jq, page by page where the API has pages.
struct JSONAsker: GroupAsker {
    let question: JSONQuestion
    let labels: [(name: String, value: String)]
    let limit: Int
    let source: HTTPSource
    let worker: JqWorker
    let truncation: Truncation?

    func ask(until deadline: ContinuousClock.Instant) async -> Findings {
        do throws(CollectorError) {
            let reading = try await read(until: deadline)
            truncation?.note(false)
            return reading.findings()
        } catch {
            if error.reason != .cancelled { truncation?.note(true) }
            return .failed(error)
        }
    }

    /// All pages, or nothing.
    private func read(until deadline: ContinuousClock.Instant) async throws(CollectorError) -> JSONReading {
        var reading = JSONReading(question, labels: labels, limit: limit)
        let first = question.firstRequest
        var request = first
        var seen: Set<String> = []
        var pages = 0
        while true {
            let answer = try await source.answer(to: request, until: deadline)
            pages += 1
            if question.paging != nil { source.metrics.pageRead() }
            let (now, place) = (reading, request.name)
            let read = await worker.run(until: deadline) {
                () -> Result<(reading: JSONReading, mark: PageMark?), CollectorError> in
                var next = now
                do throws(JqError) {
                    let mark = try next.take(answer.body)
                    return .success((next, mark))
                } catch {
                    return .failure(CollectorError(.decode, "\(place): \(error)"))
                }
            }
            let page = try read.get()
            reading = page.reading
            guard let paging = question.paging,
                let next = try paging.request(
                    after: page.mark, answer, first: first, current: request, pages: pages, source)
            else { return reading }
            guard pages < paging.maximumPages else {
                throw CollectorError(
                    .decode,
                    "\(first.name): there are more than \(pages) pages, so nothing is shown; raise max_pages or ask for less"
                )
            }
            guard seen.insert(next.path).inserted else {
                throw CollectorError(.decode, "\(first.name): the pages go round in a circle; check paging")
            }
            request = next
        }
    }
}

extension JSONQuestion {
    /// The request for the first page.
    var firstRequest: SourceRequest {
        guard case .number(let parameter, let first)? = paging?.way else { return request }
        return request.setting(parameter, "\(first)")
    }
}

/// Tells that the sums of a group are withheld because not all of its pages were read.
struct Truncation: Sendable {
    private let gauge: Gauge

    init(_ group: String, _ registry: Registry) {
        gauge = registry.gauge(Self.truncated.name, Self.truncated.help, labels: ["group"])(group)
        gauge.set(0)
    }

    func note(_ isTruncated: Bool) { gauge.set(isTruncated ? 1 : 0) }

    static let truncated = MetricDescriptor(
        "business_source_truncated",
        "Whether the last reading of a source in pages did not come to its end, so that sums are withheld.",
        kind: .gauge)
    static let all = [truncated]
    static let planned = PlannedFamily(truncated, ["group"], most: 1)
}
