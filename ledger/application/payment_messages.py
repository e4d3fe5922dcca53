"""Making a message of orders to a bank: planned once, recorded account by account, given out when all is recorded.

An order is in one message at most, since its account records it once. A message that was interrupted goes on by its
plan to the same end; one that is finished never changes.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from hashlib import blake2b
from itertools import groupby
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from psycopg import sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger
from ledger.application.payment_content import MessageContent, content_of, read_content
from ledger.application.reading import Reader
from ledger.application.recording import ReadPool, record_each, take_batch_key
from ledger.domain.commands import ExportInstructions
from ledger.domain.errors import LedgerError
from ledger.projections.instructions import PAYABLE
from ledger.storage.crash_points import crash_point
from ledger.storage.requests import Request

MOST_ORDERS: Final = 5_000
"""So many orders go into one message; the rest waits for the next."""
PAGE: Final = 200
"""So many accounts are recorded together."""
_MESSAGE_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,27}")
_COLUMNS: Final = "message_id, bank, message_at, effective_on, execute_on, asked_by, orders, amount_fen, finished_at"

_PAYABLE: Final = sql.SQL(
    "SELECT t.account_id::text, t.instruction_id FROM escrow_views.instructions t"
    " WHERE t.bank = %(bank)s AND t.message_id IS NULL AND {}"
    " AND (%(account_id)s::uuid IS NULL OR t.account_id = %(account_id)s)"
    " ORDER BY t.instructed_on, t.partition, t.position, t.ordinal LIMIT %(most)s"
).format(PAYABLE)
_BEGIN: Final = """
INSERT INTO escrow.payment_messages
       (bank, message_id, content, message_at, effective_on, execute_on, asked_by, plan)
VALUES (%(bank)s, %(message_id)s, %(content)s, %(message_at)s, %(effective_on)s, %(execute_on)s, %(asked_by)s, %(plan)s)
ON CONFLICT DO NOTHING
"""
_LOCK: Final = "SELECT * FROM escrow.payment_messages WHERE bank = %s AND message_id = %s FOR UPDATE"
_FINISH: Final = """
UPDATE escrow.payment_messages SET plan = '[]', orders = %s, amount_fen = %s, finished_at = clock_timestamp()
 WHERE bank = %s AND message_id = %s
"""
_GET: Final = f"SELECT {_COLUMNS} FROM escrow.payment_messages WHERE bank = %s AND message_id = %s"
_CONTENT: Final = "SELECT content FROM escrow.payment_messages WHERE bank = %s AND message_id = %s"
_UNFINISHED: Final = (
    "SELECT message_id FROM escrow.payment_messages WHERE bank = %s AND finished_at IS NULL ORDER BY id LIMIT 1"
)
_LIST: Final = (
    f"SELECT id, {_COLUMNS} FROM escrow.payment_messages WHERE bank = %s AND id > %s AND"
    " (NOT %s OR finished_at IS NULL) ORDER BY id LIMIT %s"
)


class MessageRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One message: `orders` and `amount_fen` (the control sum) are known once it is finished."""

    message_id: str
    bank: str
    message_at: datetime
    effective_on: date
    execute_on: date
    asked_by: str
    orders: int
    amount_fen: int
    finished_at: datetime | None


class Made(NamedTuple):
    """A finished message; `replayed` when it was finished before this was asked."""

    content: MessageContent
    replayed: bool


async def make_message(
    ledger: Ledger,
    reader: Reader,
    caller: Caller,
    *,
    bank: str,
    message_id: str = "",
    execute_on: date | None = None,
    account_id: UUID | None = None,
    most: int = MOST_ORDERS,
    page: int = PAGE,
) -> Made:
    """Put the bank's orders that may go into a message, oldest first, to be carried out today or on a later day.

    Without an id the message is named by the request's key, so that the same request gives the same message. An id
    that was used before gives that message again, and goes on with it if it was interrupted.
    Raises `message_id_malformed`, `message_id_reused`, `execution_date_past`, `payment_orders_not_found`,
    `idempotency_key_reused`.
    """
    named = message_id or _id_of(caller)
    if not _MESSAGE_ID.fullmatch(named):
        raise LedgerError("message_id_malformed")
    await take_batch_key(reader.pool, caller)
    asked = _digest(execute_on, account_id)
    async with reader.pool.connection() as connection:
        known = await (await connection.execute(_CONTENT, [bank, named])).fetchone()
    if known is not None and known[0] != asked:
        raise LedgerError("message_id_reused", message_id=named)
    if known is None:
        kept = await read_content(reader.pool, bank, named)
        if kept is not None:  # the log has it, whatever became of the table
            return Made(kept, replayed=True)
        await _begin(
            ledger,
            reader,
            caller,
            bank=bank,
            named=named,
            asked=asked,
            execute_on=execute_on,
            account_id=account_id,
            most=most,
        )
    return await _finish(ledger, reader.pool, caller, bank, named, page)


async def resume_message(
    ledger: Ledger, reader: Reader, caller: Caller, *, bank: str, message_id: str, page: int = PAGE
) -> Made:
    """Go on with a message that was interrupted. Raises `payment_message_not_found`, `payment_orders_not_found`."""
    await get_message(reader.pool, bank, message_id)
    return await _finish(ledger, reader.pool, caller, bank, message_id, page)


