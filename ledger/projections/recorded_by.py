"""What a bank's machines and people had recorded lately, read from the end of the log itself."""

from datetime import date, datetime
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

LOOKED_BACK: Final = 5_000
"""So many events at the end of each partition are looked at: what is older is in the accounts' histories."""

_BY_BANK: Final = """
SELECT late.* FROM escrow.heads h CROSS JOIN LATERAL (
    SELECT e.partition, e.position, e.account_id::text, e.version, e.topic, e.recorded_at, b.account_no,
           (e.state::json ->> 'effective_on')::date AS effective_on, e.state::json ->> 'actor' AS actor
      FROM escrow.events e JOIN escrow_views.balances b ON b.account_id = e.account_id AND b.bank = %(bank)s
     WHERE e.partition = h.partition AND e.position > h.position - %(looked_back)s
       AND strpos(e.state, '"actor":"bank:') > 0  -- spares parsing the state of all others
       AND starts_with(e.state::json ->> 'actor', 'bank:')
       AND (%(client)s::text IS NULL OR substring(e.state::json ->> 'actor' from '^bank:([^/@]*)') = %(client)s)
     ORDER BY e.position DESC LIMIT %(limit)s
) late
 ORDER BY late.recorded_at DESC, late.partition, late.position DESC LIMIT %(limit)s
"""


class RecordedBy(msgspec.Struct, frozen=True, kw_only=True):
    """One event that somebody of a bank had recorded on an account that the bank holds."""

    partition: int
    position: int
    account_id: str
    version: int
    topic: str
    recorded_at: datetime
    account_no: str
    effective_on: date
    actor: str


async def recorded_by_bank(
    connection: AsyncConnection[Any], bank: str, *, client: str | None = None, limit: int = 100
) -> list[RecordedBy]:
    """The latest events on the bank's accounts by actors of the bank, or by one of them; newest first."""
    values = {"bank": bank, "client": client, "looked_back": LOOKED_BACK, "limit": limit}
    cursor = connection.cursor(row_factory=class_row(RecordedBy))
    return await (await cursor.execute(_BY_BANK, values)).fetchall()
