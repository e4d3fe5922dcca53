"""What every recording use case shares: plausible days, and batches whose key was not used for another batch."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger
from ledger.domain.commands import Command
from ledger.domain.errors import LedgerError
from ledger.storage.requests import Outcome, Request

ReadPool = AsyncConnectionPool[AsyncConnection[Any]]

EARLIEST: Final = date(2000, 1, 1)
"""No fact of an account counts for an earlier day."""

_TAKE_KEY: Final = """
INSERT INTO escrow.batch_keys (client_id, idempotency_key, request_hash, created_at)
VALUES (%(client)s, %(key)s, %(hash)s, now()) ON CONFLICT DO NOTHING
"""
_HASH_OF_KEY: Final = (
    "SELECT request_hash FROM escrow.batch_keys WHERE client_id = %(client)s AND idempotency_key = %(key)s"
)


def require_day(day: date) -> date:
    """The day, if a fact may count for it. Raises `date_too_early`; a day to come is the decision's to refuse."""
    if day < EARLIEST:
        raise LedgerError("date_too_early", date=day.isoformat(), earliest=EARLIEST.isoformat())
    return day


async def record(ledger: Ledger, caller: Caller, command: Command) -> Outcome:
    """Record one command for the caller. Raises `date_too_early` and what `Ledger.execute` raises."""
    require_day(command.effective_on)
    return await ledger.execute(caller.request(command))


async def take_batch_key(pool: ReadPool, caller: Caller) -> None:
    """Keep a batch's key with its hash before its items are recorded.

    Items lie in several partitions, so their own keys cannot tell that the key was used for another batch.
    Raises `idempotency_key_reused`.
    """
    async with pool.connection() as connection:
        await take_key(connection, caller)


async def take_key(connection: AsyncConnection[Any], caller: Caller) -> bool:
    """Keep the request's key with its hash in the connection's transaction; False if the same request was made before.

    For what is no fact of an account and therefore in no event. Raises `idempotency_key_reused`.
    """
    if caller.idempotency_key is None or caller.request_hash is None:
        return True
    row = {"client": caller.actor, "key": caller.idempotency_key.hex, "hash": caller.request_hash}
    taken = await connection.execute(_TAKE_KEY, row)
    if taken.rowcount == 1:
        return True
    found = await (await connection.execute(_HASH_OF_KEY, row)).fetchone()
    if found is not None and bytes(found[0]) != caller.request_hash:
        raise LedgerError("idempotency_key_reused")
    return False


async def record_each(
    ledger: Ledger, requests: Sequence[Request | LedgerError], *, chunk: int = 2_000
) -> list[Outcome | LedgerError]:
    """Record what is not refused already; one result each, in order. At most `chunk` wait for the writer at a time."""
    results: list[Outcome | LedgerError] = []
    for start in range(0, len(requests), chunk):
        part = requests[start : start + chunk]
        recorded = iter(await ledger.execute_all([item for item in part if not isinstance(item, LedgerError)]))
        results += [item if isinstance(item, LedgerError) else next(recorded) for item in part]
    return results
