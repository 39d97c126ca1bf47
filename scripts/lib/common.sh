# shellcheck shell=bash
# What every script here shares: places, speaking to the person who runs it, ending cleanly, being root.
# Everything said goes to stderr; stdout belongs to results (`servers env` is evaluated by a shell).

lib=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scripts=${lib%/*}
repository=${scripts%/*}
cache=${EXPORTER_FLEET_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/exporter-fleet}
export repository scripts lib cache

# How executables are built that ship: as docker/Dockerfile does.
# shellcheck disable=SC2034
release_flags=(--configuration release --static-swift-stdlib --disable-default-traits
    --toolset "$repository/docker/release.json")

# One clock for a script and the scripts it calls.
export EXPORTER_FLEET_BEGAN=${EXPORTER_FLEET_BEGAN:-$EPOCHSECONDS}
SECONDS=$((EPOCHSECONDS - EXPORTER_FLEET_BEGAN))

say() { printf '[%4ds] %s\n' "$SECONDS" "$*" >&2; }

# fail WHAT [WHAT TO DO]   Ends the script with status 1; inside $(...) it ends the caller too, by its own status.
fail() {
    printf '\nerror: %s\n' "$1" >&2
    [[ -z ${2:-} ]] || printf '       %s\n' "$2" >&2
    exit $((leaving ? 1 : told))
}
readonly told=99
leaving=0

# $(...) obeys `set -e` too.
shopt -s inherit_errexit

# What nobody foresaw is still told with its place; `set -e` alone would end in silence.
set -E
unforeseen=
trap 'unforeseen="${BASH_SOURCE[0]}:$LINENO: $BASH_COMMAND"' ERR

# at_exit COMMAND   Runs COMMAND when the script ends, however it ends; the last one given runs first. Not inherited by
# subshells. bash runs the EXIT trap for INT, TERM and HUP too; traps for those would be worse: bash 5.2 may fail to read
# them ("unexpected EOF") while it is inside $(...).
exit_commands=()
at_exit() { exit_commands=("$1" ${exit_commands[@]+"${exit_commands[@]}"}); }

leave() {
    local status=$? command
    trap '' INT TERM HUP
    trap - ERR
    set +e
    leaving=1
    ((status == 0 || status == told || status > 128)) || [[ -z $unforeseen ]] ||
        printf '\nerror: failed with status %d at %s\n' "$status" "$unforeseen" >&2
    for command in ${exit_commands[@]+"${exit_commands[@]}"}; do $command; done
    ((status != told)) || exit 1
}
trap leave EXIT

as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo --preserve-env -- "$@"
    else
        fail "this needs root: $1" "Run as root, or install sudo."
    fi
}

# Asks for the password once, in the foreground; a sudo in the background could not.
ask_for_root() {
    ((EUID == 0)) || sudo -v || fail "root is needed here and sudo said no" "Run as root, or allow sudo for $(id -un)."
}

# run COMMAND...   Like plain COMMAND, but a signal to this script ends it at once, with everything it started: it gets a
# process group of its own, and bash waits for it in a way that traps can interrupt.
run() {
    local status=0
    start_group "$@"
    wait "$group" || status=$?
    group=
    return "$status"
}

# task LABEL COMMAND...   Runs a slow command quietly and shows every 10 s that it lives and where it is.
# Its output is kept until it ends; the last lines are shown when it fails. Returns the command's status.
task() {
    local label=$1 log status=0 began=$SECONDS
    shift
    log=$(mktemp)
    say "$label ..."
    start_group "$@" >"$log" 2>&1
    watch_group "$label" "$log" || status=$?
    group=
    if ((status != 0)); then
        printf '\n%s: failed after %d s, its last lines:\n' "$label" $((SECONDS - began)) >&2
        tail -n 25 "$log" | sed 's/^/    /' >&2
    else
        say "$label: done in $((SECONDS - began)) s"
    fi
    rm -f "$log"
    return "$status"
}

watch_group() {
    local label=$1 log=$2 began=$SECONDS spoke=$SECONDS
    while kill -0 "$group" 2>/dev/null; do
        sleep 0.2
        ((SECONDS - spoke < 10)) || {
            spoke=$SECONDS
            say "$label: $((SECONDS - began)) s, at: $(tail -n 1 "$log" | tr -d '\r' | cut -c 1-100)"
        }
    done
    wait "$group"
}

group=
start_group() {
    set -m
    "$@" </dev/null &
    group=$!
    set +m
}

end_group() {
    [[ -n $group ]] || return 0
    kill -TERM -- "-$group" 2>/dev/null
    wait "$group" 2>/dev/null
}
at_exit end_group

# The codename of the Debian this machine runs; "none" on anything else.
system_suite() {
    awk -F= '{ gsub(/"/, "", $2); v[$1] = $2 } END { print v["ID"] == "debian" ? v["VERSION_CODENAME"] : "none" }' /etc/os-release
}
