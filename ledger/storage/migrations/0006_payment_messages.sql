-- Which messages of orders to banks were begun, from what, and whether they are finished. What a message says is in the
-- events alone; these rows say which orders it was to take, so that one that was interrupted goes on to the same end.

-- `plan` is [[account, [order, ...]], ...] as it was asked for, and empty once the message is finished: from then on the
-- message is what its events say. `content` is a digest of what was asked, by which a message id is not used twice.
CREATE TABLE escrow.payment_messages (
    id           bigint      GENERATED ALWAYS AS IDENTITY,
    bank         text        COLLATE "C" NOT NULL,
    message_id   text        COLLATE "C" NOT NULL,
    content      text        NOT NULL,
    message_at   timestamptz NOT NULL,
    effective_on date        NOT NULL,
    execute_on   date        NOT NULL,
    asked_by     text        NOT NULL,
    plan         jsonb       NOT NULL,
    orders       int         NOT NULL DEFAULT 0,
    amount_fen   bigint      NOT NULL DEFAULT 0,
    finished_at  timestamptz,
    PRIMARY KEY (bank, message_id)
);

CREATE INDEX payment_messages_page ON escrow.payment_messages (bank, id);
CREATE INDEX payment_messages_unfinished ON escrow.payment_messages (bank, id) WHERE finished_at IS NULL;
