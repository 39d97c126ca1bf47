# shellcheck shell=bash
# The programs that ExporterKit is measured against, built with Debian trixie's compilers and packages. Needs common.sh and
# roots.sh.

bench_build=$repository/Benchmarks/.build/peers

# What brings a command to Debian trixie: the root "bench", unless the machine runs it itself. It sees this repository.
bench_prefix=(env)
[[ $(system_suite) == "$(root_suite bench)" ]] ||
    bench_prefix=("$lib/enter-root" "$(root_path bench)" "$repository" "$(id -u):$(id -g)")

in_bench_root() { "${bench_prefix[@]}" "$@"; }

# One line for the table: who was measured with what, where.
bench_versions() {
    local machine
    machine="$(nproc) x $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1), Linux $(uname -r)"
    echo "$machine; $(date -u +%F); $(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/Swift \1/p' | head -n 1);" \
        "client_golang $(bench_package golang-github-prometheus-client-golang-dev) with Go $(bench_package golang-go);" \
        "prometheus-client $(bench_package librust-prometheus-client-dev) with Rust $(bench_package rustc);" \
        "prometheus_client $(bench_package python3-prometheus-client) with Python $(bench_package python3);" \
        "g++ $(bench_package g++)"
}

# bench_package PACKAGE [ROOT]
# The upstream part of a package's version (2:1.24~2 is 1.24). A root is unpacked, not installed: what it has is what the
# list says that it was made from.
bench_package() {
    local root=${2:-bench}
    if [[ $(system_suite) == "$(root_suite "$root")" ]]; then
        dpkg-query -W -f '${Version}' "$1"
    else
        awk -v name="$1" '$1 == "Package:" { here = $2 == name } here && $1 == "Version:" { print $2; exit }' \
            "$(root_path "$root")"/var/lib/apt/lists/*_Packages
    fi | sed -E 's/^([0-9]+:)?([0-9.]*[0-9]).*/\2/'
}

# postgres_exporter and redis_exporter of Debian forky, the newest that Debian has, and which versions these are.
prepare_peer_exporters() {
    local bench_prefix=(env) peer
    ensure_root forky
    [[ $(system_suite) == "$(root_suite forky)" ]] ||
        bench_prefix=("$lib/enter-root" "$(root_path forky)" "$repository" "$(id -u):$(id -g)")
    mkdir -p "$bench_build"
    for peer in postgres_exporter redis_exporter; do
        wrapper "$peer" "/usr/bin/prometheus-${peer/_/-}"
        declare -gx "BENCH_${peer^^}_VERSION=$(bench_package "prometheus-${peer/_/-}" forky)"
    done
}

# Nothing is written next to the sources, and no network is asked: what a compiler keeps lies in $bench_build.
build_peers() {
    mkdir -p "$bench_build"/{go,rust,cargo,tmp}
    task "building the peer in Go" build_go_peer || fail "the peer in Go does not build" "The lines above say why."
    task "building the peer in Rust" build_rust_peer || fail "the peer in Rust does not build" "The lines above say why."
    task "building the floor in C++" build_floor || fail "the floor in C++ does not build" "The lines above say why."
    wrapper peer-python python3 "$repository/Benchmarks/peers/python/peer.py"
    wrapper wrk wrk
}

# wrapper NAME COMMAND...   An executable that becomes COMMAND of Debian trixie, for what cannot run outside the root.
wrapper() {
    local name=$1
    shift
    {
        echo '#!/usr/bin/env bash'
        printf 'exec '
        printf '%q ' "${bench_prefix[@]}" "$@"
        echo '"$@"'
    } >"$bench_build/$name"
    chmod +x "$bench_build/$name"
}

# GOPATH mode: Debian's -dev packages are a GOPATH.
build_go_peer() {
    in_bench_root env -C "$repository/Benchmarks/peers/go" GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= \
        GOTOOLCHAIN=local CGO_ENABLED=0 GOCACHE="$bench_build/go" GOTMPDIR="$bench_build/tmp" HOME="$bench_build/tmp" \
        go build -o "$bench_build/peer-go" .
}

# Debian's crates are a directory registry. The executable is static, so that it runs outside the root; --target keeps that
# flag from the compiler's own plug-ins.
build_rust_peer() {
    local target
    target=$(uname -m)-unknown-linux-gnu
    cp -r "$repository"/Benchmarks/peers/rust/{Cargo.toml,src} "$bench_build/rust/" &&
        in_bench_root env -C "$bench_build/rust" CARGO_HOME="$bench_build/cargo" TMPDIR="$bench_build/tmp" \
            HOME="$bench_build/tmp" RUSTFLAGS='-C target-feature=+crt-static' \
            cargo build --release --offline --target "$target" --config "target.$target.linker=\"gcc\"" \
            --config 'source.crates-io.replace-with="debian"' \
            --config 'source.debian.directory="/usr/share/cargo/registry"' &&
        cp "$bench_build/rust/target/$target/release/peer" "$bench_build/peer-rust"
}

build_floor() {
    in_bench_root env TMPDIR="$bench_build/tmp" g++ -std=c++20 -O3 -Wall -Wextra -static -o "$bench_build/peer-cpp" \
        "$repository/Benchmarks/peers/cpp/floor.cpp" -lz
}
