-- Personal data, apart from the log: sealed with one key a person that is not in this database, and what was done
-- with it. Events, views and this schema's other columns name persons by opaque ids only.

CREATE SCHEMA escrow_people;

-- One row a person, kept for ever. `written_by` is the institution or authority that told us of it.
CREATE TABLE escrow_people.persons (
    person_id  uuid        PRIMARY KEY,
    seq        bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    written_by text        NOT NULL,
    created_at timestamptz NOT NULL,
    erased_at  timestamptz
);

-- AES-256-GCM, with the algorithm's id in front; `version` grows with each change and is part of what is authenticated.
CREATE TABLE escrow_people.sealed_fields (
    person_id uuid  NOT NULL REFERENCES escrow_people.persons,
    field     text  COLLATE "C" NOT NULL,
    version   int   NOT NULL CHECK (version > 0),
    sealed    bytea NOT NULL,
    PRIMARY KEY (person_id, field)
);

-- A payment route under the opaque token that events name. The row stays when its person is erased, so that nobody
-- else's account can ever be put behind the token.
CREATE TABLE escrow_people.payment_routes (
    route      text        COLLATE "C" PRIMARY KEY,
    person_id  uuid        NOT NULL REFERENCES escrow_people.persons,
    sealed     bytea,
    created_at timestamptz NOT NULL
);
CREATE INDEX payment_routes_person ON escrow_people.payment_routes (person_id);

-- HMAC-SHA-256 of a phone, a contract number or a family's id, by a key that is not in this database.
CREATE TABLE escrow_people.blind_indexes (
    kind      text  COLLATE "C" NOT NULL CHECK (kind IN ('phone', 'contract_no', 'family')),
    digest    bytea NOT NULL CHECK (octet_length(digest) = 32),
    person_id uuid  NOT NULL REFERENCES escrow_people.persons,
    PRIMARY KEY (kind, digest, person_id)
);
CREATE INDEX blind_indexes_person ON escrow_people.blind_indexes (person_id);

-- Idempotency keys of requests that carry personal data. The digest is keyed with the person's own key and goes with it.
CREATE TABLE escrow_people.requests (
    request_key uuid  PRIMARY KEY,
    person_id   uuid  NOT NULL REFERENCES escrow_people.persons,
    digest      bytea
);
CREATE INDEX requests_person ON escrow_people.requests (person_id);

-- Who did what with whose data, when and why. `account_ids` are the accounts of the person's families at that time:
-- whoever supervises one of them may read the entry.
CREATE TABLE escrow_people.access_log (
    seq         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL,
    actor       text        NOT NULL,
    action      text        NOT NULL CHECK (action IN ('written', 'read_own', 'revealed', 'found', 'erased')),
    person_id   uuid        NOT NULL REFERENCES escrow_people.persons,
    fields      text[]      NOT NULL,
    reason      text        NOT NULL,
    account_ids uuid[]      NOT NULL,
    CHECK (reason <> '' OR action IN ('written', 'read_own'))
);
CREATE INDEX access_log_person ON escrow_people.access_log (person_id, seq);

CREATE TRIGGER access_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON escrow_people.access_log
    FOR EACH STATEMENT EXECUTE FUNCTION escrow.refuse_change();
CREATE TRIGGER persons_are_kept BEFORE DELETE OR TRUNCATE ON escrow_people.persons
    FOR EACH STATEMENT EXECUTE FUNCTION escrow.refuse_change();
