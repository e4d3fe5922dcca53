-- One row an order to a bank. An event that gives several orders numbers them by `ordinal`.
CREATE TABLE escrow_views.instructions (
    account_id     uuid        NOT NULL,
    instruction_id text        COLLATE "C" NOT NULL,
    partition      int         NOT NULL,
    position       bigint      NOT NULL,
    ordinal        int         NOT NULL,
    bank           text        COLLATE "C" NOT NULL,
    account_no     text        COLLATE "C" NOT NULL,
    kind           text        NOT NULL,
    subject_id     text        COLLATE "C" NOT NULL,
    amount_fen     bigint      NOT NULL,
    route          text        NOT NULL,
    end_to_end_id  text        COLLATE "C" NOT NULL,
    state          text        NOT NULL,
    instructed_on  date        NOT NULL,
    instructed_at  timestamptz NOT NULL,
    bank_reference text,
    settled_on     date,
    settled_at     timestamptz,
    reason         text,
    needs_approval boolean     NOT NULL,
    made_by        text        NOT NULL,
    checked_by     text,
    checked_at     timestamptz,
    message_id     text        COLLATE "C",
    exported_at    timestamptz,
    unapproved     boolean     NOT NULL,
    PRIMARY KEY (account_id, instruction_id)
);
CREATE INDEX instructions_page ON escrow_views.instructions (partition, position, ordinal);
CREATE INDEX instructions_bank ON escrow_views.instructions (bank, state, partition, position, ordinal);
CREATE INDEX instructions_id ON escrow_views.instructions (instruction_id);
CREATE INDEX instructions_end_to_end ON escrow_views.instructions (end_to_end_id);

-- Which bank holds an account: events of payouts and refunds do not repeat it.
CREATE TABLE escrow_views.instruction_accounts (
    account_id uuid PRIMARY KEY,
    partition  int  NOT NULL,
    bank       text COLLATE "C" NOT NULL,
    account_no text COLLATE "C" NOT NULL
);
