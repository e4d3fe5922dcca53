-- One row a statement of an account, with what its recorded parts add up to (fen). `repeats` is an earlier statement
-- with the same content, or empty.
CREATE TABLE escrow_views.bank_statements (
    account_id     uuid   NOT NULL,
    statement_id   text   COLLATE "C" NOT NULL,
    partition      int    NOT NULL,
    position       bigint NOT NULL,
    from_on        date   NOT NULL,
    to_on          date   NOT NULL,
    opening_fen    bigint NOT NULL,
    closing_fen    bigint NOT NULL,
    parts          int    NOT NULL,
    parts_recorded int    NOT NULL,
    entries        int    NOT NULL,
    entries_fen    bigint NOT NULL,
    repeats        text   COLLATE "C" NOT NULL,
    PRIMARY KEY (account_id, statement_id)
);
CREATE INDEX bank_statements_days ON escrow_views.bank_statements (account_id, to_on);

-- The closing balance that the bank reported for a day apart from statements, the last one (fen).
CREATE TABLE escrow_views.reported_balances (
    account_id   uuid   NOT NULL,
    effective_on date   NOT NULL,
    partition    int    NOT NULL,
    position     bigint NOT NULL,
    statement_id text   COLLATE "C" NOT NULL,
    balance_fen  bigint NOT NULL,
    PRIMARY KEY (account_id, effective_on)
);

-- One row an entry of the bank's books: as the ledger has it, as a statement lists it, or both (fen, a credit positive).
-- A credit and a debit may share a reference.
-- `open` while the two do not simply agree.
CREATE TABLE escrow_views.bank_entries (
    account_id    uuid   NOT NULL,
    reference     text   COLLATE "C" NOT NULL,
    credit        boolean NOT NULL,
    partition     int    NOT NULL,
    position      bigint NOT NULL,
    end_to_end_id text   COLLATE "C" NOT NULL,
    ledger_topic  text   COLLATE "C" NOT NULL,
    ledger_fen    bigint,
    ledger_on     date,
    bank_kind     text   COLLATE "C" NOT NULL,
    bank_fen      bigint,
    bank_on       date,
    statement_id  text   COLLATE "C" NOT NULL,
    statement_on  date,
    in_period     boolean NOT NULL,
    listed        int    NOT NULL,
    repeats       text   COLLATE "C" NOT NULL,
    paired        text   COLLATE "C" NOT NULL,
    unapproved    boolean NOT NULL,
    open          boolean NOT NULL,
    PRIMARY KEY (account_id, reference, credit)
) WITH (fillfactor = 70);
CREATE INDEX bank_entries_of_bank ON escrow_views.bank_entries (account_id) WHERE open AND bank_fen IS NOT NULL;
CREATE INDEX bank_entries_of_ledger ON escrow_views.bank_entries (account_id, ledger_on) WHERE open AND bank_fen IS NULL;

-- Which entries name an end-to-end id, in which direction: `<id>+` is a credit.
CREATE TABLE escrow_views.bank_ends (
    account_id       uuid NOT NULL,
    end_id           text COLLATE "C" NOT NULL,
    partition        int  NOT NULL,
    ledger_reference text COLLATE "C" NOT NULL,
    bank_reference   text COLLATE "C" NOT NULL,
    PRIMARY KEY (account_id, end_id)
);

-- The last word on each day that was compared with the bank (fen).
CREATE TABLE escrow_views.reconciled_days (
    account_id      uuid        NOT NULL,
    effective_on    date        NOT NULL,
    partition       int         NOT NULL,
    position        bigint      NOT NULL,
    version         bigint      NOT NULL,
    recorded_at     timestamptz NOT NULL,
    state           text        NOT NULL,
    statement_id    text        COLLATE "C" NOT NULL,
    bank_fen        bigint      NOT NULL,
    cash_fen        bigint      NOT NULL,
    assets_fen      bigint      NOT NULL,
    liabilities_fen bigint      NOT NULL,
    prepaid_fen     bigint      NOT NULL,
    families_fen    bigint      NOT NULL,
    lessons_fen     bigint      NOT NULL,
    open_breaks     int         NOT NULL,
    PRIMARY KEY (account_id, effective_on)
);
CREATE INDEX reconciled_days_day ON escrow_views.reconciled_days (effective_on, state, account_id);

-- One row a break, open or resolved (fen). `position` is where it was first found.
CREATE TABLE escrow_views.breaks (
    account_id        uuid        NOT NULL,
    break_id          text        COLLATE "C" NOT NULL,
    partition         int         NOT NULL,
    position          bigint      NOT NULL,
    kind              text        NOT NULL,
    owner             text        NOT NULL,
    subject           text        NOT NULL,
    since_on          date        NOT NULL,
    due_on            date        NOT NULL,
    difference_fen    bigint      NOT NULL,
    bank_fen          bigint,
    ledger_fen        bigint,
    bank_on           date,
    ledger_on         date,
    end_to_end_id     text        NOT NULL,
    short_fen         bigint      NOT NULL,
    found_on          date        NOT NULL,
    found_at          timestamptz NOT NULL,
    state             text        NOT NULL,
    assignee          text        NOT NULL,
    assignment_note   text        NOT NULL,
    overdue_on        date,
    resolved_on       date,
    resolved_at       timestamptz,
    resolved_by       text        NOT NULL,
    how               text        NOT NULL,
    reason            text        NOT NULL,
    link              text        NOT NULL,
    PRIMARY KEY (account_id, break_id)
);
CREATE INDEX breaks_page ON escrow_views.breaks (partition, position);
CREATE INDEX breaks_id ON escrow_views.breaks (break_id);
CREATE INDEX breaks_open ON escrow_views.breaks (account_id, since_on) WHERE state = 'open';

-- What is known of an account's statements: since when there are any, the last day compared, and the latest contents.
CREATE TABLE escrow_views.reconciled_accounts (
    account_id   uuid   PRIMARY KEY,
    partition    int    NOT NULL,
    first_on     date,
    through_on   date,
    imported_on  date,
    imported_fen bigint NOT NULL,
    statements   jsonb  NOT NULL
);
