# shellcheck shell=bash
# Measures app-exporter: 500 groups and probes with 20,000 series against a real Redis, a real PostgreSQL and an HTTP server, one
# source of which hangs. Needs common.sh; BENCH_APP is the executable, FLEET_* the servers.

# The configuration: 200 groups of Redis with 60 series, 190 of PostgreSQL with 32, 100 HTTP checks, 10 groups that hang.
# A group of PostgreSQL also says when it was asked, which is what drift is measured by.
bench_app_configuration() {
    local target=$1 number
    echo 'defaults: { interval: 10s, timeout: 5s, jitter: 100%, max_series: 100 }'
    echo 'sources:'
    echo '  cache: { redis: { url: { env: BENCH_REDIS } } }'
    echo '  db: { postgres: { dsn: { env: BENCH_POSTGRES }, max_connections: 4 } }'
    echo '  slow: { postgres: { dsn: { env: BENCH_POSTGRES }, max_connections: 2, statement_timeout: 60s } }'
    echo 'groups:'
    local keys
    keys=$(seq -s , 1 60)
    for number in $(seq 200); do
        echo "  redis-$number: { source: cache, labels: { part: \"$number\" }, commands: [{ run: [EXISTS, \"bench:{key}\"]," \
            "for: { key: [$keys] }, gauge: bench_redis_$((number % 20)), help: Key. }] }"
    done
    for number in $(seq 190); do
        echo "  sql-$number: { source: db, labels: { part: \"$number\" }, sql: \"SELECT n, n * 1.5 AS value," \
            "extract(epoch FROM clock_timestamp()) AS at FROM generate_series(1, 32) AS n\", metrics: [{ gauge:" \
            "bench_sql_$((number % 20)), value: value, labels: [n], help: Value. }, { gauge: bench_asked_at_seconds," \
            "value: at, on_duplicate: first, help: When. }] }"
    done
    for number in $(seq 10); do
        echo "  hanging-$number: { source: slow, timeout: 10s, sql: \"SELECT pg_sleep(60), 1 AS n\", metrics: [{ gauge:" \
            "bench_hanging_$number, value: n, help: Never. }] }"
    done
    echo 'probes:'
    for number in $(seq 100); do
        echo "  http-$number: { http: \"$target\", interval: 15s, timeout: 5s }"
    done
}

# bench_app_quantiles FILE: p50, p99 and the greatest of numbers in seconds, as milliseconds.
bench_app_quantiles() {
    sort -g "$1" | awk '{ v[NR] = $1 * 1000 } END {
        printf "p50 %.1f ms, p99 %.1f ms, max %.1f ms (%d scrapes)", v[int((NR + 1) / 2)], v[int((NR * 99 + 99) / 100)], v[NR], NR }'
}

# CPU seconds of a process.
bench_app_cpu() { awk -v ticks="$(getconf CLK_TCK)" '{ print ($14 + $15) / ticks }' "/proc/$1/stat"; }

end_bench_app() { kill "$1" 2>/dev/null || true; }

bench_app() {
    local folder port pid seconds=${BENCH_APP_SECONDS:-60}
    folder=$(mktemp -d)
    port=$(free_bench_port)
    # The HTTP server is its own: its part of the CPU is counted too.
    bench_app_configuration "http://127.0.0.1:$port/-/healthy" >"$folder/app.yaml"
    BENCH_REDIS=$FLEET_REDIS8_URL BENCH_POSTGRES=$FLEET_PG17_URL \
        "$BENCH_APP" --config.file="$folder/app.yaml" --web.listen-address="127.0.0.1:$port" --log.level=error \
        2>"$folder/log" &
    pid=$!
    at_exit "rm -rf $folder"
    at_exit "end_bench_app $pid"
    say "app-exporter: 500 groups and probes; waiting until all have run"
    sleep 17

    local url=http://127.0.0.1:$port/metrics series before after
    curl -fsS "$url" >"$folder/metrics"
    series=$(grep -vc '^#' "$folder/metrics")
    before=$(bench_app_cpu $pid)
    # Twice a second: as two Prometheus servers in a hurry would.
    local end=$((SECONDS + seconds))
    while ((SECONDS < end)); do
        curl -fsS -o "$folder/last" -w '%{time_total}\n' "$url" >>"$folder/times"
        grep '^bench_asked_at_seconds' "$folder/last" | sed 's/} /}\t/' >>"$folder/asked" || true
        sleep 0.5
    done
    after=$(bench_app_cpu $pid)

    echo "app-exporter, 500 groups and probes, $series lines of samples, 10 groups hanging, $seconds s:"
    echo "  scrape: $(bench_app_quantiles "$folder/times")"
    # The distance of a group's runs is a whole number of intervals, but for what they are off by.
    sort -u "$folder/asked" | sort -t "$(printf '\t')" -k1,1 -k2,2g | awk -F '\t' '
        $1 == last { turns = int(($2 - at) / 10 + 0.5); off = ($2 - at - turns * 10) / 10; print off < 0 ? -off : off }
        { last = $1; at = $2 }' >"$folder/off"
    sort -g "$folder/off" | awk '{ v[NR] = $1 * 100 } END { printf "  schedule: a run is off by p50 %.3f%%, p99 %.3f%%, at most %.3f%% of its interval (%d runs)\n",
        v[int((NR + 1) / 2)], v[int((NR * 99 + 99) / 100)], v[NR], NR }'
    awk '/^VmRSS|^RssAnon|^VmHWM|^Threads/ { printf "  %s %s%s", $1, $2, $3 == "kB" ? " KiB" : "" } END { print "" }' "/proc/$pid/status"
    awk -v a="$before" -v b="$after" -v s="$seconds" 'BEGIN { printf "  CPU: %.1f%% of one core, scrapes included\n", (b - a) / s * 100 }'
    kill "$pid"
    wait "$pid" || true
}

free_bench_port() { echo $((20000 + RANDOM % 20000)); }
