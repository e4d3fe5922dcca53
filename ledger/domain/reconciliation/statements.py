"""Statement by statement and day by day: continuity, arithmetic, gaps, and the closing balance against our cash."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby, pairwise
from typing import NamedTuple

from ledger.domain.calendar import WorkingCalendar
from ledger.domain.events import BreakKind
from ledger.domain.reconciliation.books import AccountBooks, Entry, Statement
from ledger.domain.reconciliation.findings import DayFigures, Difference

_DAY = timedelta(days=1)


class BankDay(NamedTuple):
    """The bank's last closing balance of a day (fen), with the statements that end on it, if it comes from those."""

    day: date
    statement_id: str
    closing_fen: int
    statements: tuple[Statement, ...] = ()


def bank_days(books: AccountBooks, through: date) -> list[BankDay]:
    """Every day with a closing balance, in order. A whole statement goes before a balance reported by itself."""
    found = {one.day: BankDay(one.day, one.statement_id, one.balance_fen) for one in books.reported}
    usable = [one for one in books.statements if one.complete and not one.repeats]
    for day, group in groupby(usable, key=lambda one: one.to_on):
        of_day = tuple(group)
        found[day] = BankDay(day, of_day[-1].statement_id, of_day[-1].closing_fen, of_day)
    return [found[day] for day in sorted(found) if day <= through]


def day_figures(books: AccountBooks, days: list[BankDay]) -> Iterator[DayFigures]:
    """Both sides of each day after the baseline."""
    for one in days:
        if one.day == books.baseline_on:
            continue
        totals = books.at_end_of(one.day)
        yield DayFigures(
            day=one.day,
            statement_id=one.statement_id,
            bank_fen=one.closing_fen,
            cash_fen=totals.cash_fen,
            assets_fen=totals.assets_fen,
            liabilities_fen=totals.liabilities_fen,
            recorded=books.recorded.get(one.day),
        )


def statement_differences(
    books: AccountBooks, days: list[BankDay], through: date, calendar: WorkingCalendar
) -> Iterator[Difference]:
    """What is wrong with statements and days through `through`."""
    statements = [one for one in books.statements if one.to_on <= through]
    for one in statements:
        yield from _alone(one)
    usable = [one for one in statements if one.complete and not one.repeats]
    if usable and usable[0].from_on == books.first_on:
        yield from _continues(usable[0], expected_fen=books.cash_before(usable[0].from_on))
    for before, after in pairwise(usable):
        moved_fen = 0
        if before.to_on < after.from_on - _DAY:
            moved_fen = books.cash_fen(after.from_on - _DAY) - books.cash_fen(before.to_on)
        yield from _continues(after, expected_fen=before.closing_fen + moved_fen)
    yield from _missing(books, statements, through, calendar)
    yield from _closings(books, days)
    reported = {one.day: one for one in books.reported}
    for one in days:
        if one.closing_fen < 0:
            yield _of_day(one, "negative_balance")
        other = reported.get(one.day)
        if one.statements and other is not None and other.balance_fen != one.closing_fen:
            yield Difference(
                kind="reported_balance_differs",
                subject=one.day.isoformat(),
                since_on=one.day,
                bank_fen=other.balance_fen,
                ledger_fen=one.closing_fen,
            )


def _alone(one: Statement) -> Iterator[Difference]:
    if not one.complete:
        yield Difference(kind="statement_incomplete", subject=one.statement_id, since_on=one.to_on)
    elif one.repeats:
        yield Difference(kind="statement_repeated", subject=one.statement_id, since_on=one.to_on)
    else:
        added_fen = one.opening_fen + one.entries_fen
        yield from _unequal("statement_arithmetic", one.statement_id, one.to_on, one.closing_fen, added_fen)


def _continues(one: Statement, *, expected_fen: int) -> Iterator[Difference]:
    yield from _unequal("opening_differs", one.statement_id, one.from_on, one.opening_fen, expected_fen)


def _unequal(kind: BreakKind, subject: str, since_on: date, bank_fen: int, ledger_fen: int) -> Iterator[Difference]:
    if bank_fen != ledger_fen:
        yield Difference(
            kind=kind,
            subject=subject,
            since_on=since_on,
            difference_fen=bank_fen - ledger_fen,
            bank_fen=bank_fen,
            ledger_fen=ledger_fen,
            short_fen=max(0, ledger_fen - bank_fen),
        )


def _missing(
    books: AccountBooks, statements: list[Statement], through: date, calendar: WorkingCalendar
) -> Iterator[Difference]:
    """One difference for each run of days without a statement.

    A day needs one if banks work on it, or cash moved on it. It is there by the end of the next working day.
    """
    if books.first_on is None:
        return
    covered = {one.day for one in books.reported}
    for one in statements:
        covered.update(_days(one.from_on, one.to_on))
    moved = {one.day for one in books.totals if one.cash_moved}
    last = through
    while not calendar.is_working_day(last):
        last -= _DAY
    running = False
    for day in _days(max(books.first_on, books.from_on), last - _DAY):
        if day in covered:
            running = False
        elif not running and (day in moved or calendar.is_working_day(day)):
            running = True
            yield Difference(kind="statement_missing", subject=day.isoformat(), since_on=day)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + days * _DAY for days in range((last - first).days + 1))


def _closings(books: AccountBooks, days: list[BankDay]) -> Iterator[Difference]:
    """What of a day's difference no entry, opening or sum explains.

    Of statements: their agreeing entries less the ledger's. Of a balance alone: how much more it differs than the one
    before it; the first balance of all is compared with our cash.
    """
    open_entries = [one for one in books.entries if not one.agrees]
    before: BankDay | None = None
    for one in days:
        if one.day != books.baseline_on:
            if one.statements:
                rest_fen = _rest_of_statements(books, one, open_entries)
            else:
                rest_fen = one.closing_fen - books.cash_fen(one.day)
                if rest_fen and before is not None:
                    rest_fen -= _carried_fen(books, before)
            if rest_fen:
                yield _of_day(one, "closing_differs", rest_fen=rest_fen, ledger_fen=books.cash_fen(one.day))
        before = one


def _carried_fen(books: AccountBooks, before: BankDay) -> int:
    """By how much the balance before differed. Of the baseline that is what was recorded when it was compared: what was
    booked since for a day before it is no difference that anybody has seen."""
    known = books.recorded.get(before.day) if before.day == books.baseline_on else None
    return before.closing_fen - (books.cash_fen(before.day) if known is None else known.cash_fen)


def _rest_of_statements(books: AccountBooks, one: BankDay, open_entries: list[Entry]) -> int:
    first = min(statement.from_on for statement in one.statements)
    ids = {statement.statement_id for statement in one.statements}
    listed_fen = sum(statement.entries_fen for statement in one.statements)
    open_at_bank_fen = sum(entry.bank_fen or 0 for entry in open_entries if entry.statement_id in ids)
    open_here_fen = sum(
        entry.ledger_fen or 0
        for entry in open_entries
        if entry.ledger_on is not None and first <= entry.ledger_on <= one.day
    )
    moved_fen = books.cash_fen(one.day) - books.cash_before(first)
    return (listed_fen - open_at_bank_fen) - (moved_fen - open_here_fen)


def _of_day(one: BankDay, kind: BreakKind, *, rest_fen: int = 0, ledger_fen: int | None = None) -> Difference:
    return Difference(
        kind=kind,
        subject=one.day.isoformat(),
        since_on=one.day,
        difference_fen=rest_fen,
        bank_fen=one.closing_fen,
        ledger_fen=ledger_fen,
        short_fen=max(0, -rest_fen),
    )
