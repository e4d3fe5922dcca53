"""Exactly what a table shows, as a file: CSV, XLSX or Parquet. Nothing in a cell can become a formula."""

import asyncio
import csv
import io
import tempfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args

import duckdb
import msgspec
import xlsxwriter
from starlette.responses import Response

from ledger.application.ledger import CHINA

Format = Literal["csv", "xlsx", "parquet"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
EXPORTED: Final = 20_000
"""So many rows a file has at most."""
_MEDIA: Final[dict[Format, str]] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_TYPES: Final[dict[type, str]] = {int: "BIGINT", bool: "BOOLEAN", date: "DATE", datetime: "TIMESTAMPTZ"}

Cell = str | int | bool | date | datetime | None


def cells_of(columns: Sequence[str], rows: Sequence[Any], **found: Callable[[Any], Cell]) -> list[tuple[Cell, ...]]:
    """These fields of the rows; a column that is no field is `found` for each row."""
    cell_in = [found.get(column, attrgetter(column)) for column in columns]
    return [tuple(cell(row) for cell in cell_in) for row in rows]


def exported(name: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]], form: Format) -> Response:
    """The table as a file to keep. Amounts stay integers of fen, by the columns' names."""
    content = {"csv": _csv, "xlsx": _xlsx, "parquet": _parquet}[form](columns, rows)
    headers = {"content-disposition": f'attachment; filename="{name}.{form}"'}
    return Response(content, media_type=_MEDIA[form], headers=headers)


async def taken_along(name: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]], form: Format) -> Response:
    """The same, made beside the event loop: a long table takes seconds."""
    return await asyncio.to_thread(exported, name, columns, rows, form)


def _csv(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + file.getvalue().encode()  # by the mark spreadsheets know that it is UTF-8


def _harmless(cell: Cell) -> Cell:
    """A text that a spreadsheet would take for a formula, as a text; an instant as the pages' clock shows it."""
    if isinstance(cell, datetime):
        return in_china(cell)
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def in_china(at: datetime) -> str:
    """An instant with China's offset: `2026-09-01T09:00:00+08:00`."""
    return at.astimezone(CHINA).isoformat()


def _xlsx(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    with cast(Any, xlsxwriter.Workbook(file, options)) as book:
        book.set_properties({"created": datetime(2000, 1, 1)})  # the same table is the same file
        sheet = book.add_worksheet()
        days = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, columns, book.add_format({"bold": True}))
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                match cell:
                    case None:
                        continue
                    case str():
                        sheet.write_string(number, column, cell)
                    case datetime():
                        sheet.write_string(number, column, in_china(cell))
                    case date():
                        sheet.write_datetime(number, column, datetime(cell.year, cell.month, cell.day), days)
                    case _:
                        sheet.write(number, column, cell)
    return file.getvalue()


def _parquet(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    kinds = [_type_of([row[column] for row in rows]) for column in range(len(columns))]
    told = ", ".join(f"'{name}': '{kind}'" for name, kind in zip(columns, kinds, strict=True))
    with tempfile.TemporaryDirectory() as directory, duckdb.connect() as connection:
        given, path = Path(directory) / "rows.json", Path(directory) / "table.parquet"
        encoder = msgspec.json.Encoder()
        given.write_bytes(encoder.encode_lines(dict(zip(columns, row, strict=True)) for row in rows))
        source = f"read_json('{given}', columns = {{{told}}}, format = 'newline_delimited')"
        connection.execute(f"COPY (SELECT * FROM {source}) TO '{path}' (FORMAT parquet)")
        return path.read_bytes()


def _type_of(cells: Sequence[Cell]) -> str:
    first = next((cell for cell in cells if cell is not None), "")
    return _TYPES.get(type(first), "VARCHAR")