async def unfinished_message(pool: ReadPool, bank: str) -> str | None:
    """The oldest message of the bank that was interrupted, if there is one."""
    async with pool.connection() as connection:
        row = await (await connection.execute(_UNFINISHED, [bank])).fetchone()
    return None if row is None else row[0]


async def get_message(pool: ReadPool, bank: str, message_id: str) -> MessageRecord:
    """One message of the bank. Raises `payment_message_not_found`."""
    async with pool.connection() as connection:
        cursor = connection.cursor(row_factory=class_row(MessageRecord))
        found = await (await cursor.execute(_GET, [bank, message_id])).fetchone()
    if found is None:
        raise LedgerError("payment_message_not_found", message_id=message_id)
    return found


async def finished_content(pool: ReadPool, bank: str, message_id: str) -> MessageContent:
    """What a finished message says, from the log alone.

    Raises `payment_message_not_found`, `payment_message_unfinished`: nothing is given out before all is recorded.
    """
    async with pool.connection() as connection:
        row = await (await connection.execute(_GET, [bank, message_id])).fetchone()
        if row is not None and row[-1] is None:
            raise LedgerError("payment_message_unfinished", message_id=message_id)
        content = await content_of(connection, bank, message_id)
    if content is None:
        raise LedgerError("payment_message_not_found", message_id=message_id)
    return content


async def list_messages(
    pool: ReadPool, bank: str, *, unfinished: bool = False, after: int = 0, limit: int = 100
) -> list[tuple[int, MessageRecord]]:
    """Messages of the bank with their places, in the order in which they were begun."""
    async with pool.connection() as connection:
        cursor = await connection.execute(_LIST, [bank, after, unfinished, limit])
        rows = await cursor.fetchall()
    names = MessageRecord.__struct_fields__
    return [(place, MessageRecord(**dict(zip(names, values, strict=True)))) for place, *values in rows]


def _id_of(caller: Caller) -> str:
    assert caller.idempotency_key is not None, "a message without an id needs a request's key"
    return "M" + caller.idempotency_key.hex[:27]


def _digest(execute_on: date | None, account_id: UUID | None) -> str:
    asked = (None if execute_on is None else execute_on.isoformat(), None if account_id is None else account_id.hex)
    return blake2b(msgspec.json.encode(asked), digest_size=16).hexdigest()


async def _begin(
    ledger: Ledger,
    reader: Reader,
    caller: Caller,
    *,
    bank: str,
    named: str,
    asked: str,
    execute_on: date | None,
    account_id: UUID | None,
    most: int,
) -> None:
    """Write down which orders the message is to take. Somebody else's plan for the same message stays."""
    today = ledger.today()
    if execute_on is not None and execute_on < today:
        raise LedgerError("execution_date_past", date=execute_on.isoformat(), today=today.isoformat())
    await reader.catch_up()
    async with reader.pool.connection() as connection:
        wanted = {"bank": bank, "account_id": account_id, "most": most}
        rows = await (await connection.execute(_PAYABLE, wanted)).fetchall()
        if not rows:
            raise LedgerError("payment_orders_not_found")
        ordered = sorted(rows, key=lambda row: row[0])
        plan = [[one, [order for _, order in of]] for one, of in groupby(ordered, key=lambda row: row[0])]
        await connection.execute(
            _BEGIN,
            {
                "bank": bank,
                "message_id": named,
                "content": asked,
                "message_at": ledger.clock().replace(microsecond=0),
                "effective_on": today,
                "execute_on": execute_on or today,
                "asked_by": caller.actor,
                "plan": Jsonb(plan),
            },
        )


async def _finish(ledger: Ledger, pool: ReadPool, caller: Caller, bank: str, message_id: str, page: int) -> Made:
    """Record what is left of the plan. The message's row is locked meanwhile: nobody else goes on with it, and it is
    finished, once and for all, in the moment in which it is let go."""
    async with pool.connection() as connection:
        cursor = await connection.execute(_LOCK, [bank, message_id])
        assert cursor.description is not None
        names = [column.name for column in cursor.description]
        row = await cursor.fetchone()
        assert row is not None, "a message is begun before it is finished"
        begun = dict(zip(names, row, strict=True))
        replayed = begun["finished_at"] is not None
        if not replayed:
            await _record(ledger, caller, begun, page)
        content = await content_of(connection, bank, message_id)
        if not replayed:
            totals = (0, 0) if content is None else (content.orders, content.amount_fen)
            await connection.execute(_FINISH, [*totals, bank, message_id])
    if content is None:
        raise LedgerError("payment_orders_not_found")
    return Made(content, replayed)


async def _record(ledger: Ledger, caller: Caller, begun: dict[str, Any], page: int) -> None:
    plan: Sequence[tuple[str, list[str]]] = begun["plan"]
    for start in range(0, len(plan), page):
        requests = [
            Request(
                ExportInstructions(
                    account_id=UUID(account_id),
                    effective_on=begun["effective_on"],
                    bank=begun["bank"],
                    message_id=begun["message_id"],
                    message_at=begun["message_at"].astimezone(UTC),
                    execute_on=begun["execute_on"],
                    instruction_ids=tuple(instruction_ids),
                ),
                caller.actor,
            )
            for account_id, instruction_ids in plan[start : start + page]
        ]
        for result in await record_each(ledger, requests):
            if isinstance(result, LedgerError):
                raise result
        crash_point("export.page")
