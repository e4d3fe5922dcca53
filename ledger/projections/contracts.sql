-- One row a contract, ended ones too. `packages` is a list of packages with what was paid, drawn and refunded of each.
CREATE TABLE escrow_views.contracts (
    account_id       uuid        NOT NULL,
    contract_id      text        COLLATE "C" NOT NULL,
    partition        int         NOT NULL,
    position         bigint      NOT NULL,
    contract_no      text        COLLATE "C" NOT NULL,
    family_id        text        COLLATE "C" NOT NULL,
    student_id       text        COLLATE "C" NOT NULL,
    course_id        text        COLLATE "C" NOT NULL,
    subject          text        NOT NULL,
    category         text        NOT NULL,
    signed_on        date        NOT NULL,
    starts_on        date        NOT NULL,
    ends_on          date        NOT NULL,
    ended_on         date,
    billing          text        NOT NULL,
    amended_to       text        COLLATE "C",
    amended_from     text        COLLATE "C",
    amendment        jsonb,
    last_proposal    jsonb,
    lesson_minutes   int         NOT NULL,
    gift_valuation   text        NOT NULL,
    packages         jsonb       NOT NULL,
    price_fen        bigint      NOT NULL,
    paid_fen         bigint      NOT NULL,
    drawn_fen        bigint      NOT NULL,
    refunded_fen     bigint      NOT NULL,
    charged_fen      bigint      NOT NULL,
    moved_fen        bigint      NOT NULL,
    billed_fen       bigint      NOT NULL,
    prepaid_fen      bigint      NOT NULL,
    status           text        NOT NULL,
    updated_position bigint      NOT NULL,
    updated_at       timestamptz NOT NULL,
    PRIMARY KEY (account_id, contract_id)
) WITH (fillfactor = 60);
CREATE INDEX contracts_page ON escrow_views.contracts (partition, position);
CREATE INDEX contracts_id ON escrow_views.contracts (contract_id);
CREATE INDEX contracts_no ON escrow_views.contracts (account_id, contract_no);
CREATE INDEX contracts_family ON escrow_views.contracts (family_id);
