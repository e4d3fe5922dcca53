"""Tables as CSV and Parquet: the same rows in both, streamed to the disk, the same bytes each time."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, NamedTuple, Self, TextIO

import duckdb

ColumnType = Literal["text", "integer", "date", "instant", "boolean"]
Cell = str | int | None

BOM: Final = "\ufeff"
"""Spreadsheet programs on Chinese systems take a CSV without it for GB 18030."""
_TYPES: Final[dict[ColumnType, str]] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "date": "DATE",
    "instant": "TIMESTAMPTZ",
    "boolean": "BOOLEAN",
}
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "'")
_PARQUET: Final = """
COPY (SELECT {columns} FROM read_csv({source}, header = true, columns = {types}, delim = ',', quote = '"', escape = '"',
             nullstr = '', max_line_size = 67108864, parallel = false, auto_detect = false,
             force_not_null = {texts}))
  TO {target} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000)
"""


class Column(NamedTuple):
    """One column; amounts are integers in fen, dates `YYYY-MM-DD`, instants RFC 3339 in UTC, booleans true or false."""

    name: str
    type: ColumnType = "text"


class TableFile:
    """A table that is being written to `<directory>/<name>.csv`; a context manager. Rows have a cell for each column.

    An empty cell is an empty text, or nothing in a column of another type. Text that a spreadsheet would take for a
    formula gets an apostrophe in front.
    """

    def __init__(self, directory: Path, name: str, columns: Sequence[Column]) -> None:
        self.path = directory / f"{name}.csv"
        self.columns = tuple(columns)
        self.rows = 0
        self._texts = [index for index, column in enumerate(columns) if column.type == "text"]
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        self._file = self.path.open("w", encoding="utf-8", newline="")
        self._file.write(BOM)
        self._writer = csv.writer(self._file, lineterminator="\r\n")
        self._writer.writerow([column.name for column in self.columns])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._file is not None
        self._file.close()

    def write(self, row: Sequence[Cell]) -> None:
        """Append one row."""
        cells = list(row)
        for index in self._texts:
            text = cells[index]
            if isinstance(text, str) and text.startswith(_FORMULA):
                cells[index] = f"'{text}"
        self._writer.writerow(cells)
        self.rows += 1


def write_table(directory: Path, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> TableFile:
    """A whole table as CSV."""
    with TableFile(directory, name, columns) as table:
        for row in rows:
            table.write(row)
    return table


def write_parquet(table: TableFile) -> Path:
    """The finished table as Parquet beside its CSV, typed; texts are as they were given. The path of the new file.

    One thread keeps the order of rows, and so the bytes. Apostrophes before formulas are of the CSV only.
    """
    target = table.path.with_suffix(".parquet")
    columns = ", ".join(
        _without_apostrophe(column.name) if column.type == "text" else _quoted(column.name) for column in table.columns
    )
    types = ", ".join(f"{_text(column.name)}: {_text(_TYPES[column.type])}" for column in table.columns)
    texts = ", ".join(_text(column.name) for column in table.columns if column.type == "text")
    with duckdb.connect(config={"threads": 1, "preserve_insertion_order": True}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(
            _PARQUET.format(
                columns=columns,
                source=_text(str(table.path)),
                types="{" + types + "}",
                texts=f"[{texts}]",
                target=_text(str(target)),
            )
        )
    return target


def _without_apostrophe(name: str) -> str:
    column = _quoted(name)
    return f"CASE WHEN starts_with({column}, '''') THEN substr({column}, 2) ELSE {column} END AS {column}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
