"""Days of China: weekends, public holidays, make-up working days and school holidays, as data given from outside."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

_NO_DAYS: frozenset[date] = frozenset()
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class SchoolHoliday:
    """Summer or winter holiday of the schools of a division, first and last day included.

    `division` is the beginning of the codes of its districts (GB/T 2260): empty is the whole country.
    """

    division: str
    first_on: date
    last_on: date


@dataclass(frozen=True)
class WorkingCalendar:
    """Holidays (`closed`) and make-up working days (`opened`) of the years that the State Council has published.

    A year without a table counts weekends only; `is_provisional` says so for a deadline that crosses into it. `names`
    are the holidays by day, in Chinese. `version` says which tables these are.
    """

    closed: frozenset[date] = _NO_DAYS
    opened: frozenset[date] = _NO_DAYS
    years: frozenset[int] = field(default_factory=frozenset[int])
    names: Mapping[date, str] = field(default_factory=dict[date, str])
    school_holidays: tuple[SchoolHoliday, ...] = ()
    version: str = ""

    def is_working_day(self, day: date) -> bool:
        """Whether offices and banks work on this day."""
        if day in self.opened:
            return True
        return day.weekday() < 5 and day not in self.closed

    def is_public_holiday(self, day: date) -> bool:
        """Whether the day is off by the State Council's notice, weekend days within a holiday included."""
        return day in self.closed

    def is_weekend(self, day: date) -> bool:
        """Whether the day is a Saturday or Sunday that is neither worked nor part of a public holiday."""
        return day.weekday() >= 5 and day not in self.opened and day not in self.closed

    def is_school_holiday(self, day: date, district: str = "") -> bool:
        """Whether schools of the district are closed for summer or winter.

        The most local table that says anything about the year decides.
        """
        tables = [
            holiday
            for holiday in self.school_holidays
            if district.startswith(holiday.division) and day.year in (holiday.first_on.year, holiday.last_on.year)
        ]
        most_local = max((len(holiday.division) for holiday in tables), default=0)
        return any(
            holiday.first_on <= day <= holiday.last_on for holiday in tables if len(holiday.division) == most_local
        )

    def add_working_days(self, start: date, days: int) -> date:
        """The last day of a period of `days` working days that begins on the day after `start`."""
        day = start
        while days >= 7:  # no week has more than seven working days, so whole weeks cannot go too far
            weeks = days // 7
            following = day + timedelta(weeks=weeks)
            days -= 5 * weeks + self._differing(following) - self._differing(day)
            day = following
        while days > 0:
            day += _DAY
            if self.is_working_day(day):
                days -= 1
        return day

    def is_provisional(self, deadline: date) -> bool:
        """Whether the deadline lies in a year whose holidays are not published yet."""
        return deadline.year not in self.years

    def _differing(self, day: date) -> int:
        """Working days until this day, less those that its weekdays alone would give."""
        more, less = self._exceptions
        return bisect_right(more, day) - bisect_right(less, day)

    @cached_property
    def _exceptions(self) -> tuple[list[date], list[date]]:
        """Worked weekend days, and weekdays off, in order."""
        more = sorted(day for day in self.opened if day.weekday() >= 5)
        less = sorted(day for day in self.closed - self.opened if day.weekday() < 5)
        return more, less


WEEKENDS_ONLY = WorkingCalendar()
"""A calendar of no published year."""
