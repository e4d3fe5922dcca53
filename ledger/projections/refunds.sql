-- One row a refund: its quote, its steps with their clocks, and the legs that go to the bank.
CREATE TABLE escrow_views.refunds (
    account_id       uuid        NOT NULL,
    refund_id        text        COLLATE "C" NOT NULL,
    partition        int         NOT NULL,
    position         bigint      NOT NULL,
    contract_id      text        COLLATE "C" NOT NULL,
    reason           text        NOT NULL,
    requested_on     date        NOT NULL,
    requested_at     timestamptz NOT NULL,
    state            text        NOT NULL,
    final            boolean     NOT NULL,
    ground           text        NOT NULL,
    who_acts         text,
    due_on           date,
    legal_basis      text[]      NOT NULL,
    overdue          boolean     NOT NULL,
    provisional      boolean     NOT NULL,
    basis            text,
    quoted_fen       bigint      NOT NULL,
    quote            jsonb       NOT NULL,
    bases            jsonb       NOT NULL,
    same_service_before boolean  NOT NULL,
    offered_fen      bigint,
    contest_reason   text,
    agreed_by        text,
    case_id          text        COLLATE "C" NOT NULL,
    charged_fen      bigint      NOT NULL,
    agreed_fen       bigint      NOT NULL,
    in_flight_fen    bigint      NOT NULL,
    paid_fen         bigint      NOT NULL,
    returns          int         NOT NULL,
    answer_due_on    date        NOT NULL,
    pay_due_on       date,
    steps            jsonb       NOT NULL,
    legs             jsonb       NOT NULL,
    updated_position bigint      NOT NULL,
    updated_at       timestamptz NOT NULL,
    PRIMARY KEY (account_id, refund_id)
);
CREATE INDEX refunds_page ON escrow_views.refunds (partition, position);
CREATE INDEX refunds_id ON escrow_views.refunds (refund_id);
CREATE INDEX refunds_contract ON escrow_views.refunds (account_id, contract_id);
CREATE INDEX refunds_due ON escrow_views.refunds (due_on) WHERE due_on IS NOT NULL;
CREATE INDEX refunds_open ON escrow_views.refunds (partition, position)
    WHERE state NOT IN ('paid', 'withdrawn') OR paid_fen < agreed_fen;
