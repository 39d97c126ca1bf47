internal import ExporterKit

extension TableCollector {
    /// Who keeps VACUUM from removing dead rows, and how far back. A holder that there is none of has 0.
    /// Source: https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-BASICS
    static let xminHorizon = TableCollector(
        "xmin_horizon", "How far sessions, prepared transactions, slots and standbys hold back VACUUM.",
        tables: [
            SQLTable(
                prefix: "pg_xmin_horizon",
                from: """
                    (SELECT max(greatest(age(backend_xmin), age(backend_xid))) \
                    FILTER (WHERE backend_type <> 'walsender') AS session, \
                    max(age(backend_xmin)) FILTER (WHERE backend_type = 'walsender') AS standby \
                    FROM pg_stat_activity WHERE pid <> pg_backend_pid()) a, \
                    (SELECT max(age(transaction)) AS prepared FROM pg_prepared_xacts) p, \
                    (SELECT max(age(xmin)) AS slot, max(age(catalog_xmin)) AS slot_catalog \
                    FROM pg_replication_slots) s, \
                    LATERAL (VALUES ('session', a.session), ('standby', a.standby), ('prepared', p.prepared), \
                    ('slot', s.slot), ('slot_catalog', s.slot_catalog)) h (holder, age)
                    """,
                labels: [.expression("holder", "h.holder")],
                rows: [
                    .gauge(
                        "coalesce(h.age, 0)", as: "age",
                        """
                        Age in transactions of the oldest one this kind of holder still needs; 0 when there is no \
                        such holder.
                        """)
                ])
        ])
}
