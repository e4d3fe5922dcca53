"""Evolution of lessons: kept for a family's word, drawn, disputed, dropped, taken back, missed."""

from datetime import date

from ledger.domain.account import Contract, Draw, EscrowAccount, PackageState
from ledger.domain.events import (
    AbsenceRecorded,
    DisputeResolved,
    DrawLine,
    DrawReversed,
    LeaveRecorded,
    LessonDelivered,
    LessonDisputed,
    LessonDrawn,
    LessonWithdrawn,
    Term,
)
from ledger.domain.evolution.account import Handlers, earned_at_once
from ledger.domain.lesson_state import MissedLesson, PendingLesson

KEPT_RELEASE_DAYS = 40
"""Days of not yet payable draws kept apart before those that became payable are forgotten."""


def moved_on(contract: Contract, on: date) -> None:
    """Money of the contract moved on that day."""
    if contract.last_moved_on is None or contract.last_moved_on < on:
        contract.last_moved_on = on


def move_deemed(a: EscrowAccount, lesson_id: str, *, old_on: date, new_on: date, term: Term | None) -> None:
    """The last day to answer of a lesson's undisputed families that had until `old_on` is `new_on` now."""
    lessons = a.lessons_due[old_on.isoformat()]
    contracts = lessons.pop(lesson_id)
    if not lessons:
        del a.lessons_due[old_on.isoformat()]
    a.lessons_due.setdefault(new_on.isoformat(), {}).setdefault(lesson_id, []).extend(contracts)
    for contract_id in contracts:
        pending = a.contracts[contract_id].pending[lesson_id]
        pending.deemed_on, pending.term = new_on, term


def _take_lesson(package: PackageState, lesson: int) -> None:
    if package.reopened:
        package.reopened.remove(lesson)
    else:
        package.next_lesson = lesson + 1


def _give_lesson_back(package: PackageState, lesson: int) -> None:
    package.reopened.append(lesson)
    package.reopened.sort()


def _keep(contract: Contract, lesson_id: str, line: DrawLine, pending: PendingLesson) -> None:
    """Keep the lesson's number and value for it."""
    package = contract.packages[line.package - 1]
    _take_lesson(package, line.lesson)
    package.reserved_lessons += 1
    package.reserved_fen += line.amount_fen
    contract.pending[lesson_id] = pending


def _stop_clock(a: EscrowAccount, contract_id: str, lesson_id: str, pending: PendingLesson) -> None:
    """Silence draws the lesson no more."""
    if pending.deemed_on is None:
        return
    day = pending.deemed_on.isoformat()
    lessons = a.lessons_due[day]
    contracts = lessons[lesson_id]
    contracts.remove(contract_id)
    if not contracts:
        del lessons[lesson_id]
        if not lessons:
            del a.lessons_due[day]
    pending.deemed_on = pending.term = None


def _free(a: EscrowAccount, contract: Contract, lesson_id: str) -> PackageState | None:
    """End the wait of a pending lesson: its value is no longer kept. None when it was not pending."""
    pending = contract.pending.pop(lesson_id, None)
    if pending is None:
        return None
    _stop_clock(a, contract.contract_id, lesson_id, pending)
    package = contract.packages[pending.package - 1]
    package.reserved_lessons -= 1
    package.reserved_fen -= pending.amount_fen
    return package


def _drop(a: EscrowAccount, contract: Contract, lesson_id: str) -> None:
    """A pending lesson is not drawn: its number is the next lesson's again."""
    pending = contract.pending[lesson_id]
    package = _free(a, contract, lesson_id)
    assert package is not None
    _give_lesson_back(package, pending.lesson)


def _delivered(a: EscrowAccount, e: LessonDelivered) -> None:
    if e.makes_up:
        for contract_id in e.contracts:
            a.contracts[contract_id].missed[e.makes_up].made_up_by = e.lesson_id
    if e.deemed_on is None:
        return
    for line in e.lines:
        pending = PendingLesson(
            package=line.package,
            lesson=line.lesson,
            amount_fen=line.amount_fen,
            told_at=e.recorded_at,
            deemed_on=e.deemed_on,
            term=e.deemed_term,
            billed_fen=line.billed_fen,
        )
        _keep(a.contracts[line.contract_id], e.lesson_id, line, pending)
    due = a.lessons_due.setdefault(e.deemed_on.isoformat(), {})
    # Who was told later stands first: the lesson's clock is counted anew by the first family's term.
    due[e.lesson_id] = [*(line.contract_id for line in e.lines), *due.get(e.lesson_id, ())]


