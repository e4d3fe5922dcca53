"""A store with a long history, made by copying its events in SQL, and how long a server needs to start on it."""

import time
from contextlib import ExitStack

import psycopg

from benchmarks.over_http import server

_COPY = """
INSERT INTO escrow.events (partition, position, account_id, version, topic, state, recorded_at, command_size)
SELECT e.partition, h.position + row_number() OVER (PARTITION BY e.partition ORDER BY e.position),
       md5(e.account_id::text || h.position)::uuid, e.version, e.topic, e.state, e.recorded_at, e.command_size
  FROM escrow.events e JOIN escrow.heads h USING (partition) WHERE e.position <= h.position
"""
_HEADS = (
    "UPDATE escrow.heads h SET position = (SELECT max(position) FROM escrow.events e WHERE e.partition = h.partition)"
)
_VIEWS = "UPDATE escrow_views.positions p SET position = h.position FROM escrow.heads h WHERE h.partition = p.partition"


def grow_to(url: str, events: int) -> int:
    """Double the log by copies (other accounts, same payloads) until it has so many events; the views are told that
    they have seen them. Returns the number of events."""
    with psycopg.connect(url, autocommit=True) as connection:
        while True:
            row = connection.execute("SELECT sum(position)::bigint FROM escrow.heads").fetchone()
            assert row is not None
            if row[0] >= events:
                connection.execute("VACUUM ANALYZE escrow.events")
                return row[0]
            with connection.transaction():
                connection.execute(_COPY)
                connection.execute(_HEADS)
                connection.execute(_VIEWS)


def seconds_to_start(url: str, secret: str) -> float:
    """From the start of the process to a ready answer."""
    with ExitStack() as stack:
        started = time.perf_counter()
        stack.enter_context(server(url, secret))
        return time.perf_counter() - started
