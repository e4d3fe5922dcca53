"""Lessons: one row a family and lesson that the family was asked about, or that did not happen for it."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

import msgspec
from psycopg import AsyncConnection, sql

from ledger.domain.events import (
    AbsenceRecorded,
    DeadlinesMoved,
    DisputeResolved,
    DrawReversed,
    Event,
    LeaveRecorded,
    LessonDelivered,
    LessonDisputed,
    LessonDrawn,
    LessonWithdrawn,
)
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.paging import EVERYTHING, Cursor, Filter, Scope, select
from ledger.projections.rows import Rows
from ledger.projections.table import Table
from ledger.projections.view import Handler, View

LessonState = Literal[
    "pending",
    "confirmed",
    "deemed",
    "disputed",
    "ordered",
    "dropped",
    "withdrawn",
    "reversed",
    "leave",
    "pupil_absent",
    "teacher_absent",
]


class FamilyLesson(msgspec.Struct, gc=False):
    """One lesson of one contract, worth `amount_fen`.

    `pending` until the family speaks, at the latest on `deemed_on`; then `confirmed`, `deemed` (by its silence, payable
    from `releasable_on`), or `disputed` until it is `ordered` or `dropped`. `withdrawn` and `reversed` lessons were
    taken back by the institution; `leave` and absences did not happen. `position` is where it was told.
    """

    account_id: str
    lesson_id: str
    contract_id: str
    partition: int
    position: int
    ordinal: int
    lesson_on: date
    state: LessonState
    updated_position: int
    updated_at: datetime
    course_id: str = ""
    teacher_id: str = ""
    starts_at: datetime | None = None
    minutes: int = 0
    makes_up: str = ""
    package: int = 0
    lesson: int = 0
    amount_fen: int = 0
    told_at: datetime | None = None
    deemed_on: date | None = None
    drawn_on: date | None = None
    releasable_on: date | None = None
    how: str = ""
    reason: str = ""
    resolved_by: str = ""
    case_id: str = ""
    policy: str = ""


TABLE = Table("lessons", FamilyLesson, key=("account_id", "lesson_id", "contract_id"))
_Key = tuple[str, str, str]
_Lines = LessonDrawn | LessonWithdrawn | DrawReversed
DRAWN = ("confirmed", "deemed", "ordered")


class Lessons(View):
    """Follows each family's lesson from the day it was told, or known not to happen."""

    name = "lessons"
    tables: ClassVar[tuple[Table[Any], ...]] = (TABLE,)

    def __init__(self, *, complete: bool) -> None:
        super().__init__(complete=complete)
        self._lessons: Rows[_Key, FamilyLesson] = self.rows[0]

    def folds(self) -> dict[type[Event], Handler]:
        return {
            LessonDelivered: self._delivered,
            LessonDrawn: self._drawn,
            LessonWithdrawn: self._withdrawn,
            DrawReversed: self._reversed,
            LessonDisputed: self._disputed,
            DisputeResolved: self._resolved,
            LeaveRecorded: self._leave,
            AbsenceRecorded: self._absence,
            DeadlinesMoved: self._moved,
        }

    def looks(self) -> dict[type[Event], Handler]:
        return {
            LessonDrawn: self._look_at_lines,
            LessonWithdrawn: self._look_at_lines,
            DrawReversed: self._look_at_lines,
            LessonDisputed: self._look_at_line,
            DisputeResolved: self._look_at_line,
            AbsenceRecorded: self._look_at_contracts,
            DeadlinesMoved: self._look_at_moved,
        }

    def _look_at_lines(self, at: LoggedEvent, e: _Lines) -> None:
        if isinstance(e, LessonDrawn) and e.basis == "immediate":
            return
        for line in e.lines:
            self._lessons.want((at.account_id, e.lesson_id, line.contract_id))

    def _look_at_line(self, at: LoggedEvent, e: LessonDisputed | DisputeResolved) -> None:
        self._lessons.want((at.account_id, e.lesson_id, e.line.contract_id))

    def _look_at_contracts(self, at: LoggedEvent, e: AbsenceRecorded) -> None:
        for contract_id in e.contracts:
            self._lessons.want((at.account_id, e.lesson_id, contract_id))

    def _look_at_moved(self, at: LoggedEvent, e: DeadlinesMoved) -> None:
        for line in e.lines:
            for contract_id in line.contracts:
                self._lessons.want((at.account_id, line.subject_id, contract_id))

    def _change(self, at: LoggedEvent, lesson_id: str, contract_id: str, state: LessonState) -> FamilyLesson:
        row = self._lessons.change((at.account_id, lesson_id, contract_id))
        row.state = state
        row.updated_position = at.position
        row.updated_at = at.event.recorded_at
        return row

    def _delivered(self, at: LoggedEvent, e: LessonDelivered) -> None:
        for ordinal, line in enumerate(e.lines):
            key = at.account_id, e.lesson_id, line.contract_id
            row = FamilyLesson(
                *key,
                at.partition,
                at.position,
                ordinal,
                lesson_on=e.effective_on,
                state="pending",
                updated_position=at.position,
                updated_at=e.recorded_at,
                course_id=e.course_id,
                teacher_id=e.teacher_id,
                starts_at=e.starts_at,
                minutes=e.minutes,
                makes_up=e.makes_up,
                package=line.package,
                lesson=line.lesson,
                amount_fen=line.amount_fen,
                told_at=e.recorded_at,
                deemed_on=e.deemed_on,
                policy=e.policy or "",
            )
            self._lessons.put(key, row)

    def _drawn(self, at: LoggedEvent, e: LessonDrawn) -> None:
        if e.basis == "immediate":
            return
        for line in e.lines:
            row = self._change(at, e.lesson_id, line.contract_id, e.basis)
            row.drawn_on, row.releasable_on = e.effective_on, e.releasable_on
            row.how = e.confirmation.how if e.confirmation else ""

    def _withdrawn(self, at: LoggedEvent, e: LessonWithdrawn) -> None:
        for line in e.lines:
            self._change(at, e.lesson_id, line.contract_id, "withdrawn").reason = e.reason

    def _reversed(self, at: LoggedEvent, e: DrawReversed) -> None:
        for line in e.lines:
            known = self._lessons.get((at.account_id, e.lesson_id, line.contract_id))
            if known is not None and known.state in DRAWN:  # one that was drawn at once has no row
                row = self._change(at, e.lesson_id, line.contract_id, "reversed")
                row.drawn_on = row.releasable_on = None
                row.reason = e.reason

    def _disputed(self, at: LoggedEvent, e: LessonDisputed) -> None:
        self._change(at, e.lesson_id, e.line.contract_id, "disputed").reason = e.reason

    def _resolved(self, at: LoggedEvent, e: DisputeResolved) -> None:
        row = self._change(at, e.lesson_id, e.line.contract_id, "dropped" if e.outcome == "dropped" else "ordered")
        row.resolved_by, row.case_id, row.reason = e.by, e.case_id, e.reason

    def _leave(self, at: LoggedEvent, e: LeaveRecorded) -> None:
        self._miss(at, e, 0, e.contract_id, "leave")

    def _absence(self, at: LoggedEvent, e: AbsenceRecorded) -> None:
        state: LessonState = "teacher_absent" if e.absent == "teacher" else "pupil_absent"
        for ordinal, contract_id in enumerate(e.contracts):
            if self._lessons.get((at.account_id, e.lesson_id, contract_id)) is None:
                self._miss(at, e, ordinal, contract_id, state)
            else:
                self._change(at, e.lesson_id, contract_id, state).reason = e.reason

    def _miss(
        self,
        at: LoggedEvent,
        e: LeaveRecorded | AbsenceRecorded,
        ordinal: int,
        contract_id: str,
        state: LessonState,
    ) -> None:
        key = at.account_id, e.lesson_id, contract_id
        row = FamilyLesson(
            *key,
            at.partition,
            at.position,
            ordinal,
            lesson_on=e.lesson_on,
            state=state,
            updated_position=at.position,
            updated_at=e.recorded_at,
            reason=e.reason,
            policy=e.policy or "",
        )
        self._lessons.put(key, row)

    def _moved(self, at: LoggedEvent, e: DeadlinesMoved) -> None:
        for line in e.lines:
            for contract_id in line.contracts:
                self._change(at, line.subject_id, contract_id, "pending").deemed_on = line.new_on


