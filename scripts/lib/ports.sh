# shellcheck shell=bash
# Which TCP ports somebody listens on, from the kernel's own table: no tool is needed and nothing is connected to.

readonly listening=0A

used_ports() {
    local address state
    while read -r _ address _ state _; do
        [[ $state != "$listening" ]] || echo $((16#${address##*:}))
    done < <(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null)
}

# next_free_port PORT   PORT, or the first above it that nobody uses.
next_free_port() {
    local port=$1 used
    used=" $(used_ports | xargs) "
    while [[ $used == *" $port "* ]]; do port=$((port + 1)); done
    echo "$port"
}
