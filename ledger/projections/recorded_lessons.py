"""Lessons as the log itself has them: what was drawn at once from one contract, and one class with who missed it."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from ledger.domain.events import AbsenceRecorded, DrawReversed, LessonDelivered, LessonDrawn
from ledger.projections.balances import AccountBalance
from ledger.projections.contracts import ContractBalance
from ledger.projections.event_log import Decode
from ledger.projections.lessons import DRAWN, FamilyLesson

# Read by the account's own index; that the id stands somewhere in the payload spares decoding other lessons. A draw
# that the family was asked about first is in the view of lessons.
_READ_DRAWS: Final = """
SELECT topic, state FROM escrow.events
 WHERE partition = %s AND account_id = %s AND position >= %s AND strpos(state, %s) > 0
   AND (topic = %s AND strpos(state, '"immediate"') > 0 OR topic = %s) ORDER BY version
"""
_READ_CLASS: Final = """
SELECT topic, state FROM escrow.events
 WHERE partition = %s AND account_id = %s AND topic = ANY(%s) AND strpos(state, %s) > 0 ORDER BY version
"""


class DrawnAtOnce(msgspec.Struct, kw_only=True):
    """A lesson that was drawn (fen) from a contract without asking its family; `reversed` if it was taken back."""

    lesson_id: str
    lesson_on: date
    lesson: int
    amount_fen: int
    state: Literal["drawn", "reversed"] = "drawn"
    starts_at: datetime | None = None


class RecordedClass(msgspec.Struct, frozen=True, kw_only=True):
    """A class as it was recorded, and the contracts whose pupil or teacher was not there."""

    taught: LessonDelivered
    absent: tuple[str, ...]


async def list_drawn_at_once(
    connection: AsyncConnection[Any], contract: ContractBalance, told: Iterable[FamilyLesson], *, decode: Decode
) -> list[DrawnAtOnce]:
    """The contract's lessons under a policy that asks no family, oldest first.

    The log is not asked where all that was drawn is among the lessons that the family was `told` of.
    """
    if contract.drawn_fen == sum(lesson.amount_fen for lesson in told if lesson.state in DRAWN):
        return []
    values = (
        contract.partition,
        UUID(contract.account_id),
        contract.position,
        contract.contract_id,
        LessonDrawn.topic,
        DrawReversed.topic,
    )
    found: dict[str, DrawnAtOnce] = {}
    for topic, state in await (await connection.execute(_READ_DRAWS, values)).fetchall():
        event = decode(topic, state)
        assert isinstance(event, LessonDrawn | DrawReversed), event
        for line in event.lines:
            if line.contract_id != contract.contract_id:
                continue
            if isinstance(event, DrawReversed):
                if event.lesson_id in found:
                    found[event.lesson_id].state = "reversed"
            elif event.basis == "immediate":
                found[event.lesson_id] = DrawnAtOnce(
                    lesson_id=event.lesson_id,
                    lesson_on=event.effective_on,
                    lesson=line.lesson,
                    amount_fen=line.amount_fen,
                )
    return list(found.values())


async def read_class(
    connection: AsyncConnection[Any], account: AccountBalance, lesson_id: str, *, decode: Decode
) -> RecordedClass | None:
    """The class of that id on the account; None if none was taught."""
    topics = [LessonDelivered.topic, AbsenceRecorded.topic]
    values = (account.partition, UUID(account.account_id), topics, lesson_id)
    taught: LessonDelivered | None = None
    absent: list[str] = []
    for topic, state in await (await connection.execute(_READ_CLASS, values)).fetchall():
        event = decode(topic, state)
        assert isinstance(event, LessonDelivered | AbsenceRecorded), event
        if event.lesson_id != lesson_id:
            continue
        if isinstance(event, LessonDelivered):
            taught = event
        else:
            absent += event.contracts
    return None if taught is None else RecordedClass(taught=taught, absent=tuple(absent))
