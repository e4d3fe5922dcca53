"""What the banks of other supervised accounts sent to accounts that do not have it."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from ledger.application.ledger import Ledger
from ledger.domain.reconciliation.books import AccountBooks, SentTransfer

# An order's id begins with its transfer's and a dot; '/' follows '.'.
_SENT: Final = """
SELECT i.subject_id, i.amount_fen, i.settled_on, i.end_to_end_id
  FROM unnest(%s::text[]) AS w (transfer_id) JOIN escrow_views.instructions i
    ON i.instruction_id > w.transfer_id || '.' AND i.instruction_id < w.transfer_id || '/'
 WHERE i.subject_id = w.transfer_id AND i.kind = 'transfer' AND i.state = 'settled' ORDER BY 1
"""


async def with_sent_transfers(
    ledger: Ledger, connection: AsyncConnection[Any], books: Sequence[AccountBooks]
) -> list[AccountBooks]:
    """The same books, where money is in transit with what of it was sent. The connection is in no transaction."""
    return [await _with_sent(ledger, connection, one) if one.in_transit_fen else one for one in books]


async def _with_sent(ledger: Ledger, connection: AsyncConnection[Any], books: AccountBooks) -> AccountBooks:
    account = await asyncio.to_thread(ledger.account_at_version, UUID(books.account_id))
    async with connection.transaction():
        rows = await (await connection.execute(_SENT, [list(account.transfers_in)])).fetchall()
    return msgspec.structs.replace(books, sent=[SentTransfer(*row) for row in rows])
