-- One row an inspection draw: the announced list, and what came out.
CREATE TABLE escrow_views.inspection_draws (
    draw_id       text        COLLATE "C" PRIMARY KEY,
    partition     int         NOT NULL,
    position      bigint      NOT NULL,
    district      text        COLLATE "C" NOT NULL,
    period        text        NOT NULL,
    announced_on  date        NOT NULL,
    announced_at  timestamptz NOT NULL,
    announced_by  text        NOT NULL,
    draw_on       date        NOT NULL,
    digest        text        NOT NULL,
    commitment    text        NOT NULL,
    public_source text        NOT NULL,
    input         jsonb       NOT NULL,
    state         text        NOT NULL,
    drawn_on      date,
    drawn_at      timestamptz,
    secret        text        NOT NULL,
    public_value  text        NOT NULL,
    seed          text        NOT NULL,
    sites         jsonb       NOT NULL,
    version       bigint      NOT NULL
);
CREATE INDEX inspection_draws_page ON escrow_views.inspection_draws (partition, position);
