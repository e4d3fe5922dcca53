"""An account as it was: at a recorded instant, or at a position of its partition."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

from ledger.application.ledger import Ledger
from ledger.application.reading import Reader
from ledger.domain.errors import LedgerError


async def version_then(
    ledger: Ledger,
    reader: Reader,
    *,
    account_id: UUID,
    partition: int,
    as_of: datetime | None = None,
    at_position: int | None = None,
) -> int | None:
    """The account's version then; None for now. At most one of `as_of` and `at_position` is given.

    Raises LedgerError `instant_in_future`, `position_not_recorded`, and `account_not_found` for what was before it
    was opened.
    """
    if as_of is not None:
        if as_of > ledger.clock():
            raise LedgerError("instant_in_future", instant=as_of.astimezone(UTC).isoformat())
        version = await asyncio.to_thread(ledger.version_at, account_id, recorded_at=as_of)
    elif at_position is not None:
        recorded = (await reader.heads())[partition]
        if at_position > recorded:
            raise LedgerError("position_not_recorded", partition=partition, recorded=recorded, wanted=at_position)
        version = await asyncio.to_thread(ledger.version_at, account_id, position=at_position)
    else:
        return None
    if version == 0:
        raise LedgerError("account_not_found")
    return version
