"""Bank files from the command line: recorded, repeated, tried, refused."""

from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest

from ledger.bank.csv_writing import write_csv
from ledger.bank.writing import Receipt, write_camt054
from tests.application.filled_store import fill
from tests.cli.conftest import Escrow

DAY = date(2026, 3, 3)
RECEIPTS = [
    Receipt(bank_reference=f"N{n}", account_no="6222-1", amount_fen=10_000 + n, booked_on=DAY, payer_account=f"62{n}")
    for n in range(3)
]


def _events(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM escrow.events").fetchone()
    assert row is not None
    return row[0]


@pytest.fixture
def file(tmp_path: Path, database_url: str) -> str:
    fill(database_url)
    content = write_camt054(RECEIPTS, message_id="M1", created_at=datetime(2026, 3, 3, 10, tzinfo=UTC))
    (tmp_path / "receipts.xml").write_bytes(content)
    return "receipts.xml"


def test_a_file_is_recorded_and_the_same_file_again_changes_nothing(
    escrow: Escrow, file: str, database_url: str
) -> None:
    first = escrow("import", file, "--bank", "ICBK", "--json")
    assert first.status == 0
    assert first.json["counts"] == {"recorded": 3}
    assert [(one["bank_reference"], one["to"]) for one in first.json["entries"]] == [
        ("N0", ["suspense"]),
        ("N1", ["suspense"]),
        ("N2", ["suspense"]),
    ]
    after = _events(database_url)
    again = escrow("import", file, "--bank", "ICBK")
    assert (again.status, again.out.splitlines()[-1]) == (0, "3 entries: repeated 3")
    assert _events(database_url) == after
    assert escrow("verify").status == 0


def test_a_dry_run_decides_and_records_nothing(escrow: Escrow, file: str, database_url: str) -> None:
    before = _events(database_url)
    tried = escrow("import", file, "--bank", "ICBK", "--dry-run", "--json").json
    assert (tried["dry_run"], tried["counts"]) == (True, {"would_record": 3})
    assert _events(database_url) == before


def test_refused_entries_are_named_and_the_others_recorded(escrow: Escrow, file: str, tmp_path: Path) -> None:
    stranger = Receipt(bank_reference="S1", account_no="9999", amount_fen=5, booked_on=DAY)
    (tmp_path / "mixed.csv").write_bytes(write_csv([RECEIPTS[0], stranger]))
    ended = escrow("import", "mixed.csv", "--bank", "ICBK")
    assert ended.status == 1
    assert "S1 5 refused account_not_found: There is no such account." in ended.out
    assert ended.out.splitlines()[-1] == "2 entries: recorded 1, refused 1"
    chinese = escrow("--lang", "zh", "import", "mixed.csv", "--bank", "ICBK").out
    assert "account_not_found: 账户不存在。" in chinese


def test_a_file_that_is_none_is_refused_whole(escrow: Escrow, tmp_path: Path) -> None:
    (tmp_path / "empty.xml").write_bytes(b"")
    ended = escrow("import", "empty.xml", "--bank", "ICBK", "--json")
    assert (ended.status, ended.json["error"]["code"]) == (1, "file_empty")
    assert escrow("import", "missing.xml", "--bank", "ICBK").status == 2
