# shellcheck shell=bash
# What an image must keep: it runs as compose.yaml runs it, against real servers. Needs common.sh, processes.sh, ports.sh
# and image-build.sh. ${directory[TARGET]} is its file system, $run-TARGET its process, ${port[TARGET]} where it listens.

declare -A directory=() port=() job=()

check_images() {
    local target
    run=$FLEET_DIR/images
    at_exit remove_runs
    port[prometheus]=$(next_free_port 9090)
    make_users
    for target in "${targets[@]}"; do
        open_image "$target"
        check_settings "$target"
        check_libraries "$target"
        start_image "$target"
    done
    start_prometheus
    for target in "${targets[@]}"; do check_running "$target"; done
    check_scrapes
    for target in "${targets[@]}"; do check_end "$target"; done
    stop "$run-prometheus"
}

# Beside the servers, so that scripts/servers down ends them too when this script could not.
remove_runs() {
    local dir
    for dir in "$run"-*/; do
        [[ ! -e $dir/pid ]] || stop "${dir%/}"
        as_root rm -rf --one-file-system "$dir"
    done
}

bad() { fail "image $1: $2" "${3:-}"; }

# ------------------------------------------------------------------------------------------------ servers

# The users and passwords of the compose stack, on the servers that are there. Removed at the end.
make_users() {
    local name line
    docker/make-secrets "$work/secrets" >/dev/null
    at_exit drop_users
    drop_users
    # shellcheck disable=SC2016
    sed -E "$(for name in pg_exporter_password app_exporter_password; do
        printf 's|`cat /run/secrets/%s`|%s|;' "$name" "$(<"$work/secrets/$name")"
    done)" docker/postgres/roles.sql | psql_ || fail "docker/postgres/roles.sql does not run" "The lines above say why."
    while read -r _ name line; do
        # shellcheck disable=SC2086
        [[ $name == default ]] || redis_cli ACL SETUSER "$name" $line >/dev/null
    done <"$work/secrets/redis_users.acl"
}

drop_users() {
    psql_ <<<'DROP ROLE IF EXISTS exporter, app_exporter;'
    redis_cli ACL DELUSER redis_exporter app_exporter >/dev/null
}

psql_() { PGOPTIONS=--client-min-messages=warning "$FLEET_PSQL17" -X -q -v ON_ERROR_STOP=1 "$FLEET_PG17_URL"; }

redis_cli() {
    local answer
    answer=$(REDISCLI_AUTH=$FLEET_REDIS_AUTH_PASSWORD "$FLEET_REDIS_CLI" -u "$FLEET_REDIS_AUTH_URL" "$@")
    [[ $answer != *ERR* && $answer != *NOAUTH* && $answer != *WRONGPASS* ]] ||
        fail "redis-cli $1 $2 ${3:-}: $answer"
    echo "$answer"
}

