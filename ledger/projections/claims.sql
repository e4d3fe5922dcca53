-- One row a claim: what a family is owed by one refund of an account that is wound up, and what became of it (fen).
CREATE TABLE escrow_views.claims (
    account_id       uuid        NOT NULL,
    refund_id        text        COLLATE "C" NOT NULL,
    partition        int         NOT NULL,
    position         bigint      NOT NULL,
    ordinal          int         NOT NULL,
    contract_id      text        COLLATE "C" NOT NULL,
    family_id        text        COLLATE "C" NOT NULL,
    claim_fen        bigint      NOT NULL,
    given_before_fen bigint      NOT NULL,
    allocated_fen    bigint      NOT NULL,
    uncovered_fen    bigint      NOT NULL,
    in_flight_fen    bigint      NOT NULL,
    paid_fen         bigint      NOT NULL,
    transferred_fen  bigint      NOT NULL,
    bounced_fen      bigint      NOT NULL,
    bounces          int         NOT NULL,
    to_account_id    text        NOT NULL,
    to_contract_id   text        COLLATE "C" NOT NULL,
    lines            jsonb       NOT NULL,
    routes           jsonb       NOT NULL,
    recorded_on      date        NOT NULL,
    updated_position bigint      NOT NULL,
    updated_at       timestamptz NOT NULL,
    PRIMARY KEY (account_id, refund_id)
) WITH (fillfactor = 70);
CREATE INDEX claims_page ON escrow_views.claims (partition, position, ordinal);
CREATE INDEX claims_contract ON escrow_views.claims (account_id, contract_id);
CREATE INDEX claims_family ON escrow_views.claims (family_id);

-- One row an institution's end: the notice, the wind-down with the figures of its start, and the closing report.
CREATE TABLE escrow_views.wind_downs (
    account_id           uuid        PRIMARY KEY,
    partition            int         NOT NULL,
    position             bigint      NOT NULL,
    state                text        NOT NULL,
    closes_on            date,
    earliest_on          date,
    notified_on          date,
    notice_reason        text        NOT NULL,
    by                   text,
    reason               text        NOT NULL,
    started_on           date,
    started_at           timestamptz,
    started_version      bigint      NOT NULL,
    contracts            int         NOT NULL,
    pending_lessons      int         NOT NULL,
    cash_fen             bigint      NOT NULL,
    obligation_fen       bigint      NOT NULL,
    suspense_fen         bigint      NOT NULL,
    payout_in_flight_fen bigint      NOT NULL,
    exposure_fen         bigint      NOT NULL,
    earned_fen           bigint      NOT NULL,
    reserve_fen          bigint      NOT NULL,
    claims               int         NOT NULL,
    claims_fen           bigint      NOT NULL,
    allocated_fen        bigint      NOT NULL,
    paid_fen             bigint      NOT NULL,
    transferred_fen      bigint      NOT NULL,
    from_reserve_fen     bigint      NOT NULL,
    distributions        jsonb       NOT NULL,
    closed_on            date,
    held_fen             bigint      NOT NULL,
    lost_fen             bigint      NOT NULL,
    institution_fen      bigint      NOT NULL,
    closing_reason       text        NOT NULL,
    updated_position     bigint      NOT NULL,
    updated_at           timestamptz NOT NULL
);
CREATE INDEX wind_downs_page ON escrow_views.wind_downs (partition, position);
CREATE INDEX wind_downs_open ON escrow_views.wind_downs (partition, position) WHERE state = 'winding_down';

-- One row an offer to families of another institution, which closes.
CREATE TABLE escrow_views.continuity_offers (
    account_id      uuid   NOT NULL,
    offer_id        text   COLLATE "C" NOT NULL,
    partition       int    NOT NULL,
    position        bigint NOT NULL,
    from_account_id text   COLLATE "C" NOT NULL,
    course_id       text   COLLATE "C" NOT NULL,
    lesson_minutes  int    NOT NULL,
    ends_on         date   NOT NULL,
    until_on        date   NOT NULL,
    offered_on      date   NOT NULL,
    PRIMARY KEY (account_id, offer_id)
);
CREATE INDEX continuity_offers_page ON escrow_views.continuity_offers (partition, position);
CREATE INDEX continuity_offers_from ON escrow_views.continuity_offers (from_account_id);
