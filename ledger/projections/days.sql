-- What moved on each effective day, by bucket (fen, signed). `owner` is empty for the whole bucket of the account; the
-- prepaid bucket has one more row for each contract that moved.
CREATE TABLE escrow_views.days (
    account_id   uuid   NOT NULL,
    bucket       text   COLLATE "C" NOT NULL,
    owner        text   COLLATE "C" NOT NULL,
    effective_on date   NOT NULL,
    partition    int    NOT NULL,
    amount_fen   bigint NOT NULL,
    PRIMARY KEY (account_id, bucket, owner, effective_on)
);
