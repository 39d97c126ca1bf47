-- Roles of the exporters. The PostgreSQL image runs this once, when the database is new; passwords come from secret files.
\set pg_exporter_password `cat /run/secrets/pg_exporter_password`
\set app_exporter_password `cat /run/secrets/app_exporter_password`

-- pg_monitor sees all statistics and settings, and no table.
CREATE ROLE exporter LOGIN PASSWORD :'pg_exporter_password' CONNECTION LIMIT 4 IN ROLE pg_monitor;

-- Business metrics and vector probes read tables. Grant single tables instead of pg_read_all_data where that is too much.
CREATE ROLE app_exporter LOGIN PASSWORD :'app_exporter_password' CONNECTION LIMIT 8
    IN ROLE pg_monitor, pg_read_all_data;

CREATE EXTENSION IF NOT EXISTS vector;
