"""The working-day calendar, read from one table a year (`calendar/YEAR.yaml`) and one of school holidays."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from ledger.domain.calendar import SchoolHoliday, WorkingCalendar
from ledger.rulebook.dated_value import digest_of
from ledger.rulebook.pack_file import Certainty, Source
from ledger.rulebook.problems import Problem, RulebookError, problem
from ledger.rulebook.yaml_document import Document, read_yaml

TABLES: Final = Path(str(files("ledger.rulebook"))) / "calendar"
SCHOOL_HOLIDAYS: Final = "school-holidays.yaml"
T = TypeVar("T")


class Holiday(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days off under one name (Chinese), first and last day included."""

    name: str
    first_on: date
    last_on: date


class YearTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the State Council published for a year: holidays, and the weekend days that are worked for them."""

    year: int
    source: Source
    closed: list[Holiday]
    opened: list[date]


class DivisionHoliday(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """School holidays of a division's districts (the beginning of their codes; empty: the whole country)."""

    division: str
    first_on: date
    last_on: date


class SchoolTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """School holidays with their source, and how sure we are."""

    source: Source
    sure: Certainty
    holidays: list[DivisionHoliday]


def load_calendar(own: Path | None = None, *, built_in: Path = TABLES) -> WorkingCalendar:
    """The calendar of all tables; a directory of one's own (its `calendar/`) adds years and replaces those it has too.

    Its version is the first 12 digits of a digest over the tables. Raises RulebookError for tables that are wrong.
    """
    tables: dict[int, YearTable] = {}
    schools: list[DivisionHoliday] = []
    for directory in [built_in] if own is None else [built_in, own / "calendar"]:
        tables |= _years(sorted(directory.glob("[0-9]*.yaml")))
        if (directory / SCHOOL_HOLIDAYS).exists():
            schools += _table(read_yaml(directory / SCHOOL_HOLIDAYS), SchoolTable).holidays
    names = {day: holiday.name for table in tables.values() for holiday in table.closed for day in _days(holiday)}
    return WorkingCalendar(
        closed=frozenset(names),
        opened=frozenset(day for table in tables.values() for day in table.opened),
        years=frozenset(tables),
        names=names,
        school_holidays=tuple(SchoolHoliday(one.division, one.first_on, one.last_on) for one in schools),
        version=digest_of([sorted(tables.items()), schools])[:12],
    )


def _years(paths: Iterable[Path]) -> Mapping[int, YearTable]:
    tables: dict[int, YearTable] = {}
    faults: list[Problem] = []
    for path in paths:
        table = _table(read_yaml(path), YearTable)
        tables[table.year] = table
        seen: set[date] = set()
        for day in [*(day for holiday in table.closed for day in _days(holiday)), *table.opened]:
            if day in seen:
                faults.append(problem("table_overlap", path.name, day=day))
            if day.year != table.year or path.stem != str(table.year):
                faults.append(problem("table_year_wrong", path.name, day=day, year=path.stem))
            seen.add(day)
    if faults:
        raise RulebookError(faults)
    return tables


def _table(document: Document, shape: type[T]) -> T:
    try:
        return msgspec.convert(document.data, shape)
    except msgspec.ValidationError as error:
        detail, _, where = str(error).partition(" - at `")
        where = where.rstrip("`")
        line = document.line(where)
        raise RulebookError([problem("shape_wrong", document.file, line=line, place=where, detail=detail)]) from error


def _days(holiday: Holiday) -> list[date]:
    count = (holiday.last_on - holiday.first_on).days + 1
    return [holiday.first_on + timedelta(days=index) for index in range(count)]
