#!/usr/bin/env python3
"""Prints native-histograms.txt: what native histograms must make of observations, by exact arithmetic.

A model, not an implementation: it keeps every observation and counts all of them again after each step. A bucket is found by
comparing whole powers, v^(2^schema) <= 2^index, and a bound by integer square roots.
Rerun it after a change: python3 native-model.py > native-histograms.txt
"""
import functools
import math
import random
from collections import Counter

INF = math.inf
MAX = float.fromhex("0x1.fffffffffffffp+1023")
TINY = float.fromhex("0x1p-1074")
DEFAULT_ZERO = 2.0**-128


@functools.cache
def bucket(magnitude, schema):
    """The smallest index with magnitude^(2^schema) <= 2^index."""
    if magnitude == INF:
        return bucket(MAX, schema) + 1
    power = 2 ** max(schema, 0)
    numerator, denominator = magnitude.as_integer_ratio()
    places = denominator.bit_length() - 1
    log2 = (numerator**power - 1).bit_length() - places * power
    index = -2000 if schema < 0 else log2
    while index * 2 ** max(-schema, 0) < log2:
        index += 1
    return index


def upper_bound(index, schema):
    """The largest double in a bucket."""
    parts = 2 ** max(schema, 0)
    exponent, part = divmod(index * 2 ** max(-schema, 0), parts)
    if exponent >= 1024:
        return MAX if (exponent, part) == (1024, 0) else INF
    bits = 52 if exponent >= -1022 else 1074 + exponent
    if bits < 0:
        return 0.0
    root = 2 ** (part + parts * bits)
    for _ in range(max(schema, 0)):
        root = math.isqrt(root)
    return math.ldexp(root, exponent - bits)


class Histogram:
    def __init__(self, schema, zero=DEFAULT_ZERO, limit=160, min_reset=None, max_zero=0.0):
        self.options = (schema, zero, limit, min_reset, max_zero)
        self.resets = 0
        self.restart(0)

    def restart(self, now):
        self.schema, self.zero = self.options[:2]
        self.values = []
        self.began = now

    def side(self, sign):
        return Counter(bucket(abs(v), self.schema) for v in self.values if v * sign > self.zero)

    def too_many(self):
        limit = self.options[2]
        return limit > 0 and len(self.side(1)) + len(self.side(-1)) > limit

    def observe(self, value, now):
        if math.isnan(value):
            return
        self.values.append(value)
        if not self.too_many():
            return
        min_reset = self.options[3]
        if min_reset is not None and now - self.began >= min_reset:
            self.resets += 1
            self.restart(now)
            self.values.append(value)
            return
        self.make_room()

    def make_room(self):
        while self.too_many():
            wider = upper_bound(min(list(self.side(1)) + list(self.side(-1))), self.schema)
            if wider <= self.options[4]:
                self.zero = wider
            elif self.schema > -4:
                self.schema -= 1
            else:
                return

    def merge(self, other):
        self.schema = other.schema = min(self.schema, other.schema)
        narrow, wide = sorted([self, other], key=lambda h: h.zero)
        if narrow.zero < wide.zero:
            bounds = [upper_bound(i, self.schema) for i in list(narrow.side(1)) + list(narrow.side(-1))]
            lowers = [upper_bound(i - 1, self.schema) for i in list(narrow.side(1)) + list(narrow.side(-1))]
            cut = [u for low, u in zip(lowers, bounds) if low < wide.zero < u]
            self.zero = max([wide.zero] + cut)
        self.values += other.values
        self.make_room()


def layout(buckets):
    """Runs of buckets as [first, counts], where up to two empty ones are part of a run."""
    runs = []
    for index in sorted(buckets):
        if runs and index - (runs[-1][0] + len(runs[-1][1])) <= 2:
            run = runs[-1]
            run[1] += [0] * (index - run[0] - len(run[1])) + [buckets[index]]
        else:
            runs.append([index, [buckets[index]]])
    spans, end = [], 0
    for first, counts in runs:
        spans.append(f"{first - end}:{len(counts)}")
        end = first + len(counts)
    counts = [c for _, run in runs for c in run]
    deltas = [str(c - before) for c, before in zip(counts, [0] + counts)]
    return " ".join(spans + ["|"] + deltas)


