"""Clocks: how the law's periods are counted, and which deadlines of an account are open.

A term counts days after its start: working days, or every day; days of a suspension are not counted. Counted with a
calendar that does not know a year it crosses, its deadline is provisional, until that year's table is there.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import msgspec

from ledger.domain.account import EscrowAccount, Refund
from ledger.domain.calendar import WorkingCalendar
from ledger.domain.errors import LedgerError
from ledger.domain.events import ClockName, Pause, Term, TermUnit


class OpenClock(NamedTuple):
    """A deadline that is not met yet. `subject_id`: the refund, the lesson, or empty for the account's top-up."""

    name: ClockName
    subject_id: str
    due_on: date
    term: Term | None
    contracts: tuple[str, ...] = ()


def counted(starts_on: date, count: int, unit: TermUnit, calendar: WorkingCalendar) -> tuple[date, Term]:
    """The last day of a new term, and the term."""
    return recounted(Term(starts_on=starts_on, count=count, unit=unit), calendar)


def recounted(term: Term, calendar: WorkingCalendar) -> tuple[date, Term]:
    """The last day of a term by this calendar, and the term as it is now known.

    It is the `count`-th counted day after the start; a term of no days ends on its first day that is not paused.
    """
    if term.unit == "working_days" and not term.pauses:
        last, left = calendar.add_working_days(term.starts_on, term.count), 0
    else:
        last, left = term.starts_on, term.count
    while left > 0 or _is_paused(term, last):
        last += timedelta(days=1)
        if not _is_paused(term, last) and (term.unit == "days" or calendar.is_working_day(last)):
            left -= 1
    provisional = term.unit == "working_days" and any(
        year not in calendar.years for year in range(term.starts_on.year, last.year + 1)
    )
    return last, msgspec.structs.replace(term, provisional=provisional)


def _is_paused(term: Term, day: date) -> bool:
    return any(pause.from_on <= day < pause.until_on for pause in term.pauses)


def paused(due_on: date, term: Term | None, pause: Pause, calendar: WorkingCalendar) -> tuple[date, Term | None]:
    """A deadline after a pause: the days of the pause are not counted. One that was past before it stays.

    A deadline recorded without its term moves by the calendar days of the pause.
    """
    if due_on < pause.from_on or pause.from_on >= pause.until_on:
        return due_on, term
    if term is None:
        return due_on + (pause.until_on - pause.from_on), None
    return recounted(msgspec.structs.replace(term, pauses=(*term.pauses, pause)), calendar)


def is_suspended(account: EscrowAccount, on: date) -> bool:
    """Whether the clocks of the account stand still on that day."""
    return account.suspended_on is not None and account.suspended_on <= on


def require_running(account: EscrowAccount, on: date) -> None:
    """Raises `account_suspended` when nothing may be paid out on that day."""
    if account.suspended_on is not None and is_suspended(account, on):
        raise LedgerError("account_suspended", since=account.suspended_on.isoformat())


def open_clocks(account: EscrowAccount) -> Iterator[OpenClock]:
    """Every open deadline: refunds by age, lessons, the top-up. Looks at what is open, not at all contracts."""
    for refund_id in sorted(account.unpaid_refunds):
        yield from refund_clocks(refund_id, account.refunds[refund_id])
    # Latest day first: a lesson with two days that both move on never meets its other day on the way.
    for day in sorted(account.lessons_due, reverse=True):
        for lesson_id, contracts in account.lessons_due[day].items():
            term = account.contracts[contracts[0]].pending[lesson_id].term
            yield OpenClock("lesson.deemed", lesson_id, date.fromisoformat(day), term, tuple(contracts))
    if account.top_up_due_on is not None:
        yield OpenClock("top_up", "", account.top_up_due_on, account.top_up_term)


def refund_clocks(refund_id: str, refund: Refund) -> Iterator[OpenClock]:
    """The steps of a refund that run and have a deadline: answer or decision, and the payment of what is agreed."""
    if refund.state == "requested" and refund.answer_due_on is not None:
        yield OpenClock("refund.answer", refund_id, refund.answer_due_on, refund.answer_term)
    if refund.state == "contested" and refund.decision_due_on is not None:
        yield OpenClock("refund.decision", refund_id, refund.decision_due_on, refund.decision_term)
    if refund.agreed_fen > refund.paid_fen and refund.pay_due_on is not None:
        yield OpenClock("refund.payment", refund_id, refund.pay_due_on, refund.pay_term)
