-- One row an alert, resolved ones too; at most one open alert for each (account, rule, subject).
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
    raised_on         date        NOT NULL,
    raised_at         timestamptz NOT NULL,
    waits_since       date        NOT NULL,
    figures           jsonb       NOT NULL,
    message           text        NOT NULL,
    message_zh        text        NOT NULL,
    state             text        NOT NULL,
    acknowledged_by   text        NOT NULL,
    acknowledged_at   timestamptz,
    assignee          text        COLLATE "C" NOT NULL,
    assigned_at       timestamptz,
    escalated_on      date,
    silenced_until    date,
    resolved_position bigint,
    resolved_on       date,
    resolved_at       timestamptz,
    resolved_by       text        NOT NULL,
    resolution        text,
    resolution_zh     text
);
CREATE INDEX alerts_page ON escrow_views.alerts (partition, position, ordinal);
CREATE INDEX alerts_account ON escrow_views.alerts (account_id);
CREATE INDEX alerts_open ON escrow_views.alerts (rule, subject_id) WHERE state <> 'resolved';
CREATE INDEX alerts_assignee ON escrow_views.alerts (assignee) WHERE assignee <> '';

-- Every change of every alert in the order of the log, for followers and for the history of one alert.
CREATE TABLE escrow_views.alert_changes (
    partition    int         NOT NULL,
    position     bigint      NOT NULL,
    ordinal      int         NOT NULL,
    alert_id     text        COLLATE "C" NOT NULL,
    change       text        NOT NULL,
    state        text        NOT NULL,
    effective_on date        NOT NULL,
    at           timestamptz NOT NULL,
    actor        text        NOT NULL,
    account_id   uuid        NOT NULL,
    rule         text        COLLATE "C" NOT NULL,
    severity     text        NOT NULL,
    subject_kind text        NOT NULL,
    subject_id   text        COLLATE "C" NOT NULL,
    reason       text        NOT NULL,
    reason_zh    text        NOT NULL,
    assignee     text        NOT NULL,
    until        date,
    PRIMARY KEY (partition, position, ordinal)
);
CREATE INDEX alert_changes_alert ON escrow_views.alert_changes (alert_id);

-- What the rules need to know of an account: its buckets, its last days, weeks and months, its open alerts. Read
-- whole, as text: to parse it here took longer than all the rest of a row, and so does compressing it.
CREATE TABLE escrow_views.alert_accounts (
    account_id uuid PRIMARY KEY,
    partition  int  NOT NULL,
    state      text COLLATE "C" NOT NULL
) WITH (fillfactor = 40, toast_tuple_target = 8160);

-- What is owed on each refund, its overdue steps, and its open alerts.
CREATE TABLE escrow_views.alert_refunds (
    account_id  uuid   NOT NULL,
    refund_id   text   COLLATE "C" NOT NULL,
    partition   int    NOT NULL,
    quoted_fen  bigint NOT NULL,
    agreed_fen  bigint NOT NULL,
    payable_fen bigint NOT NULL,
    overdue     json   NOT NULL,
    slots       json   NOT NULL,
    PRIMARY KEY (account_id, refund_id)
);

-- Open alerts and silences of contracts, lessons, payments and other subjects.
CREATE TABLE escrow_views.alert_subjects (
    account_id   uuid  NOT NULL,
    subject_kind text  COLLATE "C" NOT NULL,
    subject_id   text  COLLATE "C" NOT NULL,
    partition    int   NOT NULL,
    slots        json  NOT NULL,
    PRIMARY KEY (account_id, subject_kind, subject_id)
);

-- When teachers and rooms were busy in their last days.
CREATE TABLE escrow_views.alert_spans (
    account_id uuid  NOT NULL,
    holder     text  COLLATE "C" NOT NULL,
    partition  int   NOT NULL,
    spans      json  NOT NULL,
    PRIMARY KEY (account_id, holder)
);

-- Which contracts were confirmed from one device.
CREATE TABLE escrow_views.alert_devices (
    account_id uuid  NOT NULL,
    device     text  COLLATE "C" NOT NULL,
    partition  int   NOT NULL,
    contracts  json  NOT NULL,
    slots      json  NOT NULL,
    PRIMARY KEY (account_id, device)
);
