// What the machine allows: the cases of ../../README.md without any library. No HELP, no TYPE, no safety, no labels to find.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using std::string, std::vector;

namespace {

constexpr std::array<double, 12> bounds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25};
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

// One set of cells for each thread, on cache lines of its own. Only its owner writes, so that a load and a store do: less is
// not possible for what another thread may read at any time.
struct alignas(128) Cells {
    std::atomic<uint64_t> counts[13]{};
    std::atomic<double> sum{0};
};
Cells cells[2];

using Case = std::function<double()>;

template <typename Number> void add(std::atomic<Number> &cell, Number amount) {
    cell.store(cell.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

// The bare relaxed atomic add.
Case incrementing(int threads, long count) {
    return [=] {
        return perOperation(threads, count, [](int thread, long count) {
            for (long i = 0; i < count; i++) cells[thread].counts[0].fetch_add(1, std::memory_order_relaxed);
        });
    };
}

Case adding(int threads, long count) {
    return [=] {
        return perOperation(threads, count, [](int thread, long count) {
            for (long i = 0; i < count; i++) add(cells[thread].sum, 0.5);
        });
    };
}

Case setting(int threads, long count) {
    return [=] {
        return perOperation(threads, count, [](int, long count) {
            for (long i = 0; i < count; i++) cells[0].sum.store(double(i), std::memory_order_relaxed);
        });
    };
}

Case observing(int threads, long count) {
    return [=, drawn = observations()] {
        return perOperation(threads, count, [&](int thread, long count) {
            Cells &own = cells[thread];
            for (long i = 0; i < count; i++) {
                const double value = drawn[size_t(i) & 1023];
                size_t bucket = 0;
                for (const double bound : bounds) bucket += value > bound;
                add<uint64_t>(own.counts[bucket], 1);
                add(own.sum, value);
            }
        });
    };
}

// Two values of up to 7 bytes to their cell: hash, compare, add. The table never grows and nothing is ever removed.
struct Table {
    struct Slot {
        uint64_t method = 0, code = 0;
        size_t index = 0;
    };
    vector<Slot> slots = vector<Slot>(256);

    // A short string keeps its bytes, and at least 15 of them, within itself.
    static uint64_t word(const string &text) {
        uint64_t value;
        std::memcpy(&value, text.data(), sizeof value);
        return (value & ((1ull << (8 * text.size())) - 1)) | uint64_t(text.size()) << 56;
    }

    Slot &find(const string &first, const string &second) {
        const uint64_t method = word(first), code = word(second);
        const uint64_t hash = (method ^ code << 24) * 0x9e3779b97f4a7c15u;
        for (size_t at = hash >> 56;; at = (at + 1) & 255) {
            Slot &slot = slots[at];
            if (slot.method == 0 || (slot.method == method && slot.code == code)) return slot;
        }
    }
};

Case lookingUp(int threads, long count) {
    vector<std::pair<string, string>> pairs;
    Table table;
    for (int i = 0; i < 50; i++) {
        pairs.emplace_back(methods[i % 5], codes[i / 5]);
        const auto &[method, code] = pairs.back();
        table.find(method, code) = {Table::word(method), Table::word(code), size_t(i)};
    }
    struct Children {
        alignas(128) std::atomic<uint64_t> counts[50]{};
    };
    return [=, children = std::make_shared<vector<Children>>(2)]() mutable {
        return perOperation(threads, count, [&](int thread, long count) {
            size_t next = 0;
            for (long i = 0; i < count; i++) {
                const auto &[method, code] = pairs[next];
                add<uint64_t>((*children)[size_t(thread)].counts[table.find(method, code).index], 1);
                if (++next == pairs.size()) next = 0;
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
    {"counter_add", {"ns", [] { return adding(1, 10'000'000); }}},
    {"counter_add_2t", {"ns", [] { return adding(2, 5'000'000); }}},
    {"gauge_set", {"ns", [] { return setting(1, 50'000'000); }}},
    {"gauge_set_2t", {"ns", [] { return setting(2, 20'000'000); }}},
    {"histogram_observe", {"ns", [] { return observing(1, 4'000'000); }}},
    {"histogram_observe_2t", {"ns", [] { return observing(2, 4'000'000); }}},
    {"lookup", {"ns", [] { return lookingUp(1, 4'000'000); }}},
    {"lookup_2t", {"ns", [] { return lookingUp(2, 4'000'000); }}},
    {"encode_1k", {"ns", [] { return encoding(counters(1'000), 1'000); }}},
    {"encode_100k", {"ns", [] { return encoding(counters(100'000), 10); }}},
    {"encode_gauges_100k", {"ns", [] { return encoding(gauges(100'000), 10); }}},
    {"encode_histograms_1k", {"ns", [] { return encoding(histograms(1'000), 100); }}},
    {"gzip", {"ms", compressing}},
    {"memcpy", {"ms", copying}},
};

// Encodes for each request that ends with an empty line; what is asked for does not matter.
int answer(int client, const Lines &lines, vector<char> &output) {
    char request[4096];
    const ssize_t received = read(client, request, sizeof request);
    if (received < 4) return -1;
    if (std::memcmp(request + received - 4, "\r\n\r\n", 4) != 0) return 0;
    const size_t size = encode(lines, output);
    const string head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: " +
                        std::to_string(size) + "\r\n\r\n";
    iovec parts[] = {{const_cast<char *>(head.data()), head.size()}, {output.data(), size}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    for (size_t left = head.size() + size; left > 0;) {
        const ssize_t sent = sendmsg(client, &message, MSG_NOSIGNAL);
        if (sent < 0) return -1;
        left -= size_t(sent);
        for (size_t gone = size_t(sent); gone > 0;) {
            iovec &part = *message.msg_iov;
            const size_t taken = std::min(gone, part.iov_len);
            part.iov_base = static_cast<char *>(part.iov_base) + taken;
            part.iov_len -= taken;
            gone -= taken;
            if (part.iov_len == 0) message.msg_iov++, message.msg_iovlen--;
        }
    }
    return 0;
}

// A raw server on loopback, one thread, blocking writes.
int serve(int series, int port) {
    const Lines lines = counters(series);
    vector<char> output = room(lines);
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(uint16_t(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0 || listen(listener, 64) != 0) return 1;
    const int poll = epoll_create1(0);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = listener;
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    while (epoll_wait(poll, &event, 1, -1) >= 0) {
        if (event.data.fd == listener) {
            event.data.fd = accept(listener, nullptr, nullptr);
            setsockopt(event.data.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            epoll_ctl(poll, EPOLL_CTL_ADD, event.data.fd, &event);
        } else if (answer(event.data.fd, lines, output) < 0) {
            close(event.data.fd);
        }
    }
    return 1;
}

}  // namespace

int main(int count, char **arguments) {
    if (count == 4 && string(arguments[1]) == "serve") return serve(std::stoi(arguments[2]), std::stoi(arguments[3]));
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
