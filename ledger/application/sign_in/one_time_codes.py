"""Families sign in with a contract number and a one-time code that reaches them by another way."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from uuid_utils.compat import uuid7

from ledger.domain.errors import LedgerError

LIFE: Final = timedelta(minutes=10)
MOST_TRIES: Final = 5
MOST_CODES: Final = 5
"""Codes that one family is sent in an hour."""

_FAMILIES: Final = "SELECT DISTINCT family_id FROM escrow_views.contracts WHERE contract_no = %s ORDER BY 1 LIMIT 2"
_LATELY: Final = "SELECT count(*) FROM escrow.one_time_codes WHERE family_id = %s AND created_at > %s"
_INSERT: Final = """
INSERT INTO escrow.one_time_codes (code_id, code_sha256, family_id, contract_no, created_at, expires_at)
VALUES (%(code_id)s, %(digest)s, %(family_id)s, %(contract_no)s, %(now)s, %(expires_at)s)
"""
_TRY: Final = """
UPDATE escrow.one_time_codes SET tries = tries + 1
 WHERE code_id = %s AND used_at IS NULL AND expires_at > %s AND tries < %s
RETURNING code_sha256, family_id
"""
_USE: Final = "UPDATE escrow.one_time_codes SET used_at = %s WHERE code_id = %s AND used_at IS NULL RETURNING family_id"


class CodeToSend(msgspec.Struct, frozen=True, kw_only=True):
    """A code on its way to a family; it is kept nowhere."""

    family_id: str
    contract_no: str
    code: str
    expires_at: datetime


Delivery = Callable[[CodeToSend], Awaitable[None]]
"""How a code reaches its family. It does not raise for one that cannot be reached: the page tells no difference."""


async def ask_for_code(connection: AsyncConnection[Any], deliver: Delivery, contract_no: str, *, now: datetime) -> UUID:
    """Make and deliver a code for the family of the contract; returns the id under which it is to be given back.

    A number that no contract has, or contracts of several families, or a family that asked too often, gets an id too:
    whether a contract exists is not to be learned here.
    """
    code_id = uuid7()
    if "\0" in contract_no:
        return code_id
    families = await (await connection.execute(_FAMILIES, [contract_no])).fetchall()
    if len(families) != 1:
        return code_id
    family_id: str = families[0][0]
    lately = await (await connection.execute(_LATELY, [family_id, now - timedelta(hours=1)])).fetchone()
    if lately is None or lately[0] >= MOST_CODES:
        return code_id
    code = f"{secrets.randbelow(1_000_000):06}"
    row = {
        "code_id": code_id,
        "digest": _digest(code_id, code),
        "family_id": family_id,
        "contract_no": contract_no,
        "now": now,
        "expires_at": now + LIFE,
    }
    await connection.execute(_INSERT, row)
    await deliver(CodeToSend(family_id=family_id, contract_no=contract_no, code=code, expires_at=now + LIFE))
    return code_id


async def redeem_code(connection: AsyncConnection[Any], code_id: UUID, code: str, *, now: datetime) -> str:
    """The family whose code that is; each code is good once and may be tried a few times.

    Raises LedgerError `code_refused`. The caller commits in either case: a try counts.
    """
    row = await (await connection.execute(_TRY, [code_id, now, MOST_TRIES])).fetchone()
    if row is None or not secrets.compare_digest(bytes(row[0]), _digest(code_id, code)):
        raise LedgerError("code_refused")
    if await (await connection.execute(_USE, [now, code_id])).fetchone() is None:
        raise LedgerError("code_refused")
    return row[1]


def _digest(code_id: UUID, code: str) -> bytes:
    return hashlib.sha256(code_id.bytes + code.encode()).digest()
