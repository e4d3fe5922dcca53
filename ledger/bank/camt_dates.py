"""Dates of camt.053 and camt.054 files as days at the bank, which are days in China."""

from datetime import date, datetime, timedelta, timezone

from ledger.bank.findings import EntryProblem
from ledger.bank.xml_document import Node

CHINA = timezone(timedelta(hours=8), "CST")
"""China's time since 1991: no summer time, so a fixed offset is exact."""


def instant(text: str) -> datetime:
    """An aware instant of an ISO 20022 date and time; without an offset the bank means China's time.

    Raises `ValueError` for a text that Python's calendar cannot hold.
    """
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=CHINA)


def day(entry: Node, name: str) -> date | None:
    """The day in China of `BookgDt` or `ValDt`, given as a date or as a date and time; None when it is not given.

    Raises `EntryProblem` `entry_date_unreadable`.
    """
    try:
        return day_of(entry.text(f"{name}/Dt"), entry.text(f"{name}/DtTm"))
    except ValueError:
        raise EntryProblem("entry_date_unreadable", name, field=name) from None


def day_of(on: str | None, at: str | None) -> date | None:
    """The day in China of a date, else of a date and time; None of neither. Raises `ValueError`."""
    try:
        if on is not None:
            # A schema date may carry an offset (2026-03-01+08:00); the day is the day as written.
            return date.fromisoformat(on[:10])
        return None if at is None else instant(at).astimezone(CHINA).date()
    except OverflowError as error:
        raise ValueError(str(error)) from None
