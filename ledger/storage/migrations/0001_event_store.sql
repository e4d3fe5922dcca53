-- The event log: immutable events in partitions with gap-free positions in commit order, the unique keys that
-- span accounts, and snapshots (a cache that can be dropped).

-- The last position of each partition. Whoever appends holds the partition's row from the moment the positions are
-- taken until the commit, so positions become visible in order and without gaps, with no table lock.
CREATE TABLE escrow.heads (
    partition int    PRIMARY KEY,
    position  bigint NOT NULL DEFAULT 0 CHECK (position >= 0)
) WITH (fillfactor = 10);

INSERT INTO escrow.heads (partition)
SELECT generate_series(0, partitions - 1) FROM escrow.store;

-- One row an event. The first event of a command carries the command's size and, if the command has one, its
-- idempotency key (a hash of client and key) with the hash of the request; the following ones have size 0.
CREATE TABLE escrow.events (
    partition       int         NOT NULL,
    position        bigint      NOT NULL CHECK (position > 0),
    account_id      uuid        NOT NULL,
    version         bigint      NOT NULL,
    topic           text        COLLATE "C" NOT NULL,
    state           text        COLLATE "C" NOT NULL,
    recorded_at     timestamptz NOT NULL,
    command_size    smallint    NOT NULL,
    idempotency_key uuid,
    request_hash    bytea,
    PRIMARY KEY (partition, position)
);

CREATE UNIQUE INDEX events_account_version ON escrow.events (partition, account_id, version);
CREATE UNIQUE INDEX events_idempotency_key ON escrow.events (partition, idempotency_key)
    WHERE idempotency_key IS NOT NULL;

-- What is unique over all accounts: a bank's entry reference (kind 'entry', key 'bank/reference'), an account number
-- (kind 'account', key 'bank/number'). Written in the transaction of the event that it points to.
CREATE TABLE escrow.unique_keys (
    kind      text   COLLATE "C" NOT NULL,
    key       text   COLLATE "C" NOT NULL,
    digest    text   COLLATE "C" NOT NULL,
    partition int    NOT NULL,
    position  bigint NOT NULL,
    PRIMARY KEY (kind, key)
);

CREATE TABLE escrow.snapshots (
    account_id uuid   NOT NULL,
    version    bigint NOT NULL,
    topic      text   COLLATE "C" NOT NULL,
    state      text   NOT NULL,
    PRIMARY KEY (account_id, version)
);

-- Append-only, for everyone: the owner of the table and a superuser too.
CREATE FUNCTION escrow.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of %.% is refused: recorded facts are append-only', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON escrow.events
    FOR EACH STATEMENT EXECUTE FUNCTION escrow.refuse_change();
CREATE TRIGGER unique_keys_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON escrow.unique_keys
    FOR EACH STATEMENT EXECUTE FUNCTION escrow.refuse_change();

-- Appends events to one partition and returns the position before the first of them. With an expected head the append
-- fails with SQLSTATE ES001 when another process has moved it: what was decided on the old head must be decided anew.
CREATE FUNCTION escrow.append(
    in_partition int, expected bigint, recorded timestamptz, accounts uuid[], versions bigint[], topics text[],
    states text[], sizes smallint[], keys uuid[], hashes bytea[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    before bigint;
BEGIN
    UPDATE escrow.heads SET position = position + cardinality(accounts)
     WHERE partition = in_partition AND (expected IS NULL OR position = expected)
    RETURNING position - cardinality(accounts) INTO before;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the head of partition % is not at %', in_partition, expected USING ERRCODE = 'ES001';
    END IF;
    INSERT INTO escrow.events (partition, position, account_id, version, topic, state, recorded_at, command_size,
                               idempotency_key, request_hash)
    SELECT in_partition, before + o, a, v, t, s, recorded, z, k, h
      FROM unnest(accounts, versions, topics, states, sizes, keys, hashes) WITH ORDINALITY
           AS e (a, v, t, s, z, k, h, o);
    RETURN before;
END $$;

-- The role of a writer: it may append and nothing else. A server whose database user is a member works as this role.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'escrow_writer') THEN
        CREATE ROLE escrow_writer NOLOGIN;
    END IF;
EXCEPTION WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN
    RAISE NOTICE 'role escrow_writer was not created: %', SQLERRM;
END $$;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'escrow_writer') THEN
        GRANT USAGE ON SCHEMA escrow TO escrow_writer;
        GRANT SELECT, INSERT ON escrow.events, escrow.unique_keys, escrow.snapshots TO escrow_writer;
        GRANT SELECT, UPDATE ON escrow.heads TO escrow_writer;
        GRANT EXECUTE ON FUNCTION escrow.append TO escrow_writer;
        REVOKE ALL ON escrow.events, escrow.unique_keys FROM PUBLIC;
    END IF;
END $$;
