# shellcheck shell=bash
# Redis and Valkey for tests: nothing is saved. Called by servers.

# start_redis NAME SUITE PROGRAM PORT [CONFIGURATION LINES]
start_redis() {
    local name=$1 suite=$2 program=$3 port=$4 extra=${5:-} dir=$state/$1 began=$SECONDS prefix
    find_prefix "$suite"
    server_directory "$dir"
    (umask 077 && redis_configuration "$port" "$dir" "$extra" >"$dir/server.conf")
    give_to_server "$dir/server.conf"
    launch "$dir" "${prefix[@]}" -- "/usr/bin/$program" "$dir/server.conf"
    wait_until 30 "$dir" redis_answers "$port" || server_failed "$name" "$dir"
    say "$name: 127.0.0.1:$port, ready after $((SECONDS - began)) s"
}

redis_configuration() {
    cat <<CONF
bind 127.0.0.1
port $1
dir "$2"
save ""
appendonly no
daemonize no
latency-monitor-threshold 100
$3
CONF
}

# NOAUTH is an answer too: it is up and wants the password.
redis_answers() { redis-cli -h 127.0.0.1 -p "$1" ping | grep -qE '^PONG|NOAUTH'; }

tls_configuration() {
    cat <<CONF
tls-port $1
tls-ca-cert-file "$state/tls/ca.crt"
tls-cert-file "$state/tls/server.crt"
tls-key-file "$state/tls/server.key"
tls-auth-clients optional
CONF
}

# A small authority, a certificate for 127.0.0.1 and localhost, one for a client. They live as long as the servers.
make_certificates() {
    local tls=$state/tls
    server_directory "$tls"
    certificate ca "exporter-fleet test authority" 'basicConstraints=critical,CA:TRUE' 'keyUsage=critical,keyCertSign,cRLSign'
    certificate server localhost 'subjectAltName=DNS:localhost,IP:127.0.0.1' 'extendedKeyUsage=serverAuth'
    certificate client "exporter-fleet test client" 'extendedKeyUsage=clientAuth'
    chmod 711 "$tls"
    give_to_server "$tls/server.key" "$tls/server.crt" "$tls/ca.crt"
    chmod 644 "$tls"/*.crt
}

# certificate NAME SUBJECT EXTENSION...   Signed by the authority, or by itself when it is the authority.
certificate() {
    local name=$1 subject=$2 tls=$state/tls signer=()
    shift 2
    [[ $name == ca ]] || signer=(-CA "$tls/ca.crt" -CAkey "$tls/ca.key")
    # A configuration of our own: the system's default would mark every certificate as an authority.
    openssl req -x509 -days 30 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -subj "/CN=$subject" \
        -config <(printf '[req]\ndistinguished_name=dn\nx509_extensions=ext\n[dn]\n[ext]\nsubjectKeyIdentifier=hash\n'; printf '%s\n' "$@") \
        ${signer[@]+"${signer[@]}"} -keyout "$tls/$name.key" -out "$tls/$name.crt" 2>"$tls/openssl.log" ||
        fail "openssl could not make the $name certificate: $(tail -n 1 "$tls/openssl.log")"
}
