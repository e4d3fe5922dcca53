"""Yardsticks: what the same PostgreSQL does with the same rows and no ledger in front."""

import re
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict

from benchmarks.made_up import depositing, opening, signing
from ledger.domain.account import EscrowAccount
from ledger.domain.commands import Command
from ledger.domain.decisions import Context, decide
from ledger.domain.evolution import evolve
from ledger.postgres import wire
from ledger.storage.mapper import encode_event

_TABLES = """
CREATE SCHEMA IF NOT EXISTS bench;
CREATE TABLE IF NOT EXISTS bench.events (LIKE escrow.events INCLUDING ALL);
CREATE TABLE IF NOT EXISTS bench.unique_keys (LIKE escrow.unique_keys INCLUDING ALL);
"""
_SINGLE = """
\\set position random(1, 4000000000000000000)
INSERT INTO bench.events (partition, position, account_id, version, topic, state, recorded_at, command_size,
                          idempotency_key, request_hash)
VALUES (0, :position, gen_random_uuid(), 1, 'account.fee_paid', '{state}', now(), 1, gen_random_uuid(),
        '\\x00112233445566778899aabbccddeeff');
"""
_EVENTS = b"""
INSERT INTO bench.events (partition, position, account_id, version, topic, state, recorded_at, command_size,
                          idempotency_key, request_hash)
SELECT 0, $1 + o, a, v, t, s, $2, z, k, h FROM unnest($3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::smallint[],
       $8::uuid[], $9::bytea[]) WITH ORDINALITY AS e (a, v, t, s, z, k, h, o)
"""
_KEYS = b"""
INSERT INTO bench.unique_keys (kind, key, digest, partition, position)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::bigint[])
"""


def a_deposits_payload() -> str:
    """The stored JSON of one deposit."""
    account = EscrowAccount(id=uuid4())
    now = datetime.now(UTC)
    context = Context(recorded_at=now, today=now.date(), actor="bank:bench")
    commands: list[Command] = [opening(account.id), signing(account.id, "c0"), depositing(account.id, "r").command]
    state = b""
    for command in commands:
        for event in decide(account, command, context):
            evolve(account, event)
            state = encode_event(event)
    return state.decode()


def single_inserts(url: str, pgbench: Path, *, seconds: int, connections: int = 8) -> float:
    """Commits a second of one-row inserts, by pgbench."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_TABLES)
    parts = conninfo_to_dict(url)
    names = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password", "PGDATABASE": "dbname"}
    environment = {name: str(parts[key]) for name, key in names.items() if parts.get(key)}
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_SINGLE.replace("{state}", a_deposits_payload().replace(":", "\\u003a")))
        script.flush()
        command = [pgbench, "-n", "-M", "prepared", "-c", str(connections), "-j", "2", "-T", str(seconds)]
        result = subprocess.run(
            [*command, "-f", script.name], env=environment, capture_output=True, text=True, check=True
        )
    found = re.search(r"tps = ([0-9.]+)", result.stdout)
    assert found is not None, result.stdout
    return float(found[1])


def batched_inserts(url: str, *, batches: int, size: int = 1_000, keyed: bool = True) -> float:
    """Deposits a second when their rows (events and unique keys) are inserted `size` in each transaction by one
    connection; `keyed` with an idempotency key for each."""
    state = a_deposits_payload().encode()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_TABLES)
        pg = connection.pgconn
        for name, sql in ((b"bench_events", _EVENTS), (b"bench_keys", _KEYS)):
            _done(pg.prepare(name, sql))
        started = time.perf_counter()
        base = time.time_ns()
        for batch in range(batches):
            first = base + batch * size
            accounts = [UUID(int=(first + n) << 40 | n) for n in range(size)]
            events = (
                wire.int8(first),
                wire.timestamptz(datetime.now(UTC)),
                wire.uuids(accounts),
                wire.int8s([1] * size),
                wire.texts(["account.fee_paid"] * size),
                wire.encoded_texts([state] * size),
                wire.int2s([1] * size),
                wire.uuids(accounts if keyed else [None] * size),
                wire.byteas([b"0123456789abcdef" if keyed else None] * size),
            )
            keys = (
                wire.texts(["credit"] * size),
                wire.texts([f"ICBC/{first + n}" for n in range(size)]),
                wire.texts(["00112233445566778899aabbccddeeff"] * size),
                wire.int4s([0] * size),
                wire.int8s([first + n for n in range(size)]),
            )
            _done(pg.exec_(b"BEGIN"))
            _done(pg.exec_prepared(b"bench_events", events, [1] * len(events), 1))
            _done(pg.exec_prepared(b"bench_keys", keys, [1] * len(keys), 1))
            _done(pg.exec_(b"COMMIT"))
        return batches * size / (time.perf_counter() - started)


def _done(result: pq.abc.PGresult) -> None:
    assert result.status == pq.ExecStatus.COMMAND_OK, result.error_message
