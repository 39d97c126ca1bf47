# shellcheck shell=bash
# PgBouncer for tests, in front of PostgreSQL 15. Called by servers.

# start_pgbouncer NAME SUITE PORT
start_pgbouncer() {
    local name=$1 suite=$2 port=$3 dir=$state/$1 began=$SECONDS prefix
    find_prefix "$suite"
    server_directory "$dir"
    # Passwords in plain text: what it needs to log in to the server with SCRAM.
    (umask 077 && printf '"%s" "%s"\n' postgres "$postgres_password" monitor "$monitor_password" \
        stranger "$monitor_password" >"$dir/users")
    (umask 077 && pgbouncer_configuration "$port" "$dir" >"$dir/server.ini")
    give_to_server "$dir/users" "$dir/server.ini"
    launch "$dir" "${prefix[@]}" -- /usr/sbin/pgbouncer "$dir/server.ini"
    wait_until 30 "$dir" pgbouncer_answers "$port" || server_failed "$name" "$dir"
    say "$name: 127.0.0.1:$port, ready after $((SECONDS - began)) s"
}

# `monitor` may look at the console, `postgres` may also give orders, `stranger` may neither. The database `far` leads to nowhere.
pgbouncer_configuration() {
    cat <<CONF
[databases]
fleet = host=127.0.0.1 port=$(port pg15) dbname=fleet pool_size=3 reserve_pool=2
far = host=127.0.0.1 port=1 dbname=far
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $1
unix_socket_dir = $2
auth_type = scram-sha-256
auth_file = $2/users
admin_users = postgres
stats_users = monitor
pool_mode = transaction
max_client_conn = 150
client_tls_sslmode = allow
client_tls_ca_file = $state/tls/ca.crt
client_tls_cert_file = $state/tls/server.crt
client_tls_key_file = $state/tls/server.key
CONF
}

# Whoever speaks its protocol; a login is the tests' business.
pgbouncer_answers() { "$state/bin/pg_isready15" -q -h 127.0.0.1 -p "$1"; }
