-- Webhooks: where clients want to be told of changes, how far each was told, and every delivery with its attempts.

-- `secret` signs (HMAC-SHA256), and `previous_secret` signs along with it until `previous_until`. A disabled endpoint
-- keeps its place and goes on from there. `request_key` is the idempotency key of the request that made it.
CREATE TABLE escrow.webhook_endpoints (
    endpoint_id      uuid        PRIMARY KEY,
    client_id        text        NOT NULL REFERENCES escrow.api_clients,
    url              text        NOT NULL,
    topics           text[]      NOT NULL,
    description      text        NOT NULL,
    secret           bytea       NOT NULL CHECK (octet_length(secret) = 32),
    previous_secret  bytea,
    previous_until   timestamptz,
    state            text        NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),
    disabled_at      timestamptz,
    disabled_because text,
    failing_since    timestamptz,
    created_at       timestamptz NOT NULL,
    request_key      uuid        NOT NULL,
    UNIQUE (client_id, request_key)
);

-- Up to which position of each partition the changes for an endpoint have been made into deliveries.
CREATE TABLE escrow.webhook_positions (
    endpoint_id uuid   NOT NULL REFERENCES escrow.webhook_endpoints,
    partition   int    NOT NULL,
    position    bigint NOT NULL,
    PRIMARY KEY (endpoint_id, partition)
) WITH (fillfactor = 50);

-- One change for one endpoint, delivered in the order of `seq`. `dead`: given up after the last attempt.
CREATE TABLE escrow.webhook_deliveries (
    delivery_id uuid        PRIMARY KEY,
    seq         bigint      GENERATED ALWAYS AS IDENTITY,
    endpoint_id uuid        NOT NULL REFERENCES escrow.webhook_endpoints,
    partition   int         NOT NULL,
    position    bigint      NOT NULL,
    ordinal     int         NOT NULL,
    topic       text        NOT NULL,
    body        text        NOT NULL,
    state       text        NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'dead')),
    attempts    int         NOT NULL DEFAULT 0,
    tries       int         NOT NULL DEFAULT 0,
    next_at     timestamptz NOT NULL,
    created_at  timestamptz NOT NULL,
    done_at     timestamptz,
    UNIQUE (endpoint_id, partition, position, ordinal)
) WITH (fillfactor = 80);

CREATE INDEX webhook_deliveries_pending ON escrow.webhook_deliveries (endpoint_id, seq) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_page ON escrow.webhook_deliveries (endpoint_id, seq);

-- The delivery log: every attempt, with the receiver's status or what went wrong.
CREATE TABLE escrow.webhook_attempts (
    delivery_id uuid        NOT NULL REFERENCES escrow.webhook_deliveries,
    number      int         NOT NULL,
    at          timestamptz NOT NULL,
    status      int,
    error       text        NOT NULL DEFAULT '',
    duration_ms int         NOT NULL,
    PRIMARY KEY (delivery_id, number)
);
