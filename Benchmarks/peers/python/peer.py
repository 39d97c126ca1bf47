"""The cases of ../../README.md with Python's prometheus_client."""

import sys
import threading
import time

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

prometheus_client.disable_created_metrics()  # the others write none either

BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25]
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"]
CODES = ["200", "201", "204", "301", "400", "401", "403", "404", "500", "503"]
LABELS = ["method", "code", "path"]


def labels(i):
    return METHODS[i % 5], CODES[i // 5 % 10], "/api/v1/resources/%05d" % (i // 50)


def draw():
    """The sequence of pseudo-random numbers that all programs draw from."""
    state = 42
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield state


def observations():
    """1,024 observations over all 13 buckets."""
    numbers = draw()
    values = []
    for _ in range(1024):
        bucket = (next(numbers) >> 33) % 13
        upper = BOUNDS[bucket] if bucket < len(BOUNDS) else 60.0
        values.append(upper * (0.6 + 0.4 * ((next(numbers) >> 11) / 2**53)))
    return values


def per_operation(threads, count, body):
    """Nanoseconds for one of count operations, each thread doing all of them on the same metric."""
    start = threading.Barrier(threads + 1)

    def work():
        start.wait()
        body(count)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    start.wait()
    began = time.perf_counter_ns()
    for worker in workers:
        worker.join()
    return (time.perf_counter_ns() - began) / count


def repeated(call):
    def body(count):
        for _ in range(count):
            call()

    return body


def incrementing(threads, count, amount=1):
    counter = Counter("a", "A.", registry=None)
    return lambda: per_operation(threads, count, repeated(lambda: counter.inc(amount)))


def setting(threads, count):
    gauge = Gauge("a", "A.", registry=None)
    return lambda: per_operation(threads, count, repeated(lambda: gauge.set(1.5)))


def observing(threads, count):
    histogram = Histogram("a_seconds", "A.", registry=None, buckets=BOUNDS)
    drawn = observations()

    def body(count):
        for i in range(count):
            histogram.observe(drawn[i & 1023])

    return lambda: per_operation(threads, count, body)


def looking_up(threads, count):
    family = Counter("http_requests", "Requests served.", ["method", "code"], registry=None)
    pairs = [(METHODS[i % 5], CODES[i // 5]) for i in range(50)]

    def body(count):
        for i in range(count):
            method, code = pairs[i % 50]
            family.labels(method, code).inc()

    return lambda: per_operation(threads, count, body)


def registering(count):
    sets = [labels(i) for i in range(count)]

    def run():
        family = Counter("a", "A.", LABELS, registry=CollectorRegistry())

        def body(_):
            for values in sets:
                family.labels(*values)

        return per_operation(1, count, body)

    return run


def counters(count):
    registry = CollectorRegistry()
    family = Counter("http_requests", "Requests served.", LABELS, registry=registry)
    for i in range(count):
        family.labels(*labels(i)).inc(1_000_000 + i * 7919 % 9_000_000)
    return registry


def gauges(count):
    registry = CollectorRegistry()
    family = Gauge("queue_fill_ratio", "How full the queue is.", LABELS, registry=registry)
    numbers = draw()
    for i in range(count):
        family.labels(*labels(i)).set((next(numbers) >> 11) / 2**53)
    return registry


def histograms(count):
    registry = CollectorRegistry()
    family = Histogram(
        "request_duration_seconds", "Time to serve a request.", LABELS, registry=registry, buckets=BOUNDS
    )
    drawn = observations()
    for i in range(count):
        child = family.labels(*labels(i))
        for j in range(16):
            child.observe(drawn[(i * 16 + j) % 1024])
    return registry


def encoding(registry, lines):
    return lambda: per_operation(1, lines, lambda _: generate_latest(registry))


CASES = {
    "counter_inc": lambda: incrementing(1, 200_000),
    "counter_inc_2t": lambda: incrementing(2, 100_000),
    "counter_add": lambda: incrementing(1, 200_000, 0.5),
    "counter_add_2t": lambda: incrementing(2, 100_000, 0.5),
    "gauge_set": lambda: setting(1, 200_000),
    "gauge_set_2t": lambda: setting(2, 100_000),
    "histogram_observe": lambda: observing(1, 100_000),
    "histogram_observe_2t": lambda: observing(2, 50_000),
    "lookup": lambda: looking_up(1, 50_000),
    "lookup_2t": lambda: looking_up(2, 25_000),
    "register_10k": lambda: registering(10_000),
    "register_100k": lambda: registering(100_000),
    "encode_1k": lambda: encoding(counters(1_000), 1_000),
    "encode_100k": lambda: encoding(counters(100_000), 100_000),
    "encode_gauges_100k": lambda: encoding(gauges(100_000), 100_000),
    "encode_histograms_1k": lambda: encoding(histograms(1_000), 15_000),
}


def main():
    name = run = None
    for line in sys.stdin:
        wanted = line.strip()
        if wanted not in CASES:
            print(wanted, "- none", flush=True)
            continue
        if wanted != name:
            run = None
            name, run = wanted, CASES[wanted]()
        print(name, "%.4g" % run(), "ns", flush=True)


main()
