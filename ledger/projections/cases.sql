-- One row a supervision case, with its steps, notes, actions and links as lists.
CREATE TABLE escrow_views.cases (
    case_id          text        COLLATE "C" PRIMARY KEY,
    partition        int         NOT NULL,
    position         bigint      NOT NULL,
    kind             text        NOT NULL,
    source           text        NOT NULL,
    owner            text        COLLATE "C" NOT NULL,
    handler          text        COLLATE "C" NOT NULL,
    seen_by          text[]      NOT NULL,
    institution_id   text        COLLATE "C" NOT NULL,
    about_account_id text        COLLATE "C" NOT NULL,
    contract_id      text        COLLATE "C" NOT NULL,
    refund_id        text        COLLATE "C" NOT NULL,
    family_id        text        COLLATE "C" NOT NULL,
    alert_id         text        COLLATE "C" NOT NULL,
    draw_id          text        COLLATE "C" NOT NULL,
    reason           text        NOT NULL,
    opened_on        date        NOT NULL,
    opened_at        timestamptz NOT NULL,
    version          bigint      NOT NULL,
    updated_position bigint      NOT NULL,
    updated_at       timestamptz NOT NULL,
    state            text        NOT NULL,
    outcome          text,
    closed_on        date,
    close_reason     text        NOT NULL,
    next_due_on      date,
    overdue          boolean     NOT NULL,
    actions_pending  int         NOT NULL,
    officers         text[]      NOT NULL,
    steps            jsonb       NOT NULL,
    transfers        jsonb       NOT NULL,
    notes            jsonb       NOT NULL,
    actions          jsonb       NOT NULL,
    links            jsonb       NOT NULL,
    mediation        jsonb
);
CREATE INDEX cases_page ON escrow_views.cases (partition, position);
CREATE INDEX cases_open ON escrow_views.cases (partition, position) WHERE state = 'open';
CREATE INDEX cases_account ON escrow_views.cases (about_account_id) WHERE about_account_id <> '';
CREATE INDEX cases_institution ON escrow_views.cases (institution_id);
CREATE INDEX cases_family ON escrow_views.cases (family_id) WHERE family_id <> '';
CREATE INDEX cases_seen_by ON escrow_views.cases USING gin (seen_by);

-- One row a thing that an institution has to put right.
CREATE TABLE escrow_views.rectifications (
    case_id          text        COLLATE "C" NOT NULL,
    item_id          text        COLLATE "C" NOT NULL,
    partition        int         NOT NULL,
    position         bigint      NOT NULL,
    ordinal          int         NOT NULL,
    institution_id   text        COLLATE "C" NOT NULL,
    demand           text        NOT NULL,
    required_on      date        NOT NULL,
    due_on           date        NOT NULL,
    updated_position bigint      NOT NULL,
    updated_at       timestamptz NOT NULL,
    state            text        NOT NULL,
    overdue          boolean     NOT NULL,
    answer           text        NOT NULL,
    answered_on      date,
    document_sha256  text        NOT NULL,
    checks           int         NOT NULL,
    checked_on       date,
    check_note       text        NOT NULL,
    PRIMARY KEY (case_id, item_id)
);
CREATE INDEX rectifications_page ON escrow_views.rectifications (partition, position, ordinal);
CREATE INDEX rectifications_institution ON escrow_views.rectifications (institution_id);

-- One row an inspection that took place.
CREATE TABLE escrow_views.inspections (
    case_id        text   COLLATE "C" NOT NULL,
    position       bigint NOT NULL,
    partition      int    NOT NULL,
    institution_id text   COLLATE "C" NOT NULL,
    inspected_on   date   NOT NULL,
    passed         boolean NOT NULL,
    findings       int    NOT NULL,
    head_count     int,
    PRIMARY KEY (case_id, position)
);
CREATE INDEX inspections_institution ON escrow_views.inspections (institution_id, inspected_on);
