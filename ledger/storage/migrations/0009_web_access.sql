-- Who may sign in to the pages: users of banks, institutions, authorities and the operator; sessions; one-time codes.

-- One user of the staff. `bindings` is the row scope, as of API clients. `password_hash` is argon2id in PHC format.
-- `totp_secret` is encrypted with the installation's key; `totp_used` is the last time step whose code was taken, so
-- that no code is good twice.
CREATE TABLE escrow.users (
    user_id     text        PRIMARY KEY CHECK (user_id ~ '^[A-Za-z0-9._-]{1,64}$'),
    name          text        NOT NULL,
    role          text        NOT NULL CHECK (role IN ('bank', 'institution', 'regulator', 'operator')),
    bindings      jsonb       NOT NULL,
    password_hash text        NOT NULL,
    totp_secret   bytea       NOT NULL,
    totp_used     bigint      NOT NULL DEFAULT 0,
    created_at    timestamptz NOT NULL,
    disabled_at   timestamptz
);

-- One signed-in browser. The token is in its cookie alone; here is its SHA-256. A family's session has no user.
CREATE TABLE escrow.sessions (
    session_id   uuid        PRIMARY KEY,
    token_sha256 bytea       NOT NULL UNIQUE CHECK (octet_length(token_sha256) = 32),
    user_id    text        REFERENCES escrow.users,
    role         text        NOT NULL,
    bindings     jsonb       NOT NULL,
    name         text        NOT NULL,
    browser      text        NOT NULL,
    address      text        NOT NULL,
    created_at   timestamptz NOT NULL,
    seen_at      timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    CHECK ((user_id IS NULL) = (role = 'parent'))
);
CREATE INDEX sessions_of_user ON escrow.sessions (user_id, created_at);

-- Failed attempts to sign in, by what was tried (the SHA-256 of a user name or a contract number).
CREATE TABLE escrow.sign_in_failures (
    subject_sha256 bytea       PRIMARY KEY CHECK (octet_length(subject_sha256) = 32),
    failures       int         NOT NULL,
    failed_at      timestamptz NOT NULL,
    locked_until   timestamptz
);

-- One-time codes of families: the SHA-256 of code and id, for which families, and how often it was tried.
CREATE TABLE escrow.one_time_codes (
    code_id     uuid        PRIMARY KEY,
    code_sha256 bytea       NOT NULL CHECK (octet_length(code_sha256) = 32),
    family_id   text        NOT NULL,
    contract_no text        NOT NULL,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    tries       int         NOT NULL DEFAULT 0,
    used_at     timestamptz
);
CREATE INDEX one_time_codes_expiry ON escrow.one_time_codes (expires_at);

-- Who looked at what, and what they did: a row a page. Rows are added and never changed.
CREATE TABLE escrow.page_visits (
    visit_id   bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL,
    session_id uuid        NOT NULL,
    actor      text        NOT NULL,
    role       text        NOT NULL,
    districts  text[]      NOT NULL,
    method     text        NOT NULL,
    path       text        NOT NULL,
    status     int         NOT NULL,
    request_id text        NOT NULL
);
CREATE INDEX page_visits_path ON escrow.page_visits (path text_pattern_ops, visit_id);
CREATE TRIGGER page_visits_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON escrow.page_visits
    FOR EACH STATEMENT EXECUTE FUNCTION escrow.refuse_change();
