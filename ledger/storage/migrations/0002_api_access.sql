-- Who may call the API: clients, the keys that sign their tokens, and what stops a request from being repeated.

-- Keys that sign access tokens. A key signs from `signs_from` on, so that every process knows it before it is used;
-- it verifies until `retired_at`, which leaves the tokens it signed time to expire.
CREATE TABLE escrow.signing_keys (
    kid         text        PRIMARY KEY,
    algorithm   text        NOT NULL CHECK (algorithm = 'Ed25519'),
    private_jwk jsonb       NOT NULL,
    created_at  timestamptz NOT NULL,
    signs_from  timestamptz NOT NULL,
    retired_at  timestamptz
);

-- One machine client. `bindings` is the row scope: {"bank": code}, {"institutions": [id]}, {"families": [id]} or
-- {"districts": [code]}, where ["*"] stands for the whole city. A client has one way to prove itself: a public key
-- set, or the SHA-256 of 32 random bytes.
CREATE TABLE escrow.api_clients (
    client_id     text        PRIMARY KEY CHECK (client_id ~ '^[A-Za-z0-9._-]{1,64}$'),
    name          text        NOT NULL,
    role          text        NOT NULL CHECK (role IN ('bank', 'institution', 'parent', 'regulator', 'operator')),
    scopes        text[]      NOT NULL,
    bindings      jsonb       NOT NULL,
    secret_sha256 bytea       CHECK (octet_length(secret_sha256) = 32),
    public_jwks   jsonb,
    created_at    timestamptz NOT NULL,
    revoked_at    timestamptz,
    CHECK (num_nonnulls(secret_sha256, public_jwks) = 1)
);

CREATE INDEX api_clients_revoked ON escrow.api_clients (revoked_at) WHERE revoked_at IS NOT NULL;

-- Assertions that were accepted once. A row is of no use after `expires_at`, when the assertion is refused by its age.
CREATE TABLE escrow.used_assertions (
    client_id  text        NOT NULL REFERENCES escrow.api_clients,
    jti        text        NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (client_id, jti)
);

CREATE INDEX used_assertions_expiry ON escrow.used_assertions (expires_at);

-- Idempotency keys of requests that carry a batch, whose items may lie in several partitions. A single command keeps
-- its key with its event. Rows are kept for ever.
CREATE TABLE escrow.batch_keys (
    client_id       text        NOT NULL,
    idempotency_key text        NOT NULL,
    request_hash    bytea       NOT NULL,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (client_id, idempotency_key)
);
