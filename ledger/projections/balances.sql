-- One row an account: who holds it where, what is in its buckets (fen), and what follows from them.
CREATE TABLE escrow_views.balances (
    account_id               uuid        PRIMARY KEY,
    partition                int         NOT NULL,
    position                 bigint      NOT NULL,
    institution_id           text        COLLATE "C" NOT NULL,
    bank                     text        COLLATE "C" NOT NULL,
    account_no               text        COLLATE "C" NOT NULL,
    district                 text        COLLATE "C" NOT NULL,
    authorities              text[]      NOT NULL,
    pack                     text        NOT NULL,
    rating                   text        NOT NULL,
    listing                  text        NOT NULL,
    frozen                   text[]      NOT NULL,
    suspended_on             date,
    opened_on                date        NOT NULL,
    cash_fen                 bigint      NOT NULL,
    advance_fen              bigint      NOT NULL,
    held_by_institution_fen  bigint      NOT NULL,
    shortage_fen             bigint      NOT NULL,
    in_transit_fen           bigint      NOT NULL,
    prepaid_fen              bigint      NOT NULL,
    earned_fen               bigint      NOT NULL,
    payout_in_flight_fen     bigint      NOT NULL,
    refund_payable_fen       bigint      NOT NULL,
    reserve_fen              bigint      NOT NULL,
    suspense_fen             bigint      NOT NULL,
    obligation_fen           bigint      NOT NULL,
    exposure_fen             bigint      NOT NULL,
    loss_if_closed_today_fen bigint      NOT NULL,
    held_fen                 bigint      NOT NULL,
    minimum_balance_fen      bigint      NOT NULL,
    top_up_due_fen           bigint      NOT NULL,
    top_up_due_on            date,
    bank_balance_fen         bigint,
    bank_balance_on          date,
    version                  bigint      NOT NULL,
    updated_position         bigint      NOT NULL,
    updated_at               timestamptz NOT NULL
) WITH (fillfactor = 40);
CREATE INDEX balances_page ON escrow_views.balances (partition, position);
CREATE INDEX balances_district ON escrow_views.balances (district);
CREATE INDEX balances_institution ON escrow_views.balances (institution_id);
CREATE INDEX balances_account_no ON escrow_views.balances (bank, account_no);
