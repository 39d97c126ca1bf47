# shellcheck shell=bash
# What the demo waits for and what `--check` verifies. Uses port, exporters and url of demo.

scrape() { curl --fail --silent --show-error --max-time 10 "$(url "$1" /metrics)"; }

# The second scrape: the first one opens connections.
milliseconds() {
    scrape "$1" >/dev/null
    curl --fail --silent --output /dev/null --max-time 10 --write-out '%{time_total}' "$(url "$1" /metrics)" |
        awk '{ printf "%.1f", $1 * 1000 }'
}

# has NAME PATTERN   A line of NAME's metrics matches, and its value is above 0.
has() { scrape "$1" | awk -v pattern="$2" '$0 ~ pattern && $NF > 0 { found = 1 } END { exit !found }'; }

# The job labels of all targets that Prometheus scrapes with success.
targets_up() { "$FLEET_PROMTOOL" query instant "$(url prometheus "")" 'up == 1' | sed -n 's|.*job="\([a-z]*\)".*|\1|p' | sort | xargs; }

all_targets_up() { [[ $(targets_up) == 'app postgres redis' ]]; }

# each_check SHOW   SHOW gets the name of a check and the command that makes it true; ends when SHOW says no.
each_check() {
    "$1" "pg-exporter answers" scrape pg-exporter &&
        "$1" "pg_up 1" has pg-exporter '^pg_up' &&
        "$1" "size of the database" has pg-exporter '^pg_database_size_bytes.*fleet' &&
        "$1" "rows of the tables" has pg-exporter '^pg_stat_user_tables_n_live_tup.*documents' &&
        "$1" "redis-exporter answers" scrape redis-exporter &&
        "$1" "redis_up 1" has redis-exporter '^redis_up' &&
        "$1" "commands of Redis" has redis-exporter '^redis_commands_processed_total' &&
        "$1" "keys of Redis" has redis-exporter '^redis_db_keys' &&
        "$1" "app-exporter answers" scrape app-exporter &&
        "$1" "vector search probes" has app-exporter '^vector_search_probe_duration_seconds_count' &&
        "$1" "the HNSW index" has app-exporter '^vector_index_size_bytes.*documents_embedding_hnsw' &&
        "$1" "numbers from SQL" has app-exporter '^business_contracts_active' &&
        "$1" "numbers from Redis" has app-exporter '^job_queue_depth.*billing' &&
        "$1" "numbers from HTTP/JSON" has app-exporter '^demo_target_last_scrape_duration_seconds' &&
        "$1" "HTTP check" has app-exporter '^probe_success' &&
        "$1" "Prometheus scrapes all three" all_targets_up
}

# Everything has its own schedule, so not all is there at the first moment.
wait_for_fleet() {
    local name until=$((SECONDS + 60))
    say "waiting until exporters and Prometheus have their first values ..."
    until each_check silently; do
        for name in "${exporters[@]}" prometheus; do
            alive "$FLEET_DIR/$name" || { show_log "$name" && return 1; }
        done
        ((SECONDS < until)) || { each_check aloud && return 1; }
        sleep 0.5
    done
}

silently() { "${@:2}" >/dev/null 2>&1; }

aloud() {
    if silently "$@"; then say "ok      $1"; else say "MISSING $1" && missing=1; fi
    return 0
}

verify() {
    missing=0
    each_check aloud
    ((missing == 0)) || fail "the demo is not complete"
    say "all checks passed"
}

show_log() {
    printf '\n%s: the last lines of its log:\n' "$1" >&2
    tail -n 20 "$FLEET_DIR/$1/log" | sed 's/^/    /' >&2
}
