"""An account that lost money, its packs, and readers of what is in them."""

import csv
from pathlib import Path
from typing import Any

import pytest
import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.application.law import Law, load_law
from ledger.settings import Settings
from tests.packs.estate import Steps, record

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture(scope="session")
def law() -> Law:
    return load_law(Settings())


@pytest.fixture
def estate(database_url: str) -> Steps:
    """The account of `tests.packs.estate`, not wound up."""
    return uvloop.run(record(database_url))


def rows(directory: Path, name: str) -> list[dict[str, Any]]:
    """A CSV of a pack; what looks like a number is one."""
    text = (directory / f"{name}.csv").read_text("utf-8-sig")
    found = csv.DictReader(text.splitlines(keepends=True))
    return [{key: int(value) if _is_number(key, value) else value for key, value in row.items()} for row in found]


def _is_number(column: str, value: str) -> bool:
    return bool(value) and (column.endswith("_fen") or column in ("version", "position", "package", "lessons"))


def contents(directory: Path) -> dict[str, bytes]:
    """Every file of a directory."""
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir())}
