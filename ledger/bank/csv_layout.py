"""How one bank writes its CSV files, described in a small YAML or JSON map instead of code."""

import re
from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from ledger.bank.csv_columns import DEFAULT_COLUMNS, Column
from ledger.bank.findings import EntryProblem, FileRefused, file_refused

CsvEncoding = Literal["utf-8", "gb18030"]
AmountUnit = Literal["yuan", "fen"]

_DIRECTIVES = {"%Y": r"[0-9]{4}", "%m": r"[0-9]{2}", "%d": r"[0-9]{2}", "%H": r"[0-9]{2}", "%M": r"[0-9]{2}"}
_DIRECTIVES["%S"] = r"[0-9]{2}"
_NAMES = {"credit": ("credit", "crdt", "贷"), "debit": ("debit", "dbit", "借")}
_FLAGS = {"": False, "false": False, "否": False, "true": True, "是": True}
_COLUMNS = {column.field: column for column in DEFAULT_COLUMNS}


class Directions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of the direction column."""

    credit: tuple[str, ...] = _NAMES["credit"]
    debit: tuple[str, ...] = _NAMES["debit"]


class Layout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is where in a bank's CSV files.

    - `columns`: field -> the header it goes by, or several; the fields are those of `DEFAULT_COLUMNS`.
    - `constants`: field -> its value in every line, for what the file leaves out (`account_no`, `currency`).
    - `ignored`: headers to pass over; `*` passes over whatever is not named.
    - `skip_lines`: lines before the header. `delimiter`: one character.
    - `date_format`: of `%Y %m %d %H %M %S` and other characters, each once; the time of day is dropped.
    - `amount_unit`: yuan (at most two decimals count) or fen (integers), of every amount column but `amount_fen`.
    """

    name: str = "default"
    encoding: CsvEncoding = "utf-8"
    delimiter: Annotated[str, msgspec.Meta(min_length=1, max_length=1)] = ","
    skip_lines: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    date_format: str = "%Y-%m-%d"
    amount_unit: AmountUnit = "yuan"
    columns: dict[str, str | tuple[str, ...]] = {}
    constants: dict[str, str] = {}
    ignored: tuple[str, ...] = ()
    directions: Directions = Directions()

    def known(self) -> tuple[Column, ...]:
        """The columns with the headers of this layout; those of the default layout when it names none."""
        if not self.columns:
            return DEFAULT_COLUMNS
        return tuple(
            msgspec.structs.replace(column, headers=(name,) if isinstance(name, str) else name)
            for field, name in self.columns.items()
            for column in (_COLUMNS[field],)
        ) + tuple(column for column in DEFAULT_COLUMNS if column.required and column.field not in self.columns)

    def direction(self, cell: str) -> bool | None:
        """Whether the cell says credit; None when it says neither. An empty cell says credit."""
        word = cell.casefold()
        if not word or word in {name.casefold() for name in self.directions.credit}:
            return True
        return False if word in {name.casefold() for name in self.directions.debit} else None

    def read_day(self, cell: str, field: str) -> date:
        """The day in a cell. Raises `EntryProblem` `entry_date_unreadable`."""
        if _pattern(self.date_format).fullmatch(cell):
            try:
                return datetime.strptime(cell, self.date_format).date()
            except ValueError:
                pass
        raise EntryProblem("entry_date_unreadable", field, field=field)

    def write_day(self, day: date) -> str:
        """The day as a cell."""
        return datetime(day.year, day.month, day.day).strftime(self.date_format)


DEFAULT_LAYOUT = Layout()


def read_layout(data: bytes, *, name: str) -> Layout:
    """The layout that a YAML or JSON map describes. Raises `FileRefused` `file_layout_invalid`."""
    try:
        layout = msgspec.yaml.decode(data, type=Layout)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _invalid(name, " ".join(str(error).split())[:200]) from None
    unknown = sorted((set(layout.columns) | set(layout.constants)) - set(_COLUMNS))
    if unknown:
        raise _invalid(name, f"there is no field {unknown[0][:40]}")
    both = sorted(set(layout.columns) & set(layout.constants))
    if both:
        raise _invalid(name, f"{both[0]} is a column and a constant")
    if layout.delimiter in "\r\n\"'" or layout.delimiter.isalnum():
        raise _invalid(name, "this delimiter would be part of a cell")
    _require_days(layout, name)
    headers = [header.strip().casefold() for column in layout.known() for header in column.headers]
    twice = sorted({header for header in headers if headers.count(header) > 1})
    if twice or not all(headers):
        raise _invalid(name, f"the header {(twice or [''])[0][:40]!r} stands for two fields, or is empty")
    return msgspec.structs.replace(layout, name=name)


def _require_days(layout: Layout, name: str) -> None:
    found = re.findall(r"%.?", layout.date_format)
    if not {"%Y", "%m", "%d"} <= set(found) <= set(_DIRECTIVES) or len(set(found)) != len(found):
        raise _invalid(name, "date_format needs %Y, %m and %d once each, and may have %H, %M and %S")


def _invalid(name: str, sentence: str) -> FileRefused:
    return file_refused("file_layout_invalid", layout=name, sentence=sentence)


def _pattern(date_format: str) -> re.Pattern[str]:
    parts = re.split(r"(%[YmdHMS])", date_format)
    return re.compile("".join(_DIRECTIVES.get(part, re.escape(part)) for part in parts), re.ASCII)


def flag(cell: str) -> bool | None:
    """What a cell of yes or no says; None when it says neither. An empty cell says no."""
    return _FLAGS.get(cell.casefold())


FLAG_WORDS = ", ".join(filter(None, _FLAGS))