# The addresses of compose.yaml become those of the servers that run here.
with_real_addresses() {
    local postgres=${FLEET_PG17_URL#*@} redis=${FLEET_REDIS_AUTH_URL#*://}
    sed -e "s|postgres:5432/app|${postgres%%\?*}|" -e "s|redis:6379|$redis|" \
        -e "s|prometheus:9090|127.0.0.1:${port[prometheus]}|"
}

# ------------------------------------------------------------------------------------------------ image at rest

open_image() {
    local container
    container=$(buildah_ from --pull-never "localhost/$1")
    directory[$1]=$(buildah_ mount "$container")
}

# setting TARGET GO-TEMPLATE
setting() { buildah_ inspect --type image --format "$2" "localhost/$1"; }
list() { setting "$1" "{{range .Docker.Config.$2}}{{println .}}{{end}}" | sed '/^$/d'; }

check_settings() {
    local user signal_ health
    user=$(setting "$1" '{{.Docker.Config.User}}')
    [[ $user =~ ^[1-9][0-9]*:[1-9][0-9]*$ ]] || bad "$1" "its user is '$user'" "USER must be two numbers above 0."
    signal_=$(setting "$1" '{{.Docker.Config.StopSignal}}')
    [[ $signal_ == SIGTERM ]] || bad "$1" "its stop signal is '$signal_'"
    health=$(list "$1" Healthcheck.Test | head -n 1)
    [[ $health == CMD ]] || bad "$1" "it has no HEALTHCHECK"
    [[ $(setting "$1" '{{.Docker.Config.ExposedPorts}}') == *"$(usual_port "$1")/tcp"* ]] ||
        bad "$1" "it does not EXPOSE $(usual_port "$1")"
    [[ $(setting "$1" '{{index .Docker.Config.Labels "org.opencontainers.image.title"}}') == "$1" ]] ||
        bad "$1" "it has no title"
}

usual_port() { compose_service "$1" | sed -n 's/.*ports: \["127.0.0.1:[0-9]*:\([0-9]*\)"\]/\1/p'; }

# inside TARGET COMMAND...   In the image's file system, as its user, with its environment and nothing else.
inside() {
    local target=$1
    shift
    enter_image "$target"
    "${enter[@]}" "$@" </dev/null
}

# Sets enter to the words that bring a command into the image.
enter_image() {
    local environment
    mapfile -t environment < <(list "$1" Env && compose_environment "$1")
    environment+=("$(listen_variable "$1")=127.0.0.1:${port[$1]:-0}")
    enter=("$lib/enter-root" "${directory[$1]}" "$run-$1" "$(setting "$1" '{{.Docker.Config.User}}')"
        /usr/bin/env -i "${environment[@]}")
}

listen_variable() { list "$1" Healthcheck.Test | tail -n 1; }

# Every library is found, every package that the Dockerfile asks for holds one that is needed.
check_libraries() {
    local target=$1 needed missing packages package files
    mkdir -m 777 "$run-$target"
    missing=$(inside "$target" ldd "/usr/local/bin/$target" | grep 'not found') || true
    [[ -z $missing ]] || bad "$target" "libraries are missing: $missing" "Add their packages to docker/Dockerfile."
    needed=$(objdump -p "${directory[$target]}/usr/local/bin/$target" | awk '$1 == "NEEDED" { print $2 }')
    packages=$(asked_packages "$target")
    for package in $packages; do
        files=$(inside "$target" dpkg -L "$package" | sed 's|.*/||')
        grep -qxF "$needed" <<<"$files" || bad "$target" "nothing uses $package" "Remove it from docker/Dockerfile."
    done
    say "$target: $(size "$target") MB, of which Debian is $(size_of_base); links $(xargs <<<"$needed")"
    "$scripts/lint" "${directory[$target]}/usr/local/bin/$target"
}

asked_packages() {
    sed -n "/^FROM .* AS $1\$/,/^FROM /p" docker/Dockerfile | sed -n '/install/,/rm -rf/p' |
        tr -s ' \\' '\n' | grep -E '^lib' || bad "$1" "cannot read its packages from docker/Dockerfile"
}

size() { as_root du --summarize --apparent-size --block-size=1000000 "${directory[$1]}" | cut -f 1; }
size_of_base() { echo $(($(stat --format %s "$base/runtime.tar") / 1000000)); }

# ------------------------------------------------------------------------------------------------ image at work

compose_service() { sed -n "/^  $1:/,/^  [a-z#]/p" docker/compose.yaml; }

compose_environment() {
    compose_service "$1" | sed -nE 's/^      ([A-Z_]+): "?([^"]*)"?$/\1=\2/p' | with_real_addresses
}

# Starts with what compose.yaml mounts and sets, on a read-only file system.
start_image() {
    local target=$1 root=${directory[$1]} name source place entrypoint
    as_root mkdir -p "$root/run/secrets"
    for name in $(compose_service "$target" | sed -nE 's/^    secrets: \[(.*)\]/\1/p' | tr ',' ' '); do
        with_real_addresses <"$work/secrets/$name" | as_root tee "$root/run/secrets/$name" >/dev/null
        as_root chmod --reference "$work/secrets/$name" "$root/run/secrets/$name"
    done
    while IFS=: read -r source place; do
        as_root install -D -m 644 "docker/$source" "$root$place"
    done < <(compose_service "$target" | sed -nE 's|^      - \./([^:]*):([^:]*):ro$|\1:\2|p')
    port[$target]=$(next_free_port "$(usual_port "$target")")
    mapfile -t entrypoint < <(list "$target" Entrypoint)
    enter_image "$target"
    launch "$run-$target" "${enter[@]}" -- "${entrypoint[@]}"
    job[$target]=$!
}

check_running() {
    local target=$1 health
    mapfile -t health < <(list "$target" Healthcheck.Test | tail -n +2)
    wait_until 20 "$run-$target" inside "$target" "${health[@]}" || bad_log "$target" "its HEALTHCHECK does not succeed"
    inside "$target" "${health[0]}" "${port[$target]}" NOT_SET ||
        bad_log "$target" "its HEALTHCHECK fails on the default address"
    check_privileges "$target"
    wait_until 40 "$run-$target" is_complete "$target" ||
        bad_log "$target" "its metrics are not complete; missing:$(missing "$target")"
    say "$target: answers on port ${port[$target]}, $(status_of "$target" VmRSS | xargs) resident"
}

# status_of TARGET FIELD   Of its process, from /proc.
status_of() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$(pid_of "$run-$1")/status"; }

check_privileges() {
    local ids capabilities
    ids=$(status_of "$1" Uid) capabilities=$(status_of "$1" CapEff)
    [[ ! $ids =~ (^|[[:space:]])0([[:space:]]|$) ]] || bad "$1" "it runs as root: Uid $ids"
    [[ $capabilities =~ ^0+$ ]] || bad "$1" "it has capabilities: $capabilities"
}

metrics() { curl -fsS --max-time 10 "http://127.0.0.1:${port[$1]}/metrics"; }

is_complete() { [[ -z $(missing "$1") ]]; }

# Lines that must be there with the rights that the compose stack gives, and collectors that failed.
missing() {
    local text pattern
    text=$(metrics "$1") || { echo " the answer itself" && return; }
    while read -r pattern; do
        grep -qE "^$pattern" <<<"$text" || echo -n " $pattern"
    done < <(expected "$1")
    grep -E '_(collector|group)_success\{.* 0$' <<<"$text" || true
}

expected() {
    case $1 in
        pg-exporter)
            printf '%s\n' 'pg_up 1$' 'pg_stat_database_numbackends\{' 'pg_settings_max_connections(\{.*\})? 100$'
            ;;
        redis-exporter)
            printf '%s\n' 'redis_up 1$' 'redis_config_maxclients ' 'redis_slowlog_length ' \
                'redis_commands_duration_seconds_total\{'
            ;;
        app-exporter)
            printf '%s\n' 'app_database_sessions\{.* [1-9]' 'app_queue_depth\{.* 0$' 'app_cache_keys [0-9]' \
                'app_scrape_targets\{' 'vector_' 'probe_success\{.* 1$' 'app_exporter_source_up\{.* 1$'
            ;;
    esac
}

