"""Before a refusal is told: it stands on what is recorded now, and the command was not recorded earlier."""

from ledger.postgres.pipeline import StatementRefused
from ledger.storage.batch import Batch
from ledger.storage.log import HEAD_MOVED, EventLog
from ledger.storage.seen import Seen
from ledger.storage.units import requests_of


async def confirm_refusals(batch: Batch, database: EventLog, seen: Seen, heads: dict[int, int]) -> None:
    """No refusal on an old view, nor before the log was asked whether the command was recorded earlier.

    Raises `StatementRefused` with `HEAD_MOVED` when another process has moved a head that a refusal stands on.
    """
    if not batch.doubtful:
        return
    expected = heads | {append.partition: append.sent_head for append in batch.appends}
    if await database.heads() != expected:
        raise StatementRefused(HEAD_MOVED, "another process appended")
    doubtful = [batch.units[place] for place in batch.doubtful]
    await seen.look_up(database, heads, requests_of(doubtful))
    for place, unit in zip(batch.doubtful, doubtful, strict=True):
        outcomes = seen.earlier_of(unit.requests)
        if outcomes is not None:
            batch.outcomes[place] = outcomes
