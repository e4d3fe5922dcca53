"""Files of 50,000 entries are read with no more memory than their references take."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.bank.entries import BankEntry
from ledger.bank.findings import FileRefused
from ledger.bank.reading import open_bank_file
from tests.bank.files.bad_csv import HEADER
from tests.bank.files.camt import SALT, details_xml, entry_xml, transaction_xml
from tests.bank.files.statement import balances_xml, statement_file, stmt_xml

COUNT = 50_000
GROWTH_KIB = 40 * 1024
"""A digest and a place for each of 50,000 references; the tree of the camt.053 file alone would be some 400 MiB."""


def statement_lines(count: int) -> Iterator[bytes]:
    """A camt.053 of so many receipts of a fen, one a line."""
    empty = statement_file(stmt_xml("ENTRIES", balances=balances_xml("0", f"{count // 100}.{count % 100:02d}")))
    before, after = empty.split(b"ENTRIES\n")
    yield before
    details = details_xml(
        transaction_xml(
            None,
            "0.01",
            payer="<Dbtr><Pty><Nm>张伟</Nm></Pty></Dbtr><DbtrAcct><Id><Othr><Id>6222000011112222</Id></Othr></Id></DbtrAcct>",
            remittance="<Ustrd>合同号：HT-2026-0001 spring term</Ustrd>",
            end_to_end_id="NOTPROVIDED",
        )
    )
    template = entry_xml("REFERENCE", "0.01", details=details).encode() + b"\n"
    for number in range(count):
        yield template.replace(b"REFERENCE", b"20260302%08d" % number)
    yield after


def csv_lines(count: int) -> Iterator[bytes]:
    yield HEADER.encode() + b"\n"
    for number in range(count):
        yield b"20260302%08d,6222000011112222,0.01,CNY,2026-03-02,,,spring term of the piano class\n" % number


def written(file: Path, lines: Iterator[bytes]) -> Path:
    with file.open("wb") as stream:
        stream.writelines(lines)
    return file


@pytest.mark.parametrize("lines", [statement_lines, csv_lines])
def test_fifty_thousand_entries_take_bounded_memory(tmp_path: Path, lines: Callable[[int], Iterator[bytes]]) -> None:
    small = written(tmp_path / "small", lines(100))
    large = written(tmp_path / "large", lines(COUNT))
    told = subprocess.run(
        [sys.executable, "-m", "tests.bank.peak_memory", str(small), str(large)],
        capture_output=True,
        text=True,
        check=True,
    )
    count, growth_kib = map(int, told.stdout.split())
    assert count == COUNT
    assert growth_kib < GROWTH_KIB


def test_entries_come_one_by_one(tmp_path: Path) -> None:
    with written(tmp_path / "file", statement_lines(5_000)).open("rb") as source:
        opened = open_bank_file(source, salt=SALT)
        items = opened.read()
        first = next(items)
        assert isinstance(first, BankEntry)
        assert first.bank_reference == "2026030200000000"
        assert sum(1 for _ in items) == 4_999
        # The same file can be read again from its beginning.
        assert next(opened.read()) == first


def test_nothing_is_given_out_of_a_file_that_ends_badly(tmp_path: Path) -> None:
    lines = list(statement_lines(5_000))
    with written(tmp_path / "file", iter(lines[:-1])).open("rb") as source, pytest.raises(FileRefused) as refused:
        open_bank_file(source, salt=SALT)
    assert (refused.value.code, refused.value.line) == ("file_not_xml", 5_008)


def test_a_break_of_the_schema_is_found_far_behind(tmp_path: Path) -> None:
    lines = list(statement_lines(5_000))
    lines[4_000] = lines[4_000].replace(b"0.01</Amt>", b"ten</Amt>", 1)
    with written(tmp_path / "file", iter(lines)).open("rb") as source, pytest.raises(FileRefused) as refused:
        open_bank_file(source, salt=SALT)
    assert {(one.code, one.line) for one in refused.value.findings} == {("file_schema_invalid", 4_007)}