def _drawn(a: EscrowAccount, e: LessonDrawn) -> None:
    total = 0
    releasable_on = e.releasable_on if e.releasable_on > e.effective_on else None
    deemed = e.basis == "deemed"
    for line in e.lines:
        contract = a.contracts[line.contract_id]
        moved_on(contract, e.effective_on)
        package = _free(a, contract, e.lesson_id) if contract.pending else None
        if package is None:
            package = contract.packages[line.package - 1]
            _take_lesson(package, line.lesson)
        if contract.first_drawn_on is None:
            contract.first_drawn_on = e.effective_on
        package.drawn_lessons += 1
        package.drawn_fen += line.amount_fen
        package.billed_fen += line.billed_fen
        contract.prepaid_fen -= line.amount_fen
        contract.draws[e.lesson_id] = Draw(
            line.package, line.lesson, line.amount_fen, releasable_on, deemed, line.billed_fen
        )
        total += line.amount_fen
    if not total:
        return
    if releasable_on is None:
        earned_at_once(a, e.effective_on, total)
    else:
        day = releasable_on.isoformat()
        a.unreleased[day] = a.unreleased.get(day, 0) + total
        if len(a.unreleased) > KEPT_RELEASE_DAYS:
            today = e.recorded_at.date().isoformat()
            a.unreleased = {day: amount for day, amount in a.unreleased.items() if day > today}


def _reversed(a: EscrowAccount, e: DrawReversed) -> None:
    at_once_fen = e.from_earned_fen
    for line in e.lines:
        contract = a.contracts[line.contract_id]
        moved_on(contract, e.effective_on)
        package = contract.packages[line.package - 1]
        _give_lesson_back(package, line.lesson)
        package.drawn_lessons -= 1
        package.drawn_fen -= line.amount_fen
        package.billed_fen -= line.billed_fen
        contract.prepaid_fen += line.amount_fen
        draw = contract.draws.pop(e.lesson_id)
        if not contract.draws:
            contract.first_drawn_on = None
        if draw.releasable_on is not None:
            release(a, draw.releasable_on.isoformat(), draw.amount_fen)
            at_once_fen -= draw.amount_fen
    # Below zero where a draw that waited is an advance now: so much less of what is earned waits.
    if at_once_fen:
        earned_at_once(a, e.effective_on, -at_once_fen)


def release(a: EscrowAccount, day: str, amount_fen: int) -> None:
    """Take an amount out of what waits until that day; a day that passed may be forgotten, wholly or in part."""
    left_fen = a.unreleased.pop(day, 0) - amount_fen
    if left_fen > 0:
        a.unreleased[day] = left_fen


def _withdrawn(a: EscrowAccount, e: LessonWithdrawn) -> None:
    for line in e.lines:
        _drop(a, a.contracts[line.contract_id], e.lesson_id)


def _disputed(a: EscrowAccount, e: LessonDisputed) -> None:
    contract = a.contracts[e.line.contract_id]
    pending = contract.pending.get(e.lesson_id)
    if pending is not None:
        _stop_clock(a, contract.contract_id, e.lesson_id, pending)
        return
    # Silence had drawn it; the reversal just before gave the lesson's number back, which is kept for it again.
    pending = PendingLesson(
        package=e.line.package,
        lesson=e.line.lesson,
        amount_fen=e.line.amount_fen,
        told_at=e.recorded_at,
        deemed_on=None,
        billed_fen=e.line.billed_fen,
    )
    _keep(contract, e.lesson_id, e.line, pending)


def _resolved(a: EscrowAccount, e: DisputeResolved) -> None:
    if e.outcome == "dropped":
        contract = a.contracts[e.line.contract_id]
        _drop(a, contract, e.lesson_id)
        contract.missed[e.lesson_id] = MissedLesson(why="disputed", lesson_on=e.effective_on)


def _leave(a: EscrowAccount, e: LeaveRecorded) -> None:
    missed = MissedLesson(why="leave", lesson_on=e.lesson_on)
    contract = a.contracts[e.contract_id]
    contract.missed[e.lesson_id] = missed
    if e.ends_on is not None:
        contract.ends_on = e.ends_on


def _absence(a: EscrowAccount, e: AbsenceRecorded) -> None:
    for contract_id in e.contracts:
        missed = MissedLesson(why="teacher_absent" if e.absent == "teacher" else "pupil_absent", lesson_on=e.lesson_on)
        a.contracts[contract_id].missed[e.lesson_id] = missed


LESSONS: Handlers = {
    LessonDelivered: _delivered,
    LessonDrawn: _drawn,
    LessonWithdrawn: _withdrawn,
    DrawReversed: _reversed,
    LessonDisputed: _disputed,
    DisputeResolved: _resolved,
    LeaveRecorded: _leave,
    AbsenceRecorded: _absence,
}
