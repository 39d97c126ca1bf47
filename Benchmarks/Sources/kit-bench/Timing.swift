import Glibc
import Synchronization

/// The clock and the threads of all cases.
enum Timing {
    /// Nanoseconds of the monotonic clock.
    static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }

    /// Nanoseconds for one of `count` operations, each thread doing all of them on the same metric.
    ///
    /// Threads of their own: the cooperative pool may have fewer than asked for.
    static func perOperation(threads: Int, _ count: Int, _ body: @escaping @Sendable (_ count: Int) -> Void) -> Double {
        guard threads > 1 else {
            let began = now()
            body(count)
            return (now() - began) / Double(count)
        }
        let line = StartLine()
        let workers = (0..<threads).map { _ in
            start {
                line.wait()
                body(count)
            }
        }
        while line.waiting < threads { sched_yield() }
        let began = now()
        line.go()
        for worker in workers { pthread_join(worker, nil) }
        return (now() - began) / Double(count)
    }

    /// Runs something to its end on a thread that then ends.
    static func onAnotherThread(_ body: @escaping @Sendable () -> Void) { pthread_join(start(body), nil) }

    private static func start(_ body: @escaping @Sendable () -> Void) -> pthread_t {
        let box = Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { raw in
                guard let raw else { return nil }
                Unmanaged<Work>.fromOpaque(raw).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        return thread
    }
}

private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// Where threads wait until all are there.
private final class StartLine: Sendable {
    private let arrived = Atomic<Int>(0)
    private let isOpen = Atomic<Bool>(false)

    var waiting: Int { arrived.load(ordering: .acquiring) }
    func go() { isOpen.store(true, ordering: .releasing) }
    func wait() {
        arrived.add(1, ordering: .acquiringAndReleasing)
        while !isOpen.load(ordering: .acquiring) { sched_yield() }
    }
}
