//! The cases of ../../README.md with Rust's prometheus-client.

use prometheus_client::encoding::{text::encode, EncodeLabelSet};
use prometheus_client::metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram};
use prometheus_client::registry::Registry;
use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{BufRead, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Barrier;
use std::time::Instant;

/// Counts what is taken from the heap.
struct Counting;
static BLOCKS: AtomicU64 = AtomicU64::new(0);

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        BLOCKS.fetch_add(1, Ordering::Relaxed);
        System.alloc(layout)
    }
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        System.dealloc(block, layout)
    }
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        BLOCKS.fetch_add(1, Ordering::Relaxed);
        System.realloc(block, layout, size)
    }
}

#[global_allocator]
static HEAP: Counting = Counting;

const BOUNDS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0];
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "DELETE", "PATCH"];
const CODES: [&str; 10] = ["200", "201", "204", "301", "400", "401", "403", "404", "500", "503"];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Two {
    method: String,
    code: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Three {
    method: String,
    code: String,
    path: String,
}

impl Three {
    fn new(i: usize) -> Self {
        Three {
            method: METHODS[i % 5].into(),
            code: CODES[i / 5 % 10].into(),
            path: format!("/api/v1/resources/{:05}", i / 50),
        }
    }
}

/// The sequence of pseudo-random numbers that all programs draw from.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        self.0
    }
    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// 1,024 observations over all 13 buckets.
fn observations() -> Vec<f64> {
    let mut draw = Draw(42);
    (0..1024)
        .map(|_| {
            let upper = BOUNDS.get(((draw.next() >> 33) % 13) as usize).copied().unwrap_or(60.0);
            upper * (0.6 + 0.4 * draw.fraction())
        })
        .collect()
}

/// Nanoseconds for one of `count` operations, each thread doing all of them on the same metric.
fn per_operation(threads: usize, count: usize, body: impl Fn(usize) + Sync) -> f64 {
    if threads == 1 {
        let began = Instant::now();
        body(count);
        return began.elapsed().as_nanos() as f64 / count as f64;
    }
    let (ready, start) = (Barrier::new(threads + 1), Barrier::new(threads + 1));
    let mut began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                ready.wait();
                start.wait();
                body(count);
            });
        }
        ready.wait();
        began = Instant::now();
        start.wait();
    });
    began.elapsed().as_nanos() as f64 / count as f64
}

type Case = Box<dyn FnMut() -> f64>;

fn incrementing(threads: usize, count: usize) -> Case {
    let counter: Counter = Counter::default();
    Box::new(move || {
        per_operation(threads, count, |count| {
            for _ in 0..count {
                counter.inc();
            }
        })
    })
}

fn adding(threads: usize, count: usize) -> Case {
    let counter = Counter::<f64, AtomicU64>::default();
    Box::new(move || {
        per_operation(threads, count, |count| {
            for _ in 0..count {
                counter.inc_by(0.5);
            }
        })
    })
}

fn setting(threads: usize, count: usize) -> Case {
    let gauge = Gauge::<f64, AtomicU64>::default();
    Box::new(move || {
        per_operation(threads, count, |count| {
            for i in 0..count {
                gauge.set(i as f64);
            }
        })
    })
}

fn observing(threads: usize, count: usize) -> Case {
    let histogram = Histogram::new(BOUNDS.into_iter());
    let drawn = observations();
    Box::new(move || {
        per_operation(threads, count, |count| {
            for i in 0..count {
                histogram.observe(drawn[i & 1023]);
            }
        })
    })
}

/// With ready-made label sets, which is the fastest this library offers.
fn looking_up(threads: usize, count: usize) -> Case {
    let family = Family::<Two, Counter>::default();
    let labels: Vec<Two> =
        (0..50).map(|i| Two { method: METHODS[i % 5].into(), code: CODES[i / 5].into() }).collect();
    Box::new(move || {
        per_operation(threads, count, |count| {
            let mut next = 0;
            for _ in 0..count {
                family.get_or_create(&labels[next]).inc();
                next += 1;
                if next == labels.len() {
                    next = 0;
                }
            }
        })
    })
}

