"""Quarters as inspections count them: every day is in exactly the one it is said to be in."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ledger.application.inspections import quarter_days, quarter_of, quarters_between


@given(day=st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_day_is_in_its_quarter_and_the_next_begins_the_day_after(day: date) -> None:
    first, last = quarter_days(quarter_of(day))
    assert first <= day <= last
    assert quarter_of(last + timedelta(days=1)) != quarter_of(last) == quarter_of(first)
    assert (quarters_between(first, last), quarters_between(first, last + timedelta(days=1))) == (0, 1)
