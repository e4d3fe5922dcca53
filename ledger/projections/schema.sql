-- Everything in this schema is derived from escrow.events and can be dropped whole.

CREATE SCHEMA IF NOT EXISTS escrow_views;

-- How far each view has followed each partition. `generation` grows with each rebuild, so that whoever folded on the
-- rows from before it notices. Locking a row of this table is what keeps two writers of a view apart.
CREATE TABLE IF NOT EXISTS escrow_views.positions (
    view       text   COLLATE "C" NOT NULL,
    partition  int    NOT NULL,
    position   bigint NOT NULL CHECK (position >= 0),
    generation bigint NOT NULL,
    PRIMARY KEY (view, partition)
);

-- Which code made each view: a digest of its DDL and its number. Another one means drop and rebuild.
CREATE TABLE IF NOT EXISTS escrow_views.views_version (
    view    text   COLLATE "C" PRIMARY KEY,
    version text   NOT NULL,
    tables  text[] NOT NULL
);
