-- Which day was closed for which accounts, up to which of them, when and with what result. What a close decided is in
-- the events; these rows say how far a close came, so that one that was interrupted goes on where it stopped.

-- One pass of a close over one partition. `scope` is '*' for the whole city, else district codes joined by commas.
-- Accounts are closed in the order of their opening: those opened up to `through_position` are done. `request_key` is
-- the idempotency key of the request that made the pass, by which its repetition gets the same answer.
CREATE TABLE escrow.day_closes (
    id               bigint      GENERATED ALWAYS AS IDENTITY,
    closed_on        date        NOT NULL,
    scope            text        COLLATE "C" NOT NULL,
    partition        int         NOT NULL,
    pass             int         NOT NULL CHECK (pass > 0),
    through_position bigint      NOT NULL DEFAULT 0,
    accounts         int         NOT NULL DEFAULT 0,
    changed          int         NOT NULL DEFAULT 0,
    events           int         NOT NULL DEFAULT 0,
    refused          jsonb       NOT NULL DEFAULT '{}',
    request_key      uuid,
    started_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at      timestamptz,
    PRIMARY KEY (closed_on, scope, partition, pass)
);
