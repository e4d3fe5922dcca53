-- What the API clients asked: a row a request, kept for some days. It is no part of the event log and proves nothing: rows
-- may be missing after a crash or a burst. Never a body, a path's values, or anything about persons.

-- `at` is when the request arrived, by the server's clock. `route` is the template (`/v1/accounts/{account_id}`); `code` is
-- that of the refusal, empty where there was none. Status 499 is ours for a client that went away before the answer.
CREATE TABLE escrow.api_requests (
    entry_id    bigint      GENERATED ALWAYS AS IDENTITY,
    at          timestamptz NOT NULL,
    client_id   text        NOT NULL,
    method      text        NOT NULL,
    route       text        NOT NULL,
    status      int         NOT NULL,
    code        text        NOT NULL,
    duration_us bigint      NOT NULL,
    request_id  text        NOT NULL,
    outcome     text        NOT NULL GENERATED ALWAYS AS (
        CASE WHEN status < 400 THEN 'ok' WHEN status < 499 THEN 'refused' ELSE 'failed' END
    ) STORED,
    PRIMARY KEY (at, entry_id)
);
CREATE INDEX api_requests_page ON escrow.api_requests (client_id, outcome, at, entry_id);
CREATE INDEX api_requests_request ON escrow.api_requests (request_id, client_id, at, entry_id);
