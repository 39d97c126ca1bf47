# shellcheck shell=bash
# PostgreSQL for tests: nothing is durable, everything is logged to a file. Called by servers.

# start_postgres NAME SUITE VERSION PORT [CONFIGURATION LINES]
start_postgres() {
    local name=$1 suite=$2 version=$3 port=$4 extra=${5:-} began=$SECONDS
    local dir=$state/$name bin=/usr/lib/postgresql/$version/bin prefix
    find_prefix "$suite"
    make_cluster "$dir" "$bin" "$port" "$extra" || server_failed "PostgreSQL $version (initdb)" "$dir"
    launch "$dir" "${prefix[@]}" -- "$bin/postgres" -D "$dir/data"
    wait_until 60 "$dir" "$state/bin/pg_isready$version" -q -h 127.0.0.1 -p "$port" ||
        server_failed "PostgreSQL $version" "$dir"
    make_database "$version" "$port" >>"$dir/log" 2>&1 || server_failed "PostgreSQL $version (set-up)" "$dir"
    say "PostgreSQL $version: 127.0.0.1:$port, ready after $((SECONDS - began)) s"
}

make_cluster() {
    local dir=$1 bin=$2 port=$3 extra=$4
    server_directory "$dir"
    # initdb reads the password from a file only; the directory belongs to the server's user alone.
    (umask 077 && echo "$postgres_password" >"$dir/password")
    give_to_server "$dir/password"
    "${prefix[@]}" "$bin/initdb" -D "$dir/data" -U postgres --pwfile="$dir/password" --auth=scram-sha-256 \
        --encoding=UTF8 --locale=C.UTF-8 --no-sync >>"$dir/log" 2>&1 || return 1
    rm -f "$dir/password"
    # Shared memory in files of the data directory: nothing stays in /dev/shm after a crash, and a container's 64 MB
    # there are not the limit for parallel index builds.
    cat >>"$dir/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$dir'
max_connections = 100
shared_buffers = 32MB
dynamic_shared_memory_type = mmap
shared_preload_libraries = 'pg_stat_statements'
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum_naptime = 10s
$extra
CONF
}

# For those who ask for it: the addresses that are given out say sslmode=disable.
postgres_tls() {
    cat <<CONF
ssl = on
ssl_cert_file = '$state/tls/server.crt'
ssl_key_file = '$state/tls/server.key'
CONF
}

make_database() {
    local version=$1 port=$2 vector=
    [[ $version == 15 ]] || vector='CREATE EXTENSION vector;'
    PGPASSWORD=$postgres_password "$state/bin/psql$version" -X -q -v ON_ERROR_STOP=1 \
        -h 127.0.0.1 -p "$port" -U postgres -d postgres <<SQL
CREATE ROLE monitor LOGIN PASSWORD '$monitor_password' IN ROLE pg_monitor;
CREATE DATABASE fleet;
\\connect fleet
CREATE EXTENSION pg_stat_statements;
$vector
SQL
}
