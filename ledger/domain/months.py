"""Calendar months: a day so many months on, and how many months a span begins."""

from calendar import monthrange
from datetime import date


def add_months(day: date, months: int) -> date:
    """The same day of another month, or that month's last day where it has no such day: 31 January + 1 is 28 February.

    The calendar's own ends stand for what lies beyond them.
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if year < date.min.year:
        return date.min
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_spanned(first: date, last: date) -> int:
    """The months that a span begins, both days included: 1 March to 31 May are 3, one day more are 4."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return months + 1 if last >= add_months(first, months) else months