fn registering(count: usize) -> Case {
    let labels: Vec<Three> = (0..count).map(Three::new).collect();
    Box::new(move || {
        let mut registry = Registry::default();
        let family = Family::<Three, Counter>::default();
        registry.register("a", "A", family.clone());
        per_operation(1, count, |_| {
            for label in &labels {
                family.get_or_create(label);
            }
        })
    })
}

fn counters(count: usize) -> Registry {
    let mut registry = Registry::default();
    let family = Family::<Three, Counter>::default();
    registry.register("http_requests", "Requests served", family.clone());
    for i in 0..count {
        family.get_or_create(&Three::new(i)).inc_by((1_000_000 + i * 7919 % 9_000_000) as u64);
    }
    registry
}

fn gauges(count: usize) -> Registry {
    let mut registry = Registry::default();
    let family = Family::<Three, Gauge<f64, AtomicU64>>::default();
    registry.register("queue_fill_ratio", "How full the queue is", family.clone());
    let mut draw = Draw(42);
    for i in 0..count {
        family.get_or_create(&Three::new(i)).set(draw.fraction());
    }
    registry
}

fn histograms(count: usize) -> Registry {
    let mut registry = Registry::default();
    let family = Family::<Three, Histogram>::new_with_constructor(|| Histogram::new(BOUNDS.into_iter()));
    registry.register("request_duration_seconds", "Time to serve a request", family.clone());
    let drawn = observations();
    for i in 0..count {
        let child = family.get_or_create(&Three::new(i));
        for j in 0..16 {
            child.observe(drawn[(i * 16 + j) % 1024]);
        }
    }
    registry
}

fn encoding(registry: Registry, lines: usize, repeats: usize) -> Case {
    let mut text = String::new();
    encode(&mut text, &registry).expect("encodes");
    Box::new(move || {
        let began = Instant::now();
        for _ in 0..repeats {
            text.clear();
            encode(&mut text, &registry).expect("encodes");
        }
        began.elapsed().as_nanos() as f64 / (lines * repeats) as f64
    })
}

fn allocations(registry: Registry) -> Case {
    let mut text = String::new();
    encode(&mut text, &registry).expect("encodes");
    Box::new(move || {
        let before = BLOCKS.load(Ordering::Relaxed);
        text.clear();
        encode(&mut text, &registry).expect("encodes");
        (BLOCKS.load(Ordering::Relaxed) - before) as f64
    })
}

fn case(name: &str) -> Option<(&'static str, Case)> {
    Some(match name {
        "counter_inc" => ("ns", incrementing(1, 10_000_000)),
        "counter_inc_2t" => ("ns", incrementing(2, 5_000_000)),
        "counter_add" => ("ns", adding(1, 5_000_000)),
        "counter_add_2t" => ("ns", adding(2, 2_000_000)),
        "gauge_set" => ("ns", setting(1, 10_000_000)),
        "gauge_set_2t" => ("ns", setting(2, 5_000_000)),
        "histogram_observe" => ("ns", observing(1, 4_000_000)),
        "histogram_observe_2t" => ("ns", observing(2, 1_000_000)),
        "lookup" => ("ns", looking_up(1, 1_000_000)),
        "lookup_2t" => ("ns", looking_up(2, 500_000)),
        "register_10k" => ("ns", registering(10_000)),
        "register_100k" => ("ns", registering(100_000)),
        "encode_1k" => ("ns", encoding(counters(1_000), 1_000, 100)),
        "encode_100k" => ("ns", encoding(counters(100_000), 100_000, 2)),
        "encode_gauges_100k" => ("ns", encoding(gauges(100_000), 100_000, 2)),
        "encode_histograms_1k" => ("ns", encoding(histograms(1_000), 15_000, 20)),
        "encode_1k_allocations" => ("blocks", allocations(counters(1_000))),
        "encode_100k_allocations" => ("blocks", allocations(counters(100_000))),
        _ => return None,
    })
}

fn main() {
    let mut current: Option<(String, &'static str, Case)> = None;
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        if current.as_ref().map_or(true, |(name, _, _)| *name != line) {
            current = None;
            current = case(&line).map(|(unit, run)| (line.clone(), unit, run));
        }
        match &mut current {
            Some((name, unit, run)) => println!("{name} {:.4} {unit}", run()),
            None => println!("{line} - none"),
        }
        std::io::stdout().flush().expect("a reader");
    }
}
