"""Failed attempts to sign in: after a few, each further one locks the name out for twice as long."""

import hashlib
import math
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import AsyncConnection

from ledger.domain.errors import LedgerError

FREE_FAILURES: Final = 5
FIRST_LOCK: Final = timedelta(seconds=30)
LONGEST_LOCK: Final = timedelta(hours=1)
FORGOTTEN_AFTER: Final = timedelta(hours=24)

_LOCKED: Final = "SELECT locked_until FROM escrow.sign_in_failures WHERE subject_sha256 = %s"
_FAILED: Final = """
INSERT INTO escrow.sign_in_failures AS f (subject_sha256, failures, failed_at) VALUES (%(subject)s, 1, %(now)s)
ON CONFLICT (subject_sha256) DO UPDATE SET
    failures = CASE WHEN f.failed_at < %(forgotten)s THEN 1 ELSE f.failures + 1 END, failed_at = %(now)s
RETURNING failures
"""
_LOCK: Final = "UPDATE escrow.sign_in_failures SET locked_until = %s WHERE subject_sha256 = %s"
_FORGET: Final = "DELETE FROM escrow.sign_in_failures WHERE subject_sha256 = %s"


def lock_after(failures: int) -> timedelta:
    """How long the next attempt has to wait after so many failures in a row."""
    if failures < FREE_FAILURES:
        return timedelta(0)
    return min(LONGEST_LOCK, FIRST_LOCK * 2 ** min(failures - FREE_FAILURES, 12))


async def require_unlocked(connection: AsyncConnection[Any], subject: str, *, now: datetime) -> None:
    """Raises LedgerError `sign_in_locked`, with the seconds to wait."""
    row = await (await connection.execute(_LOCKED, [_digest(subject)])).fetchone()
    if row is not None and row[0] is not None and row[0] > now:
        raise LedgerError("sign_in_locked", retry_after_s=math.ceil((row[0] - now).total_seconds()))


async def count_failure(connection: AsyncConnection[Any], subject: str, *, now: datetime) -> None:
    """One more attempt failed."""
    values = {"subject": _digest(subject), "now": now, "forgotten": now - FORGOTTEN_AFTER}
    row = await (await connection.execute(_FAILED, values)).fetchone()
    assert row is not None
    lock = lock_after(row[0])
    if lock:
        await connection.execute(_LOCK, [now + lock, _digest(subject)])


async def forget_failures(connection: AsyncConnection[Any], subject: str) -> None:
    """An attempt succeeded."""
    await connection.execute(_FORGET, [_digest(subject)])


def _digest(subject: str) -> bytes:
    return hashlib.sha256(subject.casefold().encode()).digest()
