import ExporterKit
import ServiceLifecycle

/// Labels of one counter. The compiler sees to their number, order and values.
struct JobLabels: MetricLabels {
    enum Result: String { case done, failed }

    static let labelNames = ["size", "result"]
    let size: Int
    let result: Result
    var labelValues: [String] { [String(size), result.rawValue] }
}

/// Does jobs until the service shuts down.
struct Worker: Service {
    private let jobs: TypedFamily<Counter, JobLabels>
    private let duration: Histogram
    private let active: Gauge
    private let cache = Cache()

    init(_ registry: Registry) {
        jobs = registry.counter("jobs_total", "Jobs that ended, by size and result.", labels: JobLabels.self)
        duration = registry.histogram("job_duration_seconds", "Time that jobs took.", unit: "seconds")
        active = registry.gauge("jobs_active", "Jobs that run now.")
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled { await work() }
        }
    }

    private func work() async {
        let size = cache.size()
        await active.trackInProgress {
            await duration.time { try? await Task.sleep(for: .milliseconds(size)) }
        }
        jobs(JobLabels(size: size, result: Task.isCancelled ? .failed : .done)).increment()
    }
}
