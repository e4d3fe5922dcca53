"""Reads a bank's file of either kind: tells camt.054 from CSV by its content, and hands it to the right reader."""

from pathlib import Path

from ledger.bank.camt054 import read_camt054
from ledger.bank.csv_columns import DEFAULT_COLUMNS, Column
from ledger.bank.csv_file import CsvEncoding, read_csv
from ledger.bank.entries import DEFAULT_LIMITS, BankFile, FileKind, Limits
from ledger.bank.findings import file_refused
from ledger.bank.intake import BYTE_ORDER_MARK, is_blank

_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"\0<", b"<\0")
_BINARY = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")


def detect(data: bytes, *, name: str = "") -> FileKind:
    """`camt.054` for whatever begins like XML, `csv` for other text; the name decides only for UTF-16.

    Whether the XML really is camt.054 is for its reader to say. Raises `FileRefused` `file_empty`, or
    `file_kind_unknown` for spreadsheets, archives, PDF and other bytes with NUL among the first thousand.
    """
    head = data[:1024].removeprefix(BYTE_ORDER_MARK).lstrip()
    if not head and is_blank(data):
        raise file_refused("file_empty")
    if head.startswith(b"<") or not head or (head.startswith(_UTF16) and name.lower().endswith(".xml")):
        return "camt.054"
    if head.startswith(_BINARY) or b"\0" in head:
        raise file_refused("file_kind_unknown")
    return "csv"


def read_bank_file(
    data: bytes,
    *,
    salt: bytes,
    name: str = "",
    schema_dir: Path | None = None,
    column_map: tuple[Column, ...] = DEFAULT_COLUMNS,
    encoding: CsvEncoding = "utf-8",
    limits: Limits = DEFAULT_LIMITS,
    credits_only: bool = True,
) -> BankFile:
    """Read a bank's file of the kind that `detect` finds.

    `column_map` and `encoding` are for CSV, `schema_dir` is for camt.054. Raises `FileRefused` as the readers do.
    """
    if detect(data, name=name) == "camt.054":
        return read_camt054(data, salt=salt, schema_dir=schema_dir, limits=limits, credits_only=credits_only)
    return read_csv(data, salt=salt, column_map=column_map, encoding=encoding, limits=limits, credits_only=credits_only)
