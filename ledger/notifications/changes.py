"""What changed, in the order of the log: refunds and instructions from its events, alerts from their view.

A change has a place: partition, position of the event that made it, ordinal among those of that event. Places never
move, so that whoever kept one goes on from there without loss and without repetition.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from ledger.domain import events as e
from ledger.domain.events import Event
from ledger.storage.mapper import decode_event

WINDOW: Final = 5_000
"""Positions that are looked at together; most of their events tell nobody anything."""
_ALERTS_FROM: Final = 100_000
"""Ordinals of alerts: after those of the event that made them."""
_VIEWS: Final = ("alerts", "balances")
_DECLINED: Final = "decline_instruction"
_ENVELOPE: Final = frozenset(Event.__struct_fields__)

_READABLE: Final = """
SELECT partition, min(position) FROM escrow_views.positions WHERE view = ANY(%s) GROUP BY partition ORDER BY partition
"""
_EVENTS: Final = """
SELECT t.position, t.account_id::text, t.topic, t.state, b.bank, b.institution_id, b.district, b.authorities
  FROM escrow.events t JOIN escrow_views.balances b ON b.account_id = t.account_id
 WHERE t.partition = %s AND t.position > %s AND t.position <= %s AND t.topic = ANY(%s) ORDER BY t.position
"""
_ALERTS: Final = """
SELECT c.position, c.ordinal, c.account_id::text, c.change, c.at, b.bank, b.institution_id, b.district, b.authorities,
       jsonb_build_object(
           'alert_id', c.alert_id, 'change', c.change, 'state', c.state, 'effective_on', c.effective_on, 'rule', c.rule,
           'severity', c.severity, 'subject_kind', c.subject_kind, 'subject_id', c.subject_id, 'reason', c.reason,
           'reason_zh', c.reason_zh, 'assignee', c.assignee, 'until', c.until, 'message', a.message,
           'message_zh', a.message_zh, 'figures', a.figures)
  FROM escrow_views.alert_changes c
  JOIN escrow_views.balances b ON b.account_id = c.account_id
  LEFT JOIN escrow_views.alerts a ON a.alert_id = c.alert_id
 WHERE c.partition = %s AND c.position > %s AND c.position <= %s ORDER BY c.position, c.ordinal
"""

_Told = tuple[str, dict[str, Any]]
"""A topic, and the fields of the change beside those of every change."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that somebody may want to be told. `data` is what is sent; the rest says where it is and who may see
    it: the account's bank, institution, district and further authorities as they are now."""

    partition: int
    position: int
    ordinal: int
    topic: str
    at: datetime
    data: dict[str, Any]
    bank: str
    institution_id: str
    district: str
    authorities: tuple[str, ...]

    @property
    def body(self) -> bytes:
        """The JSON text that is signed and sent: `type`, `timestamp`, `data`."""
        return msgspec.json.encode({"type": self.topic, "timestamp": self.at, "data": self.data})


async def readable(connection: AsyncConnection[Any]) -> dict[int, int]:
    """Up to which position each partition's changes can be read: as far as the views are that tell of them."""
    return dict(await (await connection.execute(_READABLE, [list(_VIEWS)])).fetchall())


async def read_changes(connection: AsyncConnection[Any], partition: int, *, after: int, through: int) -> list[Change]:
    """All changes of the positions `after < position <= through`, in order. `through` must be readable."""
    found: list[Change] = []
    cursor = await connection.execute(_EVENTS, [partition, after, through, list(_BY_TOPIC)])
    for position, account_id, topic, state, *seen_by in await cursor.fetchall():
        event = decode_event(topic, state)
        for ordinal, (name, fields) in enumerate(_BY_TOPIC[topic](event)):
            data = {"effective_on": event.effective_on, "rules": list(event.rules)} | fields
            found.append(_change(partition, position, ordinal, name, account_id, event.recorded_at, data, seen_by))
    cursor = await connection.execute(_ALERTS, [partition, after, through])
    for position, ordinal, account_id, change, at, *seen_by, data in await cursor.fetchall():
        place = _ALERTS_FROM + ordinal
        found.append(_change(partition, position, place, f"alert.{change}", account_id, at, data, seen_by))
    found.sort(key=lambda one: (one.position, one.ordinal))
    return found


def _change(
    partition: int,
    position: int,
    ordinal: int,
    topic: str,
    account_id: str,
    at: datetime,
    data: dict[str, Any],
    seen_by: Sequence[Any],
) -> Change:
    bank, institution_id, district, authorities = seen_by
    known = {"account_id": account_id, "institution_id": institution_id, "partition": partition, "position": position}
    return Change(
        partition=partition,
        position=position,
        ordinal=ordinal,
        topic=topic,
        at=at,
        data=known | data,
        bank=bank,
        institution_id=institution_id,
        district=district,
        authorities=tuple(authorities),
    )