# ------------------------------------------------------------------------------------------------ Prometheus, the end

# docker/prometheus/prometheus.yml, with the ports that the exporters have here.
start_prometheus() {
    local dir=$run-prometheus target
    local edits=("s|localhost:9090|127.0.0.1:${port[prometheus]}|" 's|\(scrape_.*\): 1.*s|\1: 1s|')
    mkdir -m 755 "$dir"
    for target in "${targets[@]}"; do edits+=("s|$target:$(usual_port "$target")|127.0.0.1:${port[$target]}|"); done
    sed "${edits[@]/#/--expression=}" docker/prometheus/prometheus.yml >"$dir/prometheus.yml"
    "$FLEET_PROMTOOL" check config "$dir/prometheus.yml" >"$dir/promtool" 2>&1 ||
        fail "docker/prometheus/prometheus.yml: $(<"$dir/promtool")"
    launch "$dir" -- "$FLEET_PROMETHEUS" --config.file="$dir/prometheus.yml" --storage.tsdb.path="$dir/data" \
        --web.listen-address="127.0.0.1:${port[prometheus]}" --log.level=warn
}

check_scrapes() {
    wait_until 30 "$run-prometheus" all_up || fail "Prometheus does not see all exporters up: $(query up)" \
        "Its log: $(tail -n 3 "$run-prometheus/log")"
    say "Prometheus scrapes all three with docker/prometheus/prometheus.yml"
}

query() { curl -fsS --max-time 5 "http://127.0.0.1:${port[prometheus]}/api/v1/query?query=$1"; }
all_up() { [[ $(query 'count(up==1)') == *'"4"]'* ]]; }

# As `docker stop` does it.
check_end() {
    local target=$1 dir=$run-$1 status=0 began=$EPOCHREALTIME health
    signal TERM "$(pid_of "$dir")"
    gone_within 5 "$dir" || bad_log "$target" "it does not end within 5 s of SIGTERM"
    wait "${job[$target]}" || status=$?
    ((status == 0)) || bad_log "$target" "it ends with status $status after SIGTERM"
    mapfile -t health < <(list "$target" Healthcheck.Test | tail -n +2)
    ! inside "$target" "${health[@]}" 2>/dev/null || bad "$target" "its HEALTHCHECK succeeds though it has ended"
    say "$target: ended $(((${EPOCHREALTIME/./} - ${began/./}) / 1000)) ms after SIGTERM"
}

bad_log() { bad "$1" "$2" "Its last lines:"$'\n'"$(tail -n 10 "$run-$1/log")"; }
