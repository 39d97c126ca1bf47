-- Sample data of the demo, on PostgreSQL 17 with pgvector. The same on every run.
SELECT setseed(0.42);

-- 10,000 vectors of 128 dimensions, with the index that a search service would have.
CREATE TABLE documents (
    id        bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    title     text NOT NULL,
    embedding vector(128) NOT NULL
);
INSERT INTO documents (title, embedding)
SELECT 'Document ' || d, array_agg(random()::real - 0.5 ORDER BY i)::real[]::vector(128)
FROM generate_series(1, 10000) AS d, generate_series(1, 128) AS i
GROUP BY d;
SET maintenance_work_mem = '128MB';
CREATE INDEX documents_embedding_hnsw ON documents USING hnsw (embedding vector_cosine_ops);

-- A small market: jobs, contracts, payments, who was here.
CREATE TABLE jobs (
    id           bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    title        text NOT NULL,
    status       text NOT NULL,
    published_at timestamptz NOT NULL
);
INSERT INTO jobs (title, status, published_at)
SELECT 'Job ' || j, (ARRAY['OPEN', 'OPEN', 'FILLED', 'CLOSED'])[1 + j % 4], now() - random() * interval '14 days'
FROM generate_series(1, 2000) AS j;

CREATE TABLE contracts (
    id     bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    job_id bigint NOT NULL REFERENCES jobs,
    status text NOT NULL
);
INSERT INTO contracts (job_id, status)
SELECT id, (ARRAY['ACTIVE', 'ACTIVE', 'ENDED'])[1 + id % 3] FROM jobs WHERE status = 'FILLED';

CREATE TABLE payments (
    id          bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    contract_id bigint NOT NULL REFERENCES contracts,
    currency    text NOT NULL,
    minor_units bigint NOT NULL,
    created_at  timestamptz NOT NULL
);
INSERT INTO payments (contract_id, currency, minor_units, created_at)
SELECT c.id, (ARRAY['usd', 'eur'])[1 + c.id % 2], 5000 + (random() * 200000)::bigint, now() - random() * interval '30 days'
FROM contracts AS c, generate_series(1, 8);

CREATE TABLE user_sessions (
    id         bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    user_id    bigint NOT NULL,
    created_at timestamptz NOT NULL
);
INSERT INTO user_sessions (user_id, created_at)
SELECT 1 + (random() * 3000)::bigint, now() - random() * interval '3 days' FROM generate_series(1, 20000);

-- The exporters read as the role monitor: statistics by pg_monitor, these tables by SELECT, nothing else.
GRANT SELECT ON documents, jobs, contracts, payments, user_sessions TO monitor;
-- Outside a transaction block: each statement of this file is its own.
VACUUM ANALYZE;
