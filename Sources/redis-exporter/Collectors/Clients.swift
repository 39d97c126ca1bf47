internal import ExporterKit

/// Section `Clients`.
/// Source: https://redis.io/docs/latest/commands/info/#clients
enum Clients {
    static func collector(_ namespace: String) -> FieldsCollector {
        FieldsCollector(
            "clients", "Connections and what they wait for, from INFO section Clients.", namespace: namespace,
            rows: rows)
    }

    private static let rows: [MetricRow] = [
        .gauge("connected_clients", "Connections of clients, without those of replicas."),
        .gauge(
            "maxclients", as: "max_clients", "Most client connections at once, as configured and allowed by the system."
        ),
        .gauge("blocked_clients", "Clients that wait in a blocking command such as BLPOP or WAIT."),
        .gauge("tracking_clients", "Clients that are told when keys they read change."),
        .gauge("pubsub_clients", "Clients that subscribe to channels or patterns."),
        .gauge("watching_clients", "Clients that watch keys for a transaction."),
        .gauge("clients_in_timeout_table", "Clients whose waiting ends by a timeout."),
        .gauge("total_watched_keys", "Keys that clients watch for a transaction."),
        .gauge("total_blocking_keys", "Keys that clients wait for in blocking commands."),
        .gauge("total_blocking_keys_on_nokey", "Keys whose removal would wake a client that waits for them."),
        .gauge(
            "client_recent_max_input_buffer", as: "client_recent_max_input_buffer_bytes",
            "Largest query buffer among the clients of the last seconds, in bytes."),
        .gauge(
            "client_recent_max_output_buffer", as: "client_recent_max_output_buffer_bytes",
            "Largest output buffer among the clients of the last seconds, in bytes."),
        .gauge("client_biggest_input_buf", "Largest query buffer of a client, in bytes; only before Redis 5."),
        .gauge("client_longest_output_list", "Longest list of pending replies of a client; only before Redis 5."),
        .gauge(
            "paused_timeout_milliseconds", as: "clients_paused_seconds",
            "Seconds that commands of clients are still held back; 0 when they are not.", in: .milliseconds),
        .gauge("current_client_thread", "Thread that serves the client of this scrape; KeyDB only."),
    ]
}
