"""The CSV layouts of banks that have one of their own: `bank-csv/BANK.yaml` in the data directory."""

import re
from pathlib import Path

from ledger.bank.csv_layout import DEFAULT_LAYOUT, Layout, read_layout

DIRECTORY = "bank-csv"
_BANK = re.compile(r"[A-Za-z0-9_-]{1,64}")


def layout_of(data_dir: Path, bank: str) -> Layout:
    """The bank's layout, or the default one. Raises `FileRefused` `file_layout_invalid`."""
    if not _BANK.fullmatch(bank):
        return DEFAULT_LAYOUT
    file = data_dir / DIRECTORY / f"{bank}.yaml"
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return DEFAULT_LAYOUT
    return read_layout(data, name=file.name)
