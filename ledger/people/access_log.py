"""Who did what with whose data, when and why: appended in the transaction of the deed, and never changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from ledger.domain.errors import LedgerError

Action = Literal["written", "read_own", "revealed", "found", "erased"]
_NEEDS_REASON: Final = ("revealed", "found", "erased")

_APPEND: Final = """
INSERT INTO escrow_people.access_log (at, actor, action, person_id, fields, reason, account_ids)
SELECT %(at)s, %(actor)s, %(action)s, person_id, %(fields)s, %(reason)s, %(account_ids)s
  FROM unnest(%(person_ids)s::uuid[]) AS p (person_id)
"""
_LIST: Final = """
SELECT seq, at, actor, action, person_id, fields, reason, account_ids FROM escrow_people.access_log
 WHERE seq > %(after)s AND (%(person_id)s::uuid IS NULL OR person_id = %(person_id)s)
   AND (%(accounts)s::uuid[] IS NULL OR account_ids && %(accounts)s)
 ORDER BY seq LIMIT %(limit)s
"""


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """One entry. `account_ids` are the accounts of the person's families at that time."""

    seq: int
    at: datetime
    actor: str
    action: Action
    person_id: UUID
    fields: list[str]
    reason: str
    account_ids: list[UUID]


def require_reason(reason: str) -> str:
    """The reason without spaces at its ends. Raises LedgerError `reveal_reason_missing` for an empty one."""
    if not reason.strip():
        raise LedgerError("reveal_reason_missing")
    return reason.strip()


async def append(
    connection: AsyncConnection[Any],
    *person_ids: UUID,
    at: datetime,
    actor: str,
    action: Action,
    fields: Sequence[str] = (),
    reason: str = "",
    account_ids: Sequence[UUID] = (),
) -> None:
    """One entry a person. Raises LedgerError `reveal_reason_missing`."""
    if action in _NEEDS_REASON:
        reason = require_reason(reason)
    row = {
        "at": at,
        "actor": actor,
        "action": action,
        "fields": list(fields),
        "reason": reason,
        "account_ids": list(account_ids),
        "person_ids": list(person_ids),
    }
    await connection.execute(_APPEND, row)


async def list_page(
    connection: AsyncConnection[Any],
    *,
    accounts: Sequence[UUID] | None = None,
    person_id: UUID | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[Access]:
    """Entries in order, of persons that had a family in one of `accounts` (None: everybody's)."""
    values = {
        "after": after,
        "limit": limit,
        "person_id": person_id,
        "accounts": None if accounts is None else list(accounts),
    }
    cursor = connection.cursor(row_factory=class_row(Access))
    return await (await cursor.execute(_LIST, values)).fetchall()