def _own(event: Event) -> dict[str, Any]:
    """The event's own fields."""
    names = [name for name in type(event).__struct_fields__ if name not in _ENVELOPE]
    return {name: getattr(event, name) for name in names}


def _refund(name: str) -> Callable[[Any], Iterator[_Told]]:
    return lambda event: iter([(f"refund.{name}", _own(event))])


def _refund_instructed(event: e.RefundInstructed) -> Iterator[_Told]:
    yield "refund.instructed", _own(event)
    for leg in event.legs:
        about: dict[str, Any] = {
            "instruction_id": leg.instruction_id,
            "end_to_end_id": leg.end_to_end_id,
            "route": leg.route,
            "needs_approval": event.needs_approval,
        }
        yield _instruction("given", "refund", event.refund_id, leg.amount_fen, about)


def _given(kind: str, subject: str) -> Callable[[Any], Iterator[_Told]]:
    def told(event: Any) -> Iterator[_Told]:
        about = {
            "instruction_id": event.instruction_id,
            "end_to_end_id": event.end_to_end_id,
            "needs_approval": event.needs_approval,
        }
        if hasattr(event, "route"):
            about["route"] = event.route
        yield _instruction("given", kind, getattr(event, subject), event.amount_fen, about)

    return told


def _done(state: str, kind: str, subject: str, refund: str = "") -> Callable[[Any], Iterator[_Told]]:
    def told(event: Any) -> Iterator[_Told]:
        if refund:
            yield f"refund.{refund}", _own(event)
        if event.cause == _DECLINED:  # told of by the event before
            return
        about: dict[str, Any] = {"instruction_id": event.instruction_id}
        told_of = ("bank_reference", "reason", "unapproved")
        about |= {name: getattr(event, name) for name in told_of if hasattr(event, name)}
        yield _instruction(state, kind, getattr(event, subject), event.amount_fen, about)

    return told


def _declined(event: e.InstructionDeclined) -> Iterator[_Told]:
    about = {"instruction_id": event.instruction_id, "reason": event.reason}
    yield _instruction("declined", event.kind, event.subject_id, event.amount_fen, about)


def _orders(state: str, *names: str) -> Callable[[Any], Iterator[_Told]]:
    def told(event: e.InstructionApproved | e.InstructionExported) -> Iterator[_Told]:
        of_all = {name: getattr(event, name) for name in names}
        for order in event.orders:
            about = {"instruction_id": order.instruction_id} | of_all
            yield _instruction(state, order.kind, order.subject_id, order.amount_fen, about)

    return told


def _instruction(state: str, kind: str, subject_id: str, amount_fen: int, about: dict[str, Any]) -> _Told:
    return f"instruction.{state}", about | {"kind": kind, "subject_id": subject_id, "amount_fen": amount_fen}


_TOLD: Final[dict[type[Event], Callable[[Any], Iterator[_Told]]]] = {
    e.PayoutInstructed: _given("payout", "instruction_id"),
    e.PayoutSettled: _done("settled", "payout", "instruction_id"),
    e.PayoutFailed: _done("rejected", "payout", "instruction_id"),
    e.AdvanceInstructed: _given("advance", "instruction_id"),
    e.AdvancePaid: _done("settled", "advance", "instruction_id"),
    e.AdvanceFailed: _done("rejected", "advance", "instruction_id"),
    e.InstructionApproved: _orders("approved"),
    e.InstructionDeclined: _declined,
    e.InstructionExported: _orders("exported", "message_id", "execute_on"),
    e.SuspenseReturnInstructed: _given("suspense_return", "suspense_id"),
    e.SuspenseReturned: _done("settled", "suspense_return", "suspense_id"),
    e.SuspenseReturnFailed: _done("rejected", "suspense_return", "suspense_id"),
    e.ContinuityTransferred: _given("transfer", "transfer_id"),
    e.TransferInstructed: _given("transfer", "transfer_id"),
    e.TransferSettled: _done("settled", "transfer", "transfer_id"),
    e.TransferReturned: _done("returned", "transfer", "transfer_id"),
    e.TransferFailed: _done("rejected", "transfer", "transfer_id"),
    e.RefundRequested: _refund("requested"),
    e.RefundQuoted: _refund("quoted"),
    e.RefundContested: _refund("contested"),
    e.RefundAgreed: _refund("agreed"),
    e.RefundOverdue: _refund("overdue"),
    e.RefundInstructed: _refund_instructed,
    e.RefundPaid: _done("settled", "refund", "refund_id", "paid"),
    e.RefundRejected: _done("rejected", "refund", "refund_id", "rejected"),
    e.RefundReturned: _done("returned", "refund", "refund_id", "returned"),
    e.RefundWithdrawn: _refund("withdrawn"),
}
_BY_TOPIC: Final = {event.topic: told for event, told in _TOLD.items()}

__all__ = ["WINDOW", "Change", "read_changes", "readable"]
