# shellcheck shell=bash
# Programs of four Debian releases on one machine. Each program belongs to a suite (bullseye to forky): the suite
# that the machine runs is used as it is, the others come from directory trees ("roots") made by debootstrap and cached
# outside the repository. Needs common.sh.
#
# A root is named after its suite; one more, "bench" of trixie, holds what only `make bench` needs.

root_suite() { case $1 in bench) echo trixie ;; *) echo "$1" ;; esac; }

# What a root holds. A changed list gives the root another name, so it is rebuilt and never mixed with the old one.
root_packages() {
    case $1 in
        bench) bench_packages ;;
        bullseye) echo postgresql-13 ;;
        bookworm) echo postgresql-15 pgbouncer redis-server redis-tools prometheus ;;
        trixie)
            echo postgresql-17 postgresql-17-pgvector redis-server redis-tools valkey-server valkey-tools prometheus
            echo prometheus-alertmanager prometheus-postgres-exporter prometheus-redis-exporter
            echo prometheus-blackbox-exporter dnsmasq-base
            ;;
        forky)
            echo postgresql-18 pgbouncer valkey-server prometheus prometheus-postgres-exporter prometheus-redis-exporter
            ;;
        *) fail "no recipe for a root of $1" ;;
    esac
}

# The client libraries of Go, Rust and Python with their compilers, a C++ compiler for the floors, and wrk.
# debootstrap does not know the virtual packages that Rust's dependencies are written in: the crates stand here by name.
bench_packages() {
    echo golang-go golang-github-prometheus-client-golang-dev python3 python3-prometheus-client g++ zlib1g-dev wrk cargo
    printf 'librust-%s-dev ' prometheus-client prometheus-client-derive-encode dtoa itoa parking-lot parking-lot-core \
        lock-api scopeguard smallvec cfg-if libc autocfg proc-macro2 quote syn syn-1 unicode-ident
}

root_path() {
    local recipe
    recipe=$({ root_packages "$1" && cat "$lib/make-root"; } | sha256sum | cut -c 1-10)
    echo "$cache/$1-$recipe"
}

# ensure_root ROOT   Makes the root unless the machine runs its suite or the root is there.
# One at a time: whoever holds the lock may delete a half-built root, because nobody else is building.
ensure_root() {
    local name=$1 root
    [[ $(root_suite "$name") != "$(system_suite)" ]] || return 0
    root=$(root_path "$name")
    [[ ! -d $root ]] || return 0
    mkdir -p "$cache"
    ask_for_root
    exec 8>"$cache/$name.lock"
    flock --nonblock 8 || { say "another run is making the $name root; waiting for it" && flock 8; }
    [[ -d $root ]] || build_root "$name" "$root"
    exec 8>&-
}

build_root() {
    local name=$1 root=$2 suite mirror packages
    suite=$(root_suite "$name")
    packages=$(root_packages "$name" | xargs | tr ' ' ,)
    mirror=$(find_mirror "$suite")
    # In a mount namespace of its own: whatever debootstrap mounts is gone when it ends, also when it is killed.
    task "Debian $suite root \"$name\" (once; kept in $cache)" \
        as_root unshare --mount -- "$lib/make-root" "$suite" "$cache/$name.building" "$mirror" "$packages" ||
        fail "could not make the Debian $suite root \"$name\"" "The lines above say why; run again when that is mended."
    # The C library of Debian 11 asks DNS for localhost unless it is told otherwise; PostgreSQL 13 has no statistics then.
    echo 'hosts: files dns' | as_root tee "$cache/$name.building/etc/nsswitch.conf" >/dev/null
    as_root mv -T "$cache/$name.building" "$root"
    remove_old_roots "$name" "$root"
}

# Roots of older recipes, unless something still runs from them.
remove_old_roots() {
    local tree in_use
    in_use=$(as_root readlink /proc/[0-9]*/root 2>/dev/null || true)
    for tree in "$cache/$1"-*; do
        [[ $tree == "$2" ]] || grep -qxF "$tree" <<<"$in_use" || as_root rm -rf --one-file-system "$tree"
    done
}

# The Debian mirror of this machine's apt configuration that offers SUITE.
find_mirror() {
    local suite=$1 uri tried=
    [[ -z ${EXPORTER_FLEET_MIRROR:-} ]] || { echo "$EXPORTER_FLEET_MIRROR" && return; }
    while read -r uri; do
        tried+=" $uri"
        ! offers "$uri" "$suite" || { echo "${uri%/}" && return; }
    done < <(configured_uris | sibling_uris | awk '!seen[$0]++')
    fail "no Debian mirror of this machine offers $suite (tried:${tried:- none})" \
        "Check the network and /etc/apt, or name one: EXPORTER_FLEET_MIRROR=http://HOST/debian"
}

# apt itself reads every format it knows and prints where it would look; this asks no server.
configured_uris() {
    apt-get --print-uris update | sed -n "s|^'\(.*\)/dists/.*InRelease'.*|\1|p" | while read -r uri; do
        case $uri in
            *security*) ;;
            mirror+file:*) sed -n 's|^\(https\{0,1\}://[^[:space:]]*\).*|\1|p' "${uri#mirror+file:}" ;;
            *) echo "$uri" ;;
        esac
    done
}

# A mirror pinned to a moment (.../archive/debian/20250520T000000Z) or to a suite (.../debian-bookworm) has a plain sibling.
sibling_uris() {
    sed -E -e 'p' \
        -e 's|/archive/([a-z-]+)/[0-9]{8}T[0-9]{6}Z$|/\1|' \
        -e 's|[-/](bookworm\|trixie\|stable\|oldstable)$||'
}

offers() {
    local release
    release=$(curl -fsL --max-time 20 "$1/dists/$2/InRelease" || curl -fsL --max-time 20 "$1/dists/$2/Release") || return 1
    grep -qx 'Origin: Debian' <<<"$release" && grep -qx "Codename: $2" <<<"$release"
}
