-- One row a refund that was agreed: what of it was ordered, and what was paid.
CREATE TABLE escrow_views.ordered_refunds (
    account_id uuid   NOT NULL,
    refund_id  text   COLLATE "C" NOT NULL,
    partition  int    NOT NULL,
    agreed_fen bigint NOT NULL,
    ordered_fen bigint NOT NULL,
    paid_fen   bigint NOT NULL,
    PRIMARY KEY (account_id, refund_id)
);

-- What was ordered, and what of it was cleared back to the family (less what the bank returned), by effective day.
CREATE TABLE escrow_views.cleared_refunds (
    account_id   uuid   NOT NULL,
    refund_id    text   COLLATE "C" NOT NULL,
    effective_on date   NOT NULL,
    partition    int    NOT NULL,
    ordered_fen  bigint NOT NULL,
    cleared_fen  bigint NOT NULL,
    PRIMARY KEY (account_id, refund_id, effective_on)
);
CREATE INDEX cleared_refunds_day ON escrow_views.cleared_refunds (effective_on, account_id);
