# shellcheck shell=bash
# 100 HTTP checks per 15 s: ours by its own schedule, blackbox_exporter asked by a loop over a kept connection as Prometheus
# would. The same targets at the same time; CPU of both processes from /proc. Needs common.sh, processes.sh and the servers
# of the set "bench".

readonly checks=100 checks_seconds=${BENCH_CHECKS_SECONDS:-90}

# bench_checks APP-EXPORTER   Prints a line of Markdown; sets checks_ratio.
bench_checks() {
    # Beside the servers: whatever happens, `servers down` ends them.
    local dir=$FLEET_DIR/checks target ours peer asker name
    mkdir "$dir"-{target,ours,peer}
    start_check_target "$dir-target"
    target=$(cat "$dir-target/port")
    start_checkers "$dir" "$1" "$target"
    say "running $checks HTTP checks per 15 s for $checks_seconds s"
    at_exit end_asking
    ask_blackbox "$dir-peer" "$target" &
    asker=$!
    sleep 20
    ours=-$(ticks "$dir-ours") peer=-$(ticks "$dir-peer")
    sleep "$checks_seconds"
    ours=$((ours + $(ticks "$dir-ours"))) peer=$((peer + $(ticks "$dir-peer")))
    checks_ratio=$(awk -v a="$ours" -v b="$peer" 'BEGIN { printf "%.2f", a / b }')
    all_pass "$dir-peer" || fail "not all checks of app-exporter passed" "See $dir-ours/log"
    printf '| %s | %s | %s | %s | %s |\n' "$checks HTTP checks per 15 s" \
        "$(per_check "$ours")" "$(per_check "$peer")" "$checks_ratio" "<= 0.5"
    end_asking
    wait "$asker"
    for name in target ours peer; do stop "$dir-$name"; done
}

end_asking() { [[ ! -d $FLEET_DIR/checks-peer ]] || touch "$FLEET_DIR/checks-peer/over"; }

# Any server will do: its time is not counted.
start_check_target() {
    launch "$1" -- python3 -uc '
import http.server, pathlib, sys
class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = b"{\"status\": \"ok\"}" + b" " * 2000
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words): pass
class Target(http.server.ThreadingHTTPServer):
    request_queue_size = 1024
server = Target(("127.0.0.1", 0), Answer)
pathlib.Path(sys.argv[1] + ".new").write_text(str(server.server_port))
pathlib.Path(sys.argv[1] + ".new").rename(sys.argv[1])
server.serve_forever()' "$1/port"
    wait_until 10 "$1" test -e "$1/port" || fail "the target of the checks did not start" "See $1/log"
}

start_checkers() {
    local dir=$1 program=$2 target=$3 index
    {
        # Spread over the whole interval, as Prometheus spreads its scrapes.
        echo 'defaults: { jitter: 100% }'
        echo 'probes:'
        echo '  defaults: { interval: 15s, timeout: 5s }'
        for ((index = 0; index < checks; index++)); do
            echo "  check$index: { http: \"http://127.0.0.1:$target/$index\", expect: { body: { matches: 'status.: .ok' } } }"
        done
    } >"$dir-ours/app.yaml"
    cat >"$dir-peer/blackbox.yml" <<YAML
modules:
  http_2xx:
    prober: http
    timeout: 5s
    http: { preferred_ip_protocol: ip4, fail_if_body_not_matches_regexp: ['status.: .ok'] }
YAML
    ours_port=$(next_free_port 29600)
    launch "$dir-ours" -- "$program" --config.file="$dir-ours/app.yaml" --web.listen-address="127.0.0.1:$ours_port"
    peer_port=$(next_free_port $((ours_port + 1)))
    launch "$dir-peer" -- "$FLEET_BLACKBOX_EXPORTER" --config.file="$dir-peer/blackbox.yml" \
        --web.listen-address="127.0.0.1:$peer_port" --log.level=error
    wait_until 10 "$dir-ours" curl -fs "http://127.0.0.1:$ours_port/-/healthy" || fail "app-exporter did not start"
    wait_until 10 "$dir-peer" curl -fs "http://127.0.0.1:$peer_port/-/healthy" || fail "blackbox_exporter did not start"
}

# Every 15 s: /probe for each target at an even pace, one kept connection; and one scrape of ours.
ask_blackbox() {
    local dir=$1 target=$2 index
    for ((index = 0; index < checks; index++)); do
        echo "url = \"http://127.0.0.1:$peer_port/probe?module=http_2xx&target=http://127.0.0.1:$target/$index\""
        echo 'output = "/dev/null"'
    done >"$dir/urls"
    while [[ -d $dir && ! -e $dir/over ]]; do
        curl -fs "http://127.0.0.1:$ours_port/metrics" >"$dir/scrape" || true
        curl -fs --rate "$((checks * 4))/m" --config "$dir/urls" || say "blackbox_exporter gave no answer"
    done
}

all_pass() { [[ $(grep -c '^probe_success{.*} 1$' "$1/scrape") == "$checks" ]]; }

# User and system time of a process so far, in ticks.
ticks() {
    local stat fields
    read -r stat <"/proc/$(pid_of "$1")/stat"
    read -ra fields <<<"${stat##*) }"
    echo $((fields[11] + fields[12]))
}

per_check() {
    awk -v ticks="$1" -v hz="$(getconf CLK_TCK)" -v runs=$((checks * checks_seconds / 15)) \
        'BEGIN { printf "%.0f us", ticks / hz / runs * 1e6 }'
}