def _visible(scope: Scope) -> Filter:
    where = Filter()
    where.accounts(scope)
    if scope.family_ids is not None:
        where.also(
            sql.SQL(
                "EXISTS (SELECT FROM escrow_views.contracts c WHERE c.account_id = t.account_id"
                " AND c.contract_id = t.contract_id AND c.family_id = ANY(%(families)s))"
            ),
            families=list(scope.family_ids),
        )
    return where


async def list_page(
    connection: AsyncConnection[Any],
    *,
    scope: Scope = EVERYTHING,
    account_id: UUID | str | None = None,
    contract_id: str | None = None,
    lesson_id: str | None = None,
    state: LessonState | None = None,
    due_by: date | None = None,
    after: Cursor | None = None,
    limit: int = 100,
    newest_first: bool = False,
) -> list[FamilyLesson]:
    """A page of lessons in the order in which they were told; `due_by`: pending ones whose last day is not later."""
    where = _visible(scope)
    where.equal("account_id", account_id)
    where.equal("contract_id", contract_id)
    where.equal("lesson_id", lesson_id)
    where.equal("state", state)
    if due_by is not None:
        where.also(sql.SQL("t.state = 'pending' AND t.deemed_on <= %(due_by)s"), due_by=due_by)
    where.after(after, ordinal=True, newest_first=newest_first)
    return await select(connection, TABLE, where, limit=limit, newest_first=newest_first, ordinal=True)
