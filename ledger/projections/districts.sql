-- One row an account and calendar month (its first day): what happened in it, and how the account stood at its end (fen).
CREATE TABLE escrow_views.account_months (
    account_id       uuid   NOT NULL,
    effective_on     date   NOT NULL,
    partition        int    NOT NULL,
    received_fen     bigint NOT NULL,
    paid_out_fen     bigint NOT NULL,
    refunded_fen     bigint NOT NULL,
    draws            int    NOT NULL,
    deemed           int    NOT NULL,
    refunds_asked    int    NOT NULL,
    refunds_closed   int    NOT NULL,
    refund_days      int    NOT NULL,
    overdue_steps    int    NOT NULL,
    overdue_breaks   int    NOT NULL,
    overdue_top_ups  int    NOT NULL,
    obligation_fen   bigint NOT NULL,
    exposure_fen     bigint NOT NULL,
    cover_fen        bigint NOT NULL,
    loss_fen         bigint NOT NULL,
    PRIMARY KEY (account_id, effective_on)
) WITH (fillfactor = 60);
CREATE INDEX account_months_month ON escrow_views.account_months (effective_on);

-- The account as it stands, and its latest month.
CREATE TABLE escrow_views.month_accounts (
    account_id uuid  PRIMARY KEY,
    partition  int   NOT NULL,
    month_on   date,
    buckets    json NOT NULL
) WITH (fillfactor = 60);

-- Refunds that are not closed: since when the family waits, and for how much (fen).
CREATE TABLE escrow_views.month_refunds (
    account_id   uuid    NOT NULL,
    refund_id    text    COLLATE "C" NOT NULL,
    partition    int     NOT NULL,
    requested_on date    NOT NULL,
    agreed_fen   bigint  NOT NULL,
    paid_fen     bigint  NOT NULL,
    final        boolean NOT NULL,
    closed       boolean NOT NULL,
    PRIMARY KEY (account_id, refund_id)
);
