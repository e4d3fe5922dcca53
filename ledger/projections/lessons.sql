-- One row a family and lesson that the family was asked about, or that did not happen for it. Lessons drawn at once
-- have no row: they are in the account's history and in the contract's figures.
CREATE TABLE escrow_views.lessons (
    account_id       uuid        NOT NULL,
    lesson_id        text        COLLATE "C" NOT NULL,
    contract_id      text        COLLATE "C" NOT NULL,
    partition        int         NOT NULL,
    position         bigint      NOT NULL,
    ordinal          int         NOT NULL,
    lesson_on        date        NOT NULL,
    state            text        NOT NULL,
    updated_position bigint      NOT NULL,
    updated_at       timestamptz NOT NULL,
    course_id        text        NOT NULL,
    teacher_id       text        NOT NULL,
    starts_at        timestamptz,
    minutes          int         NOT NULL,
    makes_up         text        NOT NULL,
    package          int         NOT NULL,
    lesson           int         NOT NULL,
    amount_fen       bigint      NOT NULL,
    told_at          timestamptz,
    deemed_on        date,
    drawn_on         date,
    releasable_on    date,
    how              text        NOT NULL,
    reason           text        NOT NULL,
    resolved_by      text        NOT NULL,
    case_id          text        NOT NULL,
    policy           text        NOT NULL,
    PRIMARY KEY (account_id, lesson_id, contract_id)
) WITH (fillfactor = 85);
CREATE INDEX lessons_page ON escrow_views.lessons (partition, position, ordinal);
CREATE INDEX lessons_contract ON escrow_views.lessons (account_id, contract_id);
CREATE INDEX lessons_waiting ON escrow_views.lessons (account_id, deemed_on) WHERE state = 'pending';
CREATE INDEX lessons_disputed ON escrow_views.lessons (partition, position, ordinal) WHERE state = 'disputed';
