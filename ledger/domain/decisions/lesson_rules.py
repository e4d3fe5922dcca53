"""Rules of the lesson itself: no academic training on barred days, no lesson that ends too late."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta, timezone

from ledger.domain.account import Contract, EscrowAccount
from ledger.domain.calendar import WorkingCalendar
from ledger.domain.commands import DeliverLesson
from ledger.domain.decisions.context import Context
from ledger.domain.errors import LedgerError
from ledger.domain.events import LessonFinding
from ledger.domain.policy import BarredDay, Policy

CHINA = timezone(timedelta(hours=8))
"""China has one time of day and no summer time."""
_DAY = timedelta(days=1)


def require_start(command: DeliverLesson) -> None:
    """The start belongs to the day that is told, or to the one before or after it where the clock is another.

    Raises `lesson_start_elsewhere`. Nothing may be worked out from an instant before that: at either end of the
    calendar its day in China does not exist.
    """
    if command.starts_at is None:
        return
    since = command.starts_at - datetime.combine(command.effective_on, time(), CHINA)
    if not -_DAY <= since < 2 * _DAY:
        raise LedgerError(
            "lesson_start_elsewhere",
            taught_on=command.effective_on.isoformat(),
            starts_at=command.starts_at.isoformat(),
        )


def check_lesson(
    account: EscrowAccount, command: DeliverLesson, contracts: Iterable[Contract], policy: Policy, context: Context
) -> tuple[LessonFinding, ...]:
    """What the lesson breaks where the pack says alert.

    Refuses, where the pack says so, `lesson_barred_day`, `lesson_ends_late`, `lesson_start_missing` (without its start
    nobody can tell when it ended).
    """
    findings: list[LessonFinding] = []
    academic = any(contract.category == "academic" for contract in contracts)
    if policy.lesson_barred_days and academic:
        findings += _barred(account, command, policy, context.calendar)
    if policy.lesson_latest_end is not None:
        findings += _late(command, policy)
    reported: list[LessonFinding] = []
    for finding in findings:
        enforcement = policy.enforces(finding.rule)
        if enforcement == "refuse":
            raise LedgerError(finding.code, **finding.figures)
        if enforcement == "alert":
            reported.append(finding)
    return tuple(reported)


def _barred(
    account: EscrowAccount, command: DeliverLesson, policy: Policy, calendar: WorkingCalendar
) -> Iterator[LessonFinding]:
    """The day that is told and the day of the start must both be free: neither is a way around the other."""
    days = {command.effective_on}
    if command.starts_at is not None:
        days.add(command.starts_at.astimezone(CHINA).date())
    for day in sorted(days):
        for kind in policy.lesson_barred_days:
            if _is(kind, day, calendar, account.district):
                figures: dict[str, int | str] = {"taught_on": day.isoformat(), "kind": kind}
                yield LessonFinding(rule="lesson.barred_days", code="lesson_barred_day", figures=figures)
                break


def _is(kind: BarredDay, day: date, calendar: WorkingCalendar, district: str) -> bool:
    match kind:
        case "weekend":
            return calendar.is_weekend(day)
        case "public_holiday":
            return calendar.is_public_holiday(day)
        case "school_holiday":
            return calendar.is_school_holiday(day, district)


def _late(command: DeliverLesson, policy: Policy) -> Iterator[LessonFinding]:
    limit = policy.lesson_latest_end
    assert limit is not None
    latest_end = limit.isoformat("minutes")
    if command.starts_at is None:
        figures: dict[str, int | str] = {"latest_end": latest_end}
        yield LessonFinding(rule="lesson.latest_end", code="lesson_start_missing", figures=figures)
        return
    starts_at = command.starts_at.astimezone(CHINA)
    ends_at = starts_at + timedelta(minutes=command.minutes)
    if ends_at.date() > starts_at.date() or ends_at.time() > limit:
        figures = {"ends_at": ends_at.isoformat(timespec="minutes"), "latest_end": latest_end}
        yield LessonFinding(rule="lesson.latest_end", code="lesson_ends_late", figures=figures)
