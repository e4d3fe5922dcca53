-- What moved in an account on each effective day, by bucket (fen, signed).
CREATE TABLE escrow_views.days (
    account_id              uuid   NOT NULL,
    effective_on            date   NOT NULL,
    partition               int    NOT NULL,
    cash_fen                bigint NOT NULL,
    advance_fen             bigint NOT NULL,
    held_by_institution_fen bigint NOT NULL,
    shortage_fen            bigint NOT NULL,
    in_transit_fen          bigint NOT NULL,
    prepaid_fen             bigint NOT NULL,
    earned_fen              bigint NOT NULL,
    payout_in_flight_fen    bigint NOT NULL,
    refund_payable_fen      bigint NOT NULL,
    reserve_fen             bigint NOT NULL,
    suspense_fen            bigint NOT NULL,
    PRIMARY KEY (account_id, effective_on)
) WITH (fillfactor = 60);

-- The part of the prepaid bucket that is one contract's.
CREATE TABLE escrow_views.contract_days (
    account_id   uuid   NOT NULL,
    contract_id  text   COLLATE "C" NOT NULL,
    effective_on date   NOT NULL,
    partition    int    NOT NULL,
    amount_fen   bigint NOT NULL,
    PRIMARY KEY (account_id, contract_id, effective_on)
);
