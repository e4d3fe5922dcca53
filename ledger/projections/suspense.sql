-- One row a receipt that no contract explained when it came; `amount_fen` is what is still unexplained.
CREATE TABLE escrow_views.suspense (
    account_id         uuid        NOT NULL,
    suspense_id        text        COLLATE "C" NOT NULL,
    partition          int         NOT NULL,
    position           bigint      NOT NULL,
    received_on        date        NOT NULL,
    received_at        timestamptz NOT NULL,
    received_fen       bigint      NOT NULL,
    amount_fen         bigint      NOT NULL,
    reason             text        NOT NULL,
    bank_reference     text        COLLATE "C" NOT NULL,
    contract_reference text        NOT NULL,
    payer_route        text        NOT NULL,
    state              text        NOT NULL,
    instruction_id     text,
    return_on          date,
    updated_position   bigint      NOT NULL,
    updated_at         timestamptz NOT NULL,
    PRIMARY KEY (account_id, suspense_id)
);
CREATE INDEX suspense_page ON escrow_views.suspense (partition, position);
CREATE INDEX suspense_open ON escrow_views.suspense (partition, position) WHERE amount_fen > 0;
