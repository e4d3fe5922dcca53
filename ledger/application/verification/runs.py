"""Runs of `escrow verify` over the whole store, kept so that the operator sees how old the last proof is."""

from datetime import datetime
from typing import Any, Final

import msgspec
import psycopg
from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from ledger.application.verification.verify import Verification

_KEEP: Final = """
INSERT INTO escrow.verifications (took_ms, events, commands, accounts, views, counts) VALUES (%s, %s, %s, %s, %s, %s)
"""
_LATEST: Final = """
SELECT finished_at, took_ms, events, commands, accounts, views, counts FROM escrow.verifications
 ORDER BY run_id DESC LIMIT %s
"""


class VerificationRun(msgspec.Struct, frozen=True, kw_only=True):
    """When a run ended, what it looked at, and how many differences of each kind it found; none: it passed."""

    finished_at: datetime
    took_ms: int
    events: int
    commands: int
    accounts: int
    views: int
    counts: dict[str, int]


def keep_run(url: str, found: Verification) -> bool:
    """Keep a run over the whole store; False where the database or its user may only read."""
    row = (round(found.took_s * 1000), found.events, found.commands, found.accounts, len(found.views))
    try:
        with psycopg.connect(url) as connection:
            connection.execute(_KEEP, [*row, Jsonb(found.counts)])
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction):
        return False
    return True


async def latest_runs(connection: AsyncConnection[Any], *, limit: int) -> list[VerificationRun]:
    """The latest runs, newest first."""
    cursor = connection.cursor(row_factory=class_row(VerificationRun))
    return await (await cursor.execute(_LATEST, [limit])).fetchall()
