"""Orders by file from the command line: the message, the same again, the bank's report on it."""

from pathlib import Path

import psycopg
import pytest

from ledger.bank.pain001 import NAME
from ledger.bank.pain_schemas import namespace_of_pain, pain001_schema
from ledger.bank.xml_document import Node, parse
from tests.application.filled_store import fill
from tests.bank.files.pain import report
from tests.cli.conftest import Escrow

BANK = "ICBK"


@pytest.fixture
def waiting(database_url: str) -> int:
    """How many orders wait in a filled store."""
    fill(database_url)
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM escrow.events WHERE topic IN"
            " ('account.payout_instructed', 'account.refund_instructed', 'account.suspense_return_instructed')"
        ).fetchone()
        settled = connection.execute(
            "SELECT count(*) FROM escrow.events WHERE topic IN"
            " ('account.payout_settled', 'account.refund_paid', 'account.suspense_returned')"
        ).fetchone()
    assert row is not None
    assert settled is not None
    assert row[0] > settled[0]
    return row[0] - settled[0]


def test_a_message_is_written_once_and_given_again(escrow: Escrow, tmp_path: Path, waiting: int) -> None:
    first = escrow("export", "pain.001", "--bank", BANK, "--message-id", "PAY-1", "--json").json
    assert (first["message_id"], first["orders"], first["replayed"], first["file"]) == (
        "PAY-1",
        waiting,
        False,
        "PAY-1.xml",
    )
    data = (tmp_path / "PAY-1.xml").read_bytes()
    tree = parse(data)
    assert pain001_schema().fault(tree) is None
    root = Node(tree.getroot(), namespace_of_pain(NAME))
    assert root.text("CstmrCdtTrfInitn/GrpHdr/NbOfTxs") == str(waiting)
    said = ("--bank", BANK, "--message-id", "PAY-1")
    again = escrow("export", "pain.001", *said, "--out", "again.xml")
    assert (again.status, again.out.startswith("Message PAY-1: ")) == (0, True)
    assert (tmp_path / "again.xml").read_bytes() == data
    assert escrow("export", "csv", *said).status == 0
    assert (tmp_path / "PAY-1.csv").read_text().count("\n") == waiting + 1
    none = escrow("export", "pain.001", "--bank", BANK)
    assert (none.status, "No order waits" in none.err) == (1, True)
    assert escrow("verify").status == 0


def test_an_unnamed_message_gets_an_id_and_chinese_is_spoken(escrow: Escrow, tmp_path: Path, waiting: int) -> None:
    told = escrow("--lang", "zh", "export", "pain.001", "--bank", BANK)
    assert told.out.startswith("报文M")
    [file] = tmp_path.glob("M*.xml")
    assert len(file.stem) == 28
    assert waiting


def test_a_banks_report_is_taken_in_and_changes_nothing_the_second_time(
    escrow: Escrow, tmp_path: Path, waiting: int
) -> None:
    escrow("export", "pain.001", "--bank", BANK, "--message-id", "PAY-1")
    (tmp_path / "status.xml").write_bytes(report("PAY-1", status="RJCT", reason="DUPL", created="2026-03-03T10:00:00Z"))
    told = escrow("payment-status", "status.xml", "--bank", BANK, "--json")
    assert (told.status, told.json["counts"]) == (0, {"rejected": waiting})
    again = escrow("payment-status", "status.xml", "--bank", BANK)
    assert (again.status, again.out.splitlines()[-1]) == (0, f"Message PAY-1: repeated {waiting}.")
    (tmp_path / "wrong.xml").write_bytes(report("PAY-1", status="ACSC", created="2026-03-03T10:00:00Z"))
    wrong = escrow("payment-status", "wrong.xml", "--bank", BANK)
    assert wrong.status == 1
    assert "instruction_outcome_wrong" in wrong.out
    (tmp_path / "unknown.xml").write_bytes(report("PAY-9", status="ACSC"))
    unknown = escrow("payment-status", "unknown.xml", "--bank", BANK)
    assert (unknown.status, "PAY-9" in unknown.err) == (1, True)
