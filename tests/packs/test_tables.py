"""Tables: the same rows in CSV and Parquet, typed, safe in a spreadsheet, the same bytes each time."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ledger.packs.tables import BOM, Column, write_parquet, write_table

COLUMNS = (
    Column("text"),
    Column("fen", "integer"),
    Column("on", "date"),
    Column("at", "instant"),
    Column("yes", "boolean"),
)
ROWS: list[tuple[Any, ...]] = [
    ('㛃𠮷 "quoted", and\nbroken', 2**53 - 1, "2026-09-01", "2026-09-01T01:02:03.123456+00:00", "true"),
    ("", None, None, None, None),
    ("-1", -1, "2026-09-01", "2026-09-01T01:02:03+00:00", "false"),
]


def parquet_rows(path: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute("SELECT * FROM read_parquet($1)", [str(path)]).fetchall()


def csv_rows(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text("utf-8-sig").splitlines(keepends=True)))


def test_parquet_has_the_rows_as_they_were_given(tmp_path: Path) -> None:
    found = parquet_rows(write_parquet(write_table(tmp_path, "t", COLUMNS, ROWS)))
    assert [row[:2] for row in found] == [row[:2] for row in ROWS]
    instants = [row[3] for row in found]
    assert instants[0].astimezone(UTC) == datetime(2026, 9, 1, 1, 2, 3, 123456, tzinfo=UTC)
    assert [row[2] for row in found] == [date(2026, 9, 1), None, date(2026, 9, 1)]
    assert [row[4] for row in found] == [True, None, False]


def test_csv_opens_in_a_spreadsheet_as_text(tmp_path: Path) -> None:
    table = write_table(tmp_path, "t", COLUMNS, ROWS)
    assert table.path.read_bytes().startswith(BOM.encode())
    head, first, empty, minus = csv_rows(table.path)
    assert head == ["text", "fen", "on", "at", "yes"]
    assert (first[0], empty, table.rows) == (ROWS[0][0], [""] * 5, 3)
    assert (minus[0], minus[1]) == ("'-1", "-1")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "'=1", "''"])
def test_formulas_are_quoted_in_csv_and_whole_in_parquet(tmp_path: Path, text: str) -> None:
    table = write_table(tmp_path, "t", (Column("text"),), [(text,)])
    assert csv_rows(table.path)[1] == [f"'{text}"]
    assert parquet_rows(write_parquet(table)) == [(text,)]


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    rows = [(f"row {number}", number, None, None, None) for number in range(5_000)]
    made: list[bytes] = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        table = write_table(tmp_path / name, "t", COLUMNS, rows)
        made.append(table.path.read_bytes() + write_parquet(table).read_bytes())
    assert made[0] == made[1]
    assert [row[1] for row in parquet_rows(tmp_path / "two" / "t.parquet")] == list(range(5_000))


def test_an_empty_table_has_its_columns(tmp_path: Path) -> None:
    path = write_parquet(write_table(tmp_path, "t", COLUMNS, []))
    assert parquet_rows(path) == []
    with duckdb.connect() as connection:
        described = connection.execute("DESCRIBE SELECT * FROM read_parquet($1)", [str(path)]).fetchall()
    assert [row[1] for row in described] == ["VARCHAR", "BIGINT", "DATE", "TIMESTAMP WITH TIME ZONE", "BOOLEAN"]
