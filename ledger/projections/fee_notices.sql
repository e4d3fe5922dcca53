-- One row a version of a course's published price. `superseded_from` is the first day of the version after it.
CREATE TABLE escrow_views.fee_notices (
    account_id      uuid   NOT NULL,
    course_id       text   COLLATE "C" NOT NULL,
    version         int    NOT NULL,
    partition       int    NOT NULL,
    position        bigint NOT NULL,
    institution_id  text   COLLATE "C" NOT NULL,
    district        text   COLLATE "C" NOT NULL,
    category        text   NOT NULL,
    unit_price_fen  bigint NOT NULL,
    period          text   NOT NULL,
    minutes         int    NOT NULL,
    published_on    date   NOT NULL,
    valid_from      date   NOT NULL,
    valid_until     date,
    superseded_from date,
    PRIMARY KEY (account_id, course_id, version)
) WITH (fillfactor = 85);
CREATE INDEX fee_notices_page ON escrow_views.fee_notices (partition, position);
CREATE INDEX fee_notices_institution ON escrow_views.fee_notices (institution_id);
CREATE INDEX fee_notices_district ON escrow_views.fee_notices (district, valid_from);

-- Whose notices an account's are.
CREATE TABLE escrow_views.fee_notice_publishers (
    account_id     uuid  NOT NULL,
    partition      int   NOT NULL,
    institution_id text  COLLATE "C" NOT NULL,
    district       text  COLLATE "C" NOT NULL,
    PRIMARY KEY (account_id)
);
