# shellcheck shell=bash
# Long-running processes, each known by a directory: DIR/pid (process id and start time), DIR/log. Needs common.sh.
# An id alone may be somebody else's by now; id and start time together are one process only.

# Writes the identity of the process, then becomes the command. It must be the innermost step: before it stand sudo and
# chroot, which may be other processes.
# shellcheck disable=SC2016
readonly record_and_become='
set -e
start_time() { shift 19; echo "$1"; }
file=$1; shift
read -r stat </proc/$$/stat
stat=${stat##*") "}
echo "$$ $(start_time $stat)" >"$file.new"
mv "$file.new" "$file"
exec "$@"'

# launch DIR [PREFIX... --] COMMAND...   In a session of its own: a Ctrl-C in the terminal is for the script, not for it.
# PREFIX is what brings the command to its user and root. Descriptors of locks are not inherited. Returns when the process
# is on record.
launch() {
    local dir=$1 prefix=()
    shift
    while [[ $1 != -- ]]; do prefix+=("$1") && shift; done
    shift
    : >>"$dir/log"
    setsid ${prefix[@]+"${prefix[@]}"} /bin/sh -c "$record_and_become" record "$dir/pid" "$@" \
        >>"$dir/log" 2>&1 </dev/null 6>&- 7>&- 8>&- 9>&- &
    until [[ -e $dir/pid ]] || ! kill -0 "$!" 2>/dev/null; do sleep 0.02; done
}

pid_of() {
    local pid start
    read -r pid start 2>/dev/null <"$1/pid" && echo "$pid"
}

alive() {
    local pid start
    read -r pid start 2>/dev/null <"$1/pid" && [[ -n $start && $(start_time "$pid") == "$start" ]]
}

# The start time of a process in ticks since boot; nothing when it is gone or only waits to be reaped.
start_time() {
    local stat fields
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
    read -ra fields <<<"${stat##*) }"
    [[ ${fields[0]} == Z ]] || echo "${fields[19]}"
}

# wait_until SECONDS DIR COMMAND...   0 when COMMAND succeeds, 1 when the process of DIR died, time is over, or the whole
# start is given up.
wait_until() {
    local until=$((SECONDS + $1)) dir=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        alive "$dir" && [[ ! -e $dir/../abandoned ]] || return 1
        ((SECONDS < until)) || return 1
        sleep 0.1
    done
}

# stop DIR   Ends the process and its children, asking first. A stopped one (SIGSTOP) is continued so that it can hear.
stop() {
    local dir=$1 pid children
    alive "$dir" || { rm -f "$dir/pid" && return 0; }
    pid=$(pid_of "$dir")
    children=$(ps -o pid= --ppid "$pid" | xargs) || true
    # shellcheck disable=SC2086
    signal CONT "$pid" $children
    signal "$(stop_signal "$dir")" "$pid"
    gone_within 10 "$dir" || signal KILL "$pid"
    gone_within 5 "$dir" || { say "process $pid does not end" && return 1; }
    rm -f "$dir/pid"
}

# PostgreSQL reads TERM as "when the last client has gone"; INT is "now, cleanly".
stop_signal() { if [[ -e $1/data/PG_VERSION ]]; then echo INT; else echo TERM; fi; }

signal() { kill "-$1" "${@:2}" 2>/dev/null || as_root kill "-$1" "${@:2}" 2>/dev/null || true; }

gone_within() {
    local tenth
    for ((tenth = 0; tenth < $1 * 10; tenth++)); do
        alive "$2" || return 0
        sleep 0.1
    done
    return 1
}
