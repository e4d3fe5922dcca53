"""The State Council's tables 2021 to 2026, and what one's own directory adds."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from ledger.rulebook.calendars import TABLES, load_calendar
from ledger.rulebook.problems import RulebookError
from tests.rulebook.own_packs import kinds

CALENDAR = load_calendar()
WORKING_DAYS = {2021: 250, 2022: 249, 2023: 249, 2024: 251, 2025: 248, 2026: 248}
"""Days worked in each year, counted with the `holidays` and the `chinesecalendar` packages, which agree."""


def _days(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]


@pytest.mark.parametrize("year", WORKING_DAYS)
def test_working_days_of_a_year(year: int) -> None:
    assert sum(map(CALENDAR.is_working_day, _days(year))) == WORKING_DAYS[year]
    assert not any(map(CALENDAR.is_provisional, _days(year)))


@pytest.mark.parametrize(
    ("start", "count", "ends"),
    [
        (date(2025, 9, 30), 5, date(2025, 10, 14)),  # 9, 10, 11 (a Saturday made up), 13, 14
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # a Saturday made up before the Spring Festival
        (date(2026, 2, 14), 1, date(2026, 2, 24)),
        (date(2023, 1, 20), 2, date(2023, 1, 29)),  # Saturday and Sunday are both made up
        (date(2024, 12, 31), 15, date(2025, 1, 22)),
    ],
)
def test_periods_that_cross_holidays(start: date, count: int, ends: date) -> None:
    assert CALENDAR.add_working_days(start, count) == ends


def test_a_holiday_is_known_by_its_name() -> None:
    assert CALENDAR.names[date(2026, 9, 25)] == "中秋节"
    assert CALENDAR.is_public_holiday(date(2026, 10, 3))
    assert not CALENDAR.is_weekend(date(2026, 10, 3))
    assert CALENDAR.is_weekend(date(2026, 10, 11))


def test_a_year_without_a_table_counts_weekends_and_is_provisional() -> None:
    assert CALENDAR.is_working_day(date(2027, 1, 1))
    assert CALENDAR.is_provisional(date(2027, 1, 1))
    assert CALENDAR.is_provisional(date(2020, 12, 31))


def test_schools_are_closed_in_every_year_of_the_table() -> None:
    for year in WORKING_DAYS:
        assert CALENDAR.is_school_holiday(date(year, 7, 10), "330702")
        assert not CALENDAR.is_school_holiday(date(year, 7, 9), "330702")
        assert CALENDAR.is_school_holiday(date(year, 8, 31))
        assert not CALENDAR.is_school_holiday(date(year, 9, 1))


def _write(directory: Path, year: int, *lines: str) -> None:
    (directory / "calendar").mkdir(exist_ok=True)
    head = f"year: {year}\nsource: {{issuer: a, document: b, read: c}}\n"
    (directory / "calendar" / f"{year}.yaml").write_text(head + "\n".join(lines), encoding="utf-8")


def test_a_year_of_ones_own_is_added_and_changes_the_version(tmp_path: Path) -> None:
    _write(tmp_path, 2027, "closed:", "  - {name: 元旦, first_on: 2027-01-01, last_on: 2027-01-03}", "opened: []")
    calendar = load_calendar(tmp_path)
    assert calendar.years == CALENDAR.years | {2027}
    assert not calendar.is_working_day(date(2027, 1, 1))
    assert calendar.version != CALENDAR.version
    assert load_calendar().version == CALENDAR.version


def test_a_local_table_of_school_holidays_is_added(tmp_path: Path) -> None:
    (tmp_path / "calendar").mkdir()
    (tmp_path / "calendar" / "school-holidays.yaml").write_text(
        "source: {issuer: a, document: b, read: c}\nsure: V\nholidays:\n"
        '  - {division: "3307", first_on: 2026-07-01, last_on: 2026-08-30}\n',
        encoding="utf-8",
    )
    calendar = load_calendar(tmp_path)
    assert calendar.is_school_holiday(date(2026, 7, 1), "330702")
    assert not calendar.is_school_holiday(date(2026, 8, 31), "330702")
    assert calendar.is_school_holiday(date(2026, 8, 31), "310104")


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (["closed: [{name: a, first_on: 2027-01-01, last_on: 2027-01-03}]", "opened: [2027-01-03]"], "table_overlap"),
        (["closed: [{name: a, first_on: 2026-12-31, last_on: 2026-12-31}]", "opened: []"], "table_year_wrong"),
        (["closed: [{name: a, first_on: 2027-01-01}]", "opened: []"], "shape_wrong"),
        (["closed: []", "opened: [January]"], "shape_wrong"),
    ],
)
def test_a_wrong_table_is_an_error(tmp_path: Path, lines: list[str], kind: str) -> None:
    _write(tmp_path, 2027, *lines)
    with pytest.raises(RulebookError) as error:
        load_calendar(tmp_path)
    assert kinds(error.value.problems) == [kind]
    assert error.value.problems[0].file == "2027.yaml"


def test_the_tables_are_part_of_the_package() -> None:
    assert {path.name for path in TABLES.glob("*.yaml")} == {*(f"{year}.yaml" for year in WORKING_DAYS)} | {
        "school-holidays.yaml"
    }
