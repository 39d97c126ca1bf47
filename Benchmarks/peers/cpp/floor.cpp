// What the machine allows: the cases of ../../README.md without any library. No HELP, no TYPE, no safety, no labels to find.
#include <zlib.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <vector>

using std::string, std::vector;

namespace {

const vector<double> bounds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25};
const vector<string> boundTexts = {"0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "25", "+Inf"};
const char *const methods[] = {"GET", "POST", "PUT", "DELETE", "PATCH"};
const char *const codes[] = {"200", "201", "204", "301", "400", "401", "403", "404", "500", "503"};

// The sequence of pseudo-random numbers that all programs draw from.
struct Draw {
    uint64_t state = 42;
    uint64_t next() { return state = state * 6364136223846793005u + 1442695040888963407u; }
    double fraction() { return double(next() >> 11) / double(1ull << 53); }
};

// 1,024 observations over all 13 buckets.
vector<double> observations() {
    Draw draw;
    vector<double> values(1024);
    for (double &value : values) {
        const size_t bucket = (draw.next() >> 33) % 13;
        const double upper = bucket < bounds.size() ? bounds[bucket] : 60.0;
        value = upper * (0.6 + 0.4 * draw.fraction());
    }
    return values;
}

double now() {
    return double(std::chrono::duration_cast<std::chrono::nanoseconds>(
                      std::chrono::steady_clock::now().time_since_epoch()).count());
}

// Nanoseconds for one of count operations, each thread doing all of them; body is given the number of its thread.
template <typename Body> double perOperation(int threads, long count, Body body) {
    if (threads == 1) {
        const double began = now();
        body(0, count);
        return (now() - began) / double(count);
    }
    std::atomic<int> ready{0};
    std::atomic<bool> go{false};
    vector<std::thread> workers;
    for (int thread = 0; thread < threads; thread++) {
        workers.emplace_back([&, thread] {
            ready++;
            while (!go) std::this_thread::yield();
            body(thread, count);
        });
    }
    while (ready < threads) std::this_thread::yield();
    const double began = now();
    go = true;
    for (auto &worker : workers) worker.join();
    return (now() - began) / double(count);
}

// One cell for each thread, each on cache lines of its own: what striping can reach at best.
struct alignas(128) Cell {
    std::atomic<uint64_t> count{0};
};
struct alignas(128) Buckets {
    std::atomic<uint64_t> counts[13]{};
    std::atomic<double> sum{0};
};
Cell cells[2];
Buckets buckets[2];

using Case = std::function<double()>;

Case incrementing(int threads, long count) {
    return [=] {
        return perOperation(threads, count, [](int thread, long count) {
            for (long i = 0; i < count; i++) cells[thread].count.fetch_add(1, std::memory_order_relaxed);
        });
    };
}

void add(std::atomic<double> &cell, double amount) {
    double old = cell.load(std::memory_order_relaxed);
    while (!cell.compare_exchange_weak(old, old + amount, std::memory_order_relaxed)) {}
}

Case adding(int threads, long count) {
    return [=] {
        return perOperation(threads, count, [](int thread, long count) {
            for (long i = 0; i < count; i++) add(buckets[thread].sum, 0.5);
        });
    };
}

Case setting(int threads, long count) {
    return [=] {
        return perOperation(threads, count, [](int, long count) {
            for (long i = 0; i < count; i++) cells[0].count.store(uint64_t(i), std::memory_order_relaxed);
        });
    };
}

Case observing(int threads, long count) {
    return [=, drawn = observations()] {
        return perOperation(threads, count, [&](int thread, long count) {
            Buckets &own = buckets[thread];
            for (long i = 0; i < count; i++) {
                const double value = drawn[size_t(i) & 1023];
                size_t bucket = 0;
                for (const double bound : bounds) bucket += value > bound;
                own.counts[bucket].fetch_add(1, std::memory_order_relaxed);
                add(own.sum, value);
            }
        });
    };
}

// Everything of a line up to its value, side by side in one block.
struct Lines {
    string prefixes;
    vector<uint32_t> ends;
    vector<double> reals;
    vector<uint64_t> integers;

    void append(const string &prefix) {
        prefixes += prefix;
        ends.push_back(uint32_t(prefixes.size()));
    }
};

string labels(int i) {
    char text[128];
    std::snprintf(text, sizeof text, "code=\"%s\",method=\"%s\",path=\"/api/v1/resources/%05d\"", codes[i / 5 % 10],
                  methods[i % 5], i / 50);
    return text;
}

Lines counters(int count) {
    Lines lines;
    for (int i = 0; i < count; i++) {
        lines.append("http_requests_total{" + labels(i) + "} ");
        lines.integers.push_back(1'000'000 + uint64_t(i) * 7919 % 9'000'000);
    }
    return lines;
}

Lines gauges(int count) {
    Lines lines;
    Draw draw;
    for (int i = 0; i < count; i++) {
        lines.append("queue_fill_ratio{" + labels(i) + "} ");
        lines.reals.push_back(draw.fraction());
    }
    return lines;
}

Lines histograms(int count) {
    Lines lines;
    for (int i = 0; i < count; i++) {
        const string own = labels(i);
        for (const string &bound : boundTexts)
            lines.append("request_duration_seconds_bucket{" + own + ",le=\"" + bound + "\"} ");
        lines.append("request_duration_seconds_sum{" + own + "} ");
        lines.append("request_duration_seconds_count{" + own + "} ");
        for (uint64_t line = 0; line < 15; line++) lines.integers.push_back(line);
    }
    return lines;
}

size_t encode(const Lines &lines, vector<char> &output) {
    char *out = output.data();
    char *const end = out + output.size();
    uint32_t begin = 0;
    for (size_t i = 0; i < lines.ends.size(); i++) {
        const uint32_t length = lines.ends[i] - begin;
        std::memcpy(out, lines.prefixes.data() + begin, length);
        begin = lines.ends[i];
        out += length;
        out = lines.reals.empty() ? std::to_chars(out, end, lines.integers[i]).ptr
                                  : std::to_chars(out, end, lines.reals[i]).ptr;
        *out++ = '\n';
    }
    return size_t(out - output.data());
}

vector<char> room(const Lines &lines) { return vector<char>(lines.prefixes.size() + lines.ends.size() * 32); }

Case encoding(Lines lines, int repeats) {
    return [=, output = room(lines)]() mutable {
        const long total = repeats * long(lines.ends.size());
        return perOperation(1, total, [&](int, long) {
            for (int i = 0; i < repeats; i++) encode(lines, output);
        });
    };
}

vector<char> body() {
    const Lines lines = counters(100'000);
    vector<char> output = room(lines);
    output.resize(encode(lines, output));
    return output;
}

Case copying() {
    return [source = body(), target = body()]() mutable {
        return perOperation(1, 20, [&](int, long count) {
            for (long i = 0; i < count; i++) {
                source[0] = char(i);
                std::memcpy(target.data(), source.data(), source.size());
                asm volatile("" : : "r"(target.data()) : "memory");
            }
        }) / 1e6;
    };
}

// gzip as servers do it: zlib, level 1.
Case compressing() {
    return [source = body()]() mutable {
        vector<char> target(compressBound(source.size()) + 64);
        return perOperation(1, 1, [&](int, long) {
            z_stream stream{};
            deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
            stream.next_in = reinterpret_cast<Bytef *>(source.data());
            stream.avail_in = uInt(source.size());
            stream.next_out = reinterpret_cast<Bytef *>(target.data());
            stream.avail_out = uInt(target.size());
            deflate(&stream, Z_FINISH);
            deflateEnd(&stream);
        }) / 1e6;
    };
}

struct Benchmark {
    const char *unit;
    std::function<Case()> make;
};

const std::map<string, Benchmark> benchmarks = {
    {"counter_inc", {"ns", [] { return incrementing(1, 10'000'000); }}},
    {"counter_inc_2t", {"ns", [] { return incrementing(2, 5'000'000); }}},
    {"counter_add", {"ns", [] { return adding(1, 5'000'000); }}},
    {"counter_add_2t", {"ns", [] { return adding(2, 2'000'000); }}},
    {"gauge_set", {"ns", [] { return setting(1, 50'000'000); }}},
    {"gauge_set_2t", {"ns", [] { return setting(2, 10'000'000); }}},
    {"histogram_observe", {"ns", [] { return observing(1, 4'000'000); }}},
    {"histogram_observe_2t", {"ns", [] { return observing(2, 1'000'000); }}},
    {"encode_1k", {"ns", [] { return encoding(counters(1'000), 1'000); }}},
    {"encode_100k", {"ns", [] { return encoding(counters(100'000), 10); }}},
    {"encode_gauges_100k", {"ns", [] { return encoding(gauges(100'000), 10); }}},
    {"encode_histograms_1k", {"ns", [] { return encoding(histograms(1'000), 100); }}},
    {"gzip", {"ms", compressing}},
    {"memcpy", {"ms", copying}},
};

}  // namespace

int main() {
    string line, name;
    Case run;
    while (std::getline(std::cin, line)) {
        const auto found = benchmarks.find(line);
        if (found == benchmarks.end()) {
            std::printf("%s - none\n", line.c_str());
        } else {
            if (line != name) {
                run = nullptr;
                run = found->second.make();
                name = line;
            }
            std::printf("%s %.4g %s\n", line.c_str(), run(), found->second.unit);
        }
        std::fflush(stdout);
    }
}
