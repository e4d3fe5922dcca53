-- What the operator is told of the store's upkeep: when it was verified as a whole, and which deliveries were given up.

-- One run of `escrow verify` over the whole store. `counts` is how many differences of each kind it found: {} when the log,
-- its keys, snapshots and views follow from the events. Rows are added and never changed.
CREATE TABLE escrow.verifications (
    run_id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    finished_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    took_ms     bigint      NOT NULL,
    events      bigint      NOT NULL,
    commands    bigint      NOT NULL,
    accounts    bigint      NOT NULL,
    views       int         NOT NULL,
    counts      jsonb       NOT NULL
);
CREATE TRIGGER verifications_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON escrow.verifications
    FOR EACH STATEMENT EXECUTE FUNCTION escrow.refuse_change();

CREATE INDEX webhook_deliveries_dead ON escrow.webhook_deliveries (endpoint_id) WHERE state = 'dead';
