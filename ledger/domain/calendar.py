"""Working days of China: weekends, public holidays and make-up days, as data given from outside."""

from dataclasses import dataclass, field
from datetime import date, timedelta

_NO_DAYS: frozenset[date] = frozenset()


@dataclass(frozen=True)
class WorkingCalendar:
    """Holidays (`closed`) and make-up working days (`opened`) of the years that the State Council has published.

    A year without a table counts weekends only; `is_provisional` says so for a deadline that crosses into it.
    """

    closed: frozenset[date] = _NO_DAYS
    opened: frozenset[date] = _NO_DAYS
    years: frozenset[int] = field(default_factory=frozenset[int])

    def is_working_day(self, day: date) -> bool:
        """Whether offices and banks work on this day."""
        if day in self.opened:
            return True
        return day.weekday() < 5 and day not in self.closed

    def add_working_days(self, start: date, days: int) -> date:
        """The last day of a period of `days` working days that begins on the day after `start`."""
        day = start
        while days > 0:
            day += timedelta(days=1)
            if self.is_working_day(day):
                days -= 1
        return day

    def is_provisional(self, deadline: date) -> bool:
        """Whether the deadline lies in a year whose holidays are not published yet."""
        return deadline.year not in self.years


WEEKENDS_ONLY = WorkingCalendar()
"""A calendar of no published year."""
