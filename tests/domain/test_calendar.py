"""Working days, weekends, public and school holidays."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.calendar import WEEKENDS_ONLY, SchoolHoliday, WorkingCalendar

NATIONAL_DAY = frozenset(date(2025, 10, day) for day in range(1, 9))
MADE_UP = frozenset({date(2025, 9, 28), date(2025, 10, 11)})
OCTOBER = WorkingCalendar(closed=NATIONAL_DAY, opened=MADE_UP, years=frozenset({2025}))

DAYS = st.dates(date(2025, 1, 1), date(2025, 12, 31))


@given(
    start=DAYS,
    days=st.integers(0, 400),
    closed=st.frozensets(DAYS, max_size=40),
    opened=st.frozensets(DAYS, max_size=40),
)
def test_a_period_ends_where_counting_day_by_day_ends(
    start: date, days: int, closed: frozenset[date], opened: frozenset[date]
) -> None:
    calendar = WorkingCalendar(closed=closed, opened=opened)
    day, left = start, days
    while left:
        day += timedelta(days=1)
        left -= calendar.is_working_day(day)
    assert calendar.add_working_days(start, days) == day


def test_working_days_pass_over_a_holiday_and_count_the_days_made_up() -> None:
    assert OCTOBER.add_working_days(date(2025, 9, 30), 1) == date(2025, 10, 9)
    assert OCTOBER.add_working_days(date(2025, 9, 30), 3) == date(2025, 10, 11)
    assert OCTOBER.add_working_days(date(2025, 9, 27), 1) == date(2025, 9, 28)
    assert WEEKENDS_ONLY.add_working_days(date(2025, 9, 30), 1) == date(2025, 10, 1)


def test_a_day_is_a_working_day_or_a_weekend_or_a_public_holiday() -> None:
    day = date(2025, 9, 1)
    while day < date(2025, 11, 1):
        kinds = [OCTOBER.is_working_day(day), OCTOBER.is_weekend(day), OCTOBER.is_public_holiday(day)]
        assert sum(kinds) == 1, day
        day += timedelta(days=1)
    assert OCTOBER.is_public_holiday(date(2025, 10, 4))  # a Saturday within the holiday
    assert OCTOBER.is_working_day(date(2025, 10, 11))  # a Saturday that is made up


def test_a_deadline_in_a_year_without_a_table_is_provisional() -> None:
    assert not OCTOBER.is_provisional(date(2025, 12, 31))
    assert OCTOBER.is_provisional(date(2026, 1, 1))


def test_the_most_local_school_holiday_of_a_year_decides() -> None:
    calendar = WorkingCalendar(
        school_holidays=(
            SchoolHoliday("", date(2025, 7, 10), date(2025, 8, 31)),
            SchoolHoliday("", date(2026, 7, 10), date(2026, 8, 31)),
            SchoolHoliday("3307", date(2025, 7, 1), date(2025, 8, 25)),
        )
    )
    assert calendar.is_school_holiday(date(2025, 7, 1), "330702")
    assert not calendar.is_school_holiday(date(2025, 8, 26), "330702")
    assert calendar.is_school_holiday(date(2025, 8, 26), "330106")
    assert not calendar.is_school_holiday(date(2025, 7, 9))
    assert calendar.is_school_holiday(date(2026, 8, 31), "330702")
    assert not calendar.is_school_holiday(date(2026, 9, 1), "330702")
