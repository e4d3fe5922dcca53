-- One row an alert, resolved ones too; at most one open alert for each (rule, subject).
CREATE TABLE escrow_views.alerts (
    alert_id          text        COLLATE "C" PRIMARY KEY,
    partition         int         NOT NULL,
    position          bigint      NOT NULL,
    ordinal           int         NOT NULL,
    account_id        uuid        NOT NULL,
    rule              text        COLLATE "C" NOT NULL,
    severity          text        NOT NULL,
    source            text        NOT NULL,
    subject_kind      text        NOT NULL,
    subject_id        text        COLLATE "C" NOT NULL,
    state             text        NOT NULL,
    raised_on         date        NOT NULL,
    raised_at         timestamptz NOT NULL,
    figures           jsonb       NOT NULL,
    message           text        NOT NULL,
    message_zh        text        NOT NULL,
    resolved_position bigint,
    resolved_on       date,
    resolved_at       timestamptz,
    resolution        text,
    resolution_zh     text
);
CREATE INDEX alerts_page ON escrow_views.alerts (partition, position, ordinal);
CREATE INDEX alerts_account ON escrow_views.alerts (account_id);
CREATE INDEX alerts_open ON escrow_views.alerts (rule, subject_id) WHERE state <> 'resolved';

-- What the rules need to know of an account: its buckets, its last days' movements and its open alerts.
CREATE TABLE escrow_views.alert_accounts (
    account_id          uuid   PRIMARY KEY,
    partition           int    NOT NULL,
    buckets             jsonb  NOT NULL,
    minimum_balance_fen bigint NOT NULL,
    days                jsonb  NOT NULL,
    forgotten_through   int    NOT NULL,
    bank_day            int    NOT NULL,
    bank_difference_fen bigint NOT NULL,
    large_day           int    NOT NULL,
    open                jsonb  NOT NULL
) WITH (fillfactor = 40);

-- What is owed on each refund, and its open alert.
CREATE TABLE escrow_views.alert_refunds (
    account_id  uuid   NOT NULL,
    refund_id   text   COLLATE "C" NOT NULL,
    partition   int    NOT NULL,
    payable_fen bigint NOT NULL,
    step        text   NOT NULL,
    open        jsonb,
    PRIMARY KEY (account_id, refund_id)
);
