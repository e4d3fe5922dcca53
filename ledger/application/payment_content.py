"""What a message of orders to a bank says, put together from the log alone, and its file in either form."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from ledger.application.recording import ReadPool
from ledger.bank.creditors import (
    INSTITUTION,
    ORIGINAL_ENTRY,
    ROUTE_TOKEN,
    SUPERVISED_ACCOUNT,
    Creditor,
    ResolveCreditors,
    by_token,
    creditor_of,
)
from ledger.bank.pain001 import Payment, PaymentMessage, Transfer, write_orders_csv, write_pain001
from ledger.domain.events import ExportedOrder, InstructionExported
from ledger.storage.mapper import decode_event

MessageFormat = Literal["pain.001", "csv"]
_SHARES: Final = """
SELECT e.account_id, e.topic, e.state
  FROM escrow.unique_keys u JOIN escrow.events e ON e.partition = u.partition AND e.position = u.position
 WHERE u.kind = 'message' AND u.key > %(first)s AND u.key < %(after)s
"""


class AccountShare(msgspec.Struct, frozen=True, kw_only=True):
    """The orders of one account in a message, under their payment information id."""

    payment_id: str
    account_id: UUID
    account_no: str
    institution_id: str
    orders: tuple[ExportedOrder, ...]


class MessageContent(msgspec.Struct, frozen=True, kw_only=True):
    """A message with all its orders, accounts in the order of their numbers."""

    bank: str
    message_id: str
    message_at: datetime
    execute_on: date
    shares: tuple[AccountShare, ...]

    @property
    def orders(self) -> int:
        """How many orders it has."""
        return sum(len(share.orders) for share in self.shares)

    @property
    def amount_fen(self) -> int:
        """What they add up to: the control sum."""
        return sum(order.amount_fen for share in self.shares for order in share.orders)

    def each(self) -> Iterator[tuple[AccountShare, ExportedOrder]]:
        """Every order with its account."""
        return ((share, order) for share in self.shares for order in share.orders)


async def read_content(pool: ReadPool, bank: str, message_id: str) -> MessageContent | None:
    """The message as the log has it; None when no order was ever put into it."""
    async with pool.connection() as connection:
        return await content_of(connection, bank, message_id)


async def content_of(connection: AsyncConnection[Any], bank: str, message_id: str) -> MessageContent | None:
    """The same on a connection."""
    # '0' follows '/': all accounts' keys of this message, and no other message's.
    bounds = {"first": f"{bank}/{message_id}/", "after": f"{bank}/{message_id}0"}
    cursor = await connection.execute(_SHARES, bounds)
    found: list[tuple[UUID, InstructionExported]] = []
    for account_id, topic, state in await cursor.fetchall():
        event = decode_event(topic, state)
        assert isinstance(event, InstructionExported), f"a message's key points to {topic}"
        found.append((account_id, event))
    if not found:
        return None
    found.sort(key=lambda one: (one[1].account_no, one[0]))
    first = found[0][1]
    return MessageContent(
        bank=bank,
        message_id=message_id,
        message_at=first.message_at,
        execute_on=first.execute_on,
        shares=tuple(
            AccountShare(
                payment_id=f"{message_id}-{number}",
                account_id=account_id,
                account_no=event.account_no,
                institution_id=event.institution_id,
                orders=event.orders,
            )
            for number, (account_id, event) in enumerate(found, start=1)
        ),
    )


async def write_message(content: MessageContent, form: MessageFormat, resolve: ResolveCreditors = by_token) -> bytes:
    """The message's file. The same bytes each time, as far as `resolve` knows the same: by default it knows nobody."""
    routes = sorted({order.route for _, order in content.each() if order.route})
    known = await resolve(content.bank, routes)
    message = PaymentMessage(
        message_id=content.message_id,
        message_at=content.message_at,
        payments=tuple(
            Payment(
                payment_id=share.payment_id,
                account_no=share.account_no,
                institution_id=share.institution_id,
                bank=content.bank,
                execute_on=content.execute_on,
                transfers=tuple(
                    Transfer(
                        end_to_end_id=order.end_to_end_id,
                        amount_fen=order.amount_fen,
                        creditor=known.get(order.route) or _creditor(share, order),
                        kind=order.kind,
                        purpose=_purpose(order),
                    )
                    for order in share.orders
                ),
            )
            for share in content.shares
        ),
    )
    return write_pain001(message) if form == "pain.001" else write_orders_csv(message)


def _purpose(order: ExportedOrder) -> str:
    """A transfer's text comes with the money: by it the other account's bank file names the transfer."""
    named = f"CONTRACT:{order.subject_id}" if order.kind == "transfer" else order.subject_id
    return f"{order.kind} {named}"


def _creditor(share: AccountShare, order: ExportedOrder) -> Creditor:
    if order.kind == "transfer":
        return creditor_of(order.route, SUPERVISED_ACCOUNT)
    if order.route:
        return creditor_of(order.route, ROUTE_TOKEN)
    if order.payment_reference:
        return creditor_of(order.payment_reference, ORIGINAL_ENTRY)
    return creditor_of(share.institution_id, INSTITUTION)