def print_scenario(name, options, *shards):
    """A shard is a list of observations, each a value or a pair of value and time in seconds."""
    print(f"\nscenario {name}")
    histograms = []
    for shard in shards:
        events = [e if isinstance(e, tuple) else (e, 0) for e in shard]
        histograms.append(Histogram(**options))
        for value, now in events:
            histograms[-1].observe(float(value), now)
        print("observe", *(f"{float(value).hex()}@{now}" for value, now in events))
    total = histograms[0]
    resets = sum(h.resets for h in histograms)
    for other in histograms[1:]:
        total.merge(other)
    schema, zero, limit, min_reset, max_zero = total.options
    print("options", schema, zero.hex(), limit, "-" if min_reset is None else min_reset, max_zero.hex())
    zero_count = sum(abs(v) <= total.zero for v in total.values)
    print("result", total.schema, total.zero.hex(), zero_count, len(total.values), resets)
    print("positive", layout(total.side(1)))
    print("negative", layout(total.side(-1)))


def around(x):
    return [math.nextafter(x, 0), x, math.nextafter(x, INF)]


def mixed(seed, count, octaves):
    """Any numbers of both signs; only what every version of Python draws alike."""
    draw = random.Random(seed)
    return [
        math.ldexp(1 + draw.random(), draw.getrandbits(16) % octaves - octaves // 2) * (1 if draw.random() < 0.8 else -1)
        for _ in range(count)
    ]


def print_bounds():
    """Every bound between 1 and 2, then indices next to bounds, at the edges of the range of doubles, and at random."""
    print("bounds", *(upper_bound(i, 8).hex() for i in range(256)))
    draw = random.Random(20)
    edges = [TINY, 3 * TINY, 2.0**-1023, 2.0**-1022, 1.0, MAX / 2, math.nextafter(MAX, 0), MAX, INF]
    for schema in range(-4, 9):
        values = list(edges)
        for _ in range(6):
            index = draw.getrandbits(20) % (2000 * 2 ** max(schema, 0)) - 1000 * 2 ** max(schema, 0)
            values += around(upper_bound(index // 2 ** max(-schema, 0), schema))
        values += [math.ldexp(draw.random(), -1030) for _ in range(3)]
        print("indices", schema, *(f"{v.hex()}:{bucket(v, schema)}" for v in values if v > 0))


print("# Written by native-model.py")
print_bounds()
S = print_scenario
S("nothing", dict(schema=3), [])
S("client_golang's 0 1 2 3", dict(schema=3), [0, 1, 2, 3])
S("client_golang's 0 1 1.2 1.4 1.8 2", dict(schema=2), [0, 1, 1.2, 1.4, 1.8, 2])
S("negative ones are mirrored", dict(schema=2), [0, -1, -1.2, -1.4, -1.8, -2])
S("both signs", dict(schema=2), [0, -1, -1.2, 1.4, -1.8, 2, 5, -5, 5])
S("not a number is nowhere", dict(schema=3), [math.nan, 1, math.nan, -1])
S("infinities are above all others", dict(schema=3), [INF, -INF, INF, MAX, -MAX])
for s in (-4, -3, -1, 0, 8):
    S(f"infinities at schema {s}", dict(schema=s), [INF, -INF, MAX, -MAX, 1])
S("both zeros", dict(schema=3), [0.0, -0.0, 0.0])
S("at the zero threshold and next to it", dict(schema=3), around(DEFAULT_ZERO) + [-v for v in around(DEFAULT_ZERO)])
S("a zero threshold inside a bucket", dict(schema=1, zero=0.3), [0.29, 0.3, -0.3, 0.31, -0.31, 0.35, 1])
S("no zero bucket: subnormals have buckets", dict(schema=3, zero=0.0), [TINY, 2 * TINY, 3 * TINY, -TINY, 1e-310, 0, 2.0**-1022])
S("subnormals are zero by default", dict(schema=3), [TINY, -TINY, 1e-310, 1])
for s in range(-4, 9):
    S(f"powers of two and their neighbours at schema {s}", dict(schema=s), [v for e in (-3, -1, 0, 1, 4) for v in around(2.0**e)])
S("gap of one", dict(schema=0), [1, 4, -1, -4])
S("gap of two", dict(schema=0), [1, 8, -1, -8])
S("gap of three", dict(schema=0), [1, 16, -1, -16])
S("gaps of one, two, three and many", dict(schema=0), [1, 1, 4, 32, 512, 512, 2.0**40, -0.5, -0.5, -2.0**-20])
S("far apart at the finest schema", dict(schema=8), [1e-30, 1e30, -1e-30, -1e30, 1])
S("the limit is reached, not exceeded", dict(schema=2, limit=4), [1, 1.1, 1.3, 1.5, 1.1, 1.5, 0])
S("halved once", dict(schema=2, limit=4), [0, 1, 1.1, 1.2, 1.4, 1.8, 2])
S("halved until they meet", dict(schema=4, limit=2), [1, 2, 4, 8, 16, 32])
S("halved with negative indices", dict(schema=2, limit=4), [0.5, 0.55, 0.6, 0.7, 0.8, 0.9, 0.4, 0.3])
S("halved for both signs together", dict(schema=2, limit=4), [1, -1, 2, -2, 3, -3, 3.5])
S("halved down to the coarsest", dict(schema=8, limit=1), [1e-30, 1e30, 1])
S("at the coarsest the limit cannot be kept", dict(schema=-4, limit=2), [1e-30, 1, 1e10, 1e30, -1, INF])
S("infinity is halved along", dict(schema=3, limit=2), [INF, 1, 2, 3])
S("the zero bucket is widened", dict(schema=2, limit=4, max_zero=1.2), [0, 1, 1.1, 1.2, 1.4, 1.8, 2])
S("widened, then halved", dict(schema=2, limit=4, max_zero=1.2), [0, 1, 1.1, 1.2, 1.4, 1.8, 2, 3, 4, 5, 6, 7])
S("widened for both signs at once", dict(schema=1, limit=4, max_zero=0.5), [0.1, -0.1, 1, -1, 2, -2, 0.05])
S("widened again, until it may not", dict(schema=0, limit=3, max_zero=0.25), [0.01, 0.03, 0.1, 0.2, 1, 3, 5, 9])
S("too far from zero to be widened", dict(schema=0, limit=2, max_zero=0.5), [1, 2, 4])
S("a subnormal bucket becomes zero", dict(schema=3, zero=0.0, limit=2, max_zero=1e-300), [3 * TINY, 1, 2, TINY])
S("reset when old enough", dict(schema=2, limit=4, min_reset=300), [0, 1, 1.1, 1.2, 1.4, (1.8, 300), (2, 310)])
S("too young for a reset", dict(schema=2, limit=4, min_reset=300), [0, 1, 1.1, 1.2, (1.4, 299), (1.8, 299)])
S("reset restores resolution", dict(schema=2, limit=4, min_reset=300), [1, 1.1, 1.2, 1.4, 1.8, 2, 3, 4, 5, (100, 400), (110, 401)])
S("reset restores the zero bucket", dict(schema=2, limit=3, min_reset=300, max_zero=2.0), [1, 2, 3, 4, (9, 300), (1, 301)])
S("reset twice", dict(schema=0, limit=2, min_reset=10), [1, 2, (4, 10), (8, 19), (16, 20), (32, 20)])
S("merge of equals", dict(schema=3), [1, 2, 3], [2, -3, 0], [])
S("merge with a coarser one", dict(schema=3, limit=4), [1, 1.1], [1, 1.2, 1.4, 1.8, 2, 3])
S("merge goes over the limit", dict(schema=3, limit=4), [1, 1.1, 1.2, 1.4], [2, 2.2, 2.4, 2.8])
S("merge with a wider zero bucket", dict(schema=2, limit=4, max_zero=1.5), [0.1, 1, 3], [1, 1.1, 1.2, 1.4, 1.8, 2])
S("merge into a wider zero bucket", dict(schema=2, limit=4, max_zero=1.5), [1, 1.1, 1.2, 1.4, 1.8, 2], [0.1, -1, 3])
CUT = dict(schema=3, limit=5, max_zero=1.1)
S("merge where a bucket is cut by the wider zero bucket", CUT, [1.01, 2, 4, 8, 16, 32], [1.15, 1.9, 1.75, 3.9, 7.9, 15.9])
S("merge where an empty bucket is cut", CUT, [1.9, 1.75, 3.9, 7.9, 15.9, 31], [1.01, 2, 4, 8, 16, 32])
S("merge of a fine and wide with a coarse one", dict(schema=3, limit=3, max_zero=0.12), [0.11, 2, 3, 4], [0.14, 50, 7000, 1e9], [-0.1, 0.09])
S("many of both signs", dict(schema=5), mixed(1, 300, 12))
S("many of both signs, limited", dict(schema=8, limit=20), mixed(2, 300, 20))
S("many of both signs, limited and widened", dict(schema=6, limit=30, max_zero=0.05), mixed(3, 300, 20))
S("many in three shards", dict(schema=8, limit=40, max_zero=0.01), mixed(4, 60, 20), mixed(5, 60, 8), mixed(6, 60, 30))
