"""Opens a bank's file of either kind: tells camt from CSV by its content, and hands it to the right reader."""

from pathlib import Path

from ledger.bank.camt import open_camt
from ledger.bank.content import BYTE_ORDER_MARK, Content, Source
from ledger.bank.csv_file import open_csv
from ledger.bank.csv_layout import DEFAULT_LAYOUT, Layout
from ledger.bank.entries import DEFAULT_LIMITS, BankFile, Limits, OpenedFile
from ledger.bank.findings import file_refused

_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"\0<", b"<\0")
_BINARY = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")


def is_xml(head: bytes, *, name: str = "") -> bool:
    """Whether a file that begins so is XML; blank means yes, and the name decides only for UTF-16.

    Whether the XML really is a camt message is for its reader to say. Raises `FileRefused` `file_kind_unknown` for
    spreadsheets, archives, PDF and other bytes with NUL.
    """
    text = head.removeprefix(BYTE_ORDER_MARK).lstrip()
    if text.startswith(b"<") or not text or (text.startswith(_UTF16) and name.lower().endswith(".xml")):
        return True
    if text.startswith(_BINARY) or b"\0" in text:
        raise file_refused("file_kind_unknown")
    return False


def open_bank_file(
    source: Source,
    *,
    salt: bytes,
    name: str = "",
    schema_dir: Path | None = None,
    layout: Layout = DEFAULT_LAYOUT,
    limits: Limits = DEFAULT_LIMITS,
    credits_only: bool = False,
) -> OpenedFile:
    """Check a bank's file, camt or CSV; its entries are read when asked for, with the source still open.

    `layout` is for CSV, `schema_dir` is for camt. Raises `FileRefused` as the readers do.
    """
    content = Content(source, limits)
    if is_xml(content.head, name=name):
        return open_camt(content, salt=salt, schema_dir=schema_dir, limits=limits, credits_only=credits_only)
    return open_csv(content, salt=salt, layout=layout, limits=limits, credits_only=credits_only)


def read_bank_file(
    source: Source,
    *,
    salt: bytes,
    name: str = "",
    layout: Layout = DEFAULT_LAYOUT,
    limits: Limits = DEFAULT_LIMITS,
    credits_only: bool = True,
) -> BankFile:
    """Open and read a whole file of modest size. Raises `FileRefused` as `open_bank_file`."""
    return open_bank_file(
        source, salt=salt, name=name, layout=layout, limits=limits, credits_only=credits_only
    ).collect()
