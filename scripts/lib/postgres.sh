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

# start_replica NAME PRIMARY SUITE VERSION   Streams from the primary through a slot of its own.
start_replica() {
    local name=$1 primary=$2 suite=$3 version=$4 began=$SECONDS
    local dir=$state/$name bin=/usr/lib/postgresql/$version/bin port prefix
    port=$(port "$name")
    find_prefix "$suite"
    server_directory "$dir"
    PGPASSWORD=$postgres_password "${prefix[@]}" "$bin/pg_basebackup" -D "$dir/data" -R -C -S fleet_replica -c fast --no-sync \
        -d "host=127.0.0.1 port=$(port "$primary") user=postgres application_name=fleet_replica" >>"$dir/log" 2>&1 ||
        server_failed "replica of PostgreSQL $version (pg_basebackup)" "$dir"
    cat >>"$dir/data/postgresql.conf" <<CONF
port = $port
unix_socket_directories = '$dir'
CONF
    launch "$dir" "${prefix[@]}" -- "$bin/postgres" -D "$dir/data"
    wait_until 60 "$dir" "$state/bin/pg_isready$version" -q -h 127.0.0.1 -p "$port" ||
        server_failed "replica of PostgreSQL $version" "$dir"
    say "PostgreSQL $version replica: 127.0.0.1:$port, ready after $((SECONDS - began)) s"
}

# A table of database fleet travels from PostgreSQL 17 to 18.
subscribe() {
    local table='CREATE SCHEMA replicated; CREATE TABLE replicated.note (id int PRIMARY KEY, text text);'
    sql 17 "$table INSERT INTO replicated.note VALUES (1, 'one'); CREATE PUBLICATION fleet FOR TABLE replicated.note;" &&
        sql 18 "$table" &&
        sql 18 "CREATE SUBSCRIPTION fleet CONNECTION
            'host=127.0.0.1 port=$(port pg17) user=postgres password=$postgres_password dbname=fleet' PUBLICATION fleet"
}

# sql VERSION STATEMENTS   In database fleet. They may hold a password: one that fails is not logged.
sql() {
    PGOPTIONS='-c log_min_error_statement=panic' PGPASSWORD=$postgres_password "$state/bin/psql$1" -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$(port "pg$1")" \
        -U postgres -d fleet -c "$2" >>"$state/pg$1/log" 2>&1 || server_failed "PostgreSQL $1 (replication)" "$state/pg$1"
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
max_prepared_transactions = 8
shared_buffers = 32MB
dynamic_shared_memory_type = mmap
shared_preload_libraries = 'pg_stat_statements'
wal_level = logical
max_slot_wal_keep_size = 1GB
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
    [[ $version != 17 ]] || vector='CREATE EXTENSION vector;'
    PGPASSWORD=$postgres_password "$state/bin/psql$version" -X -q -v ON_ERROR_STOP=1 \
        -h 127.0.0.1 -p "$port" -U postgres -d postgres <<SQL
CREATE ROLE monitor LOGIN PASSWORD '$monitor_password' IN ROLE pg_monitor;
CREATE DATABASE fleet;
\\connect fleet
CREATE EXTENSION pg_stat_statements;
CREATE EXTENSION pg_buffercache;
$vector
SQL
}
