"""Bank files from the command line: recorded, repeated, tried, refused."""

from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest

from ledger.bank.csv_writing import write_csv
from ledger.bank.writing import Receipt, write_camt054
from tests.application.filled_store import fill
from tests.bank.files.camt import entry_xml
from tests.bank.files.statement import balances_xml, statement_file, stmt_xml
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


def _statement(*entries: str, closing: str) -> bytes:
    balances = balances_xml("0", closing, day=DAY.isoformat())
    return statement_file(stmt_xml(*entries, account="<Othr><Id>6222-1</Id></Othr>", balances=balances))


def _entry(reference: str, amount: str, **parts: str) -> str:
    return entry_xml(reference, amount, booked=f"<BookgDt><Dt>{DAY}</Dt></BookgDt>", valued="", **parts)


def test_a_statement_is_recorded_with_what_is_skipped_and_what_does_not_add_up(
    escrow: Escrow, database_url: str, tmp_path: Path
) -> None:
    fill(database_url)
    entries = (_entry("N1", "5.00"), _entry("N2", "1.00", direction="DBIT"), _entry("N3", "9.00", status="PDNG"))
    (tmp_path / "statement.xml").write_bytes(_statement(*entries, closing="4.50"))
    tried = escrow("import", "statement.xml", "--bank", "ICBK", "--dry-run")
    assert tried.status == 0
    assert tried.out.splitlines() == [
        "1 N1 500 would_record suspense",
        "2 N2 -100 would_record shortage",
        "3 - - skipped entry_pending: The entry is pending; only booked ones are accepted. (line 10)",
        "statement S1 6222-1 would_record: the closing balance differs by 50 fen from opening and entries",
        "3 entries: skipped 1, would_record 2",
    ]
    told = escrow("import", "statement.xml", "--bank", "ICBK", "--json").json
    assert (told["kind"], told["counts"]) == ("camt.053", {"recorded": 2, "skipped": 1})
    assert [(one["status"], one["difference_fen"]) for one in told["statements"]] == [("recorded", 50)]
    again = escrow("--lang", "zh", "import", "statement.xml", "--bank", "ICBK").out.splitlines()
    assert again[-2:] == [
        "对账单 S1 6222-1 repeated: 期末余额与期初余额及明细相差50分",
        "共3笔：repeated 2, skipped 1",
    ]


def test_a_statement_that_cannot_be_recorded_ends_with_status_1(
    escrow: Escrow, database_url: str, tmp_path: Path
) -> None:
    fill(database_url)
    data = _statement(_entry("N1", "5.00"), closing="5.00").replace(b"OPBD", b"OPAV")
    (tmp_path / "statement.xml").write_bytes(data)
    ended = escrow("import", "statement.xml", "--bank", "ICBK")
    assert ended.status == 1
    assert (
        "statement S1 6222-1 refused statement_balance_missing: The statement has no booked OPBD balance." in ended.out
    )
    assert "1 N1 500 recorded suspense" in ended.out


def test_a_bank_with_a_layout_of_its_own(escrow: Escrow, database_url: str, tmp_path: Path) -> None:
    fill(database_url)
    layout = "columns: {bank_reference: R, credit_amount: C, booked_on: D}\n"
    layout += "constants: {account_no: 6222-1, currency: CNY}\nencoding: gb18030\ndelimiter: ';'\n"
    (tmp_path / "map.yaml").write_text(layout)
    (tmp_path / "file.csv").write_bytes("R;C;D\n流水1;5.00;2026-03-03\n".encode("gb18030"))
    assert escrow("import", "file.csv", "--bank", "ICBK", "--json").json["error"]["code"] == "file_encoding_wrong"
    told = escrow("import", "file.csv", "--bank", "ICBK", "--layout", "map.yaml", "--json").json
    assert told["counts"] == {"recorded": 1}
    # Kept in the data directory under the bank's code, it needs no option.
    kept = tmp_path / "data" / "bank-csv"
    kept.mkdir(parents=True)
    (kept / "ICBK.yaml").write_text(layout)
    assert escrow("import", "file.csv", "--bank", "ICBK", "--json").json["counts"] == {"repeated": 1}
    (kept / "ICBK.yaml").write_text("colour: red")
    refused = escrow("import", "file.csv", "--bank", "ICBK", "--json")
    assert (refused.status, refused.json["error"]["code"]) == (1, "file_layout_invalid")


def test_an_export_gives_the_same_bytes_and_its_import_changes_nothing(
    escrow: Escrow, file: str, database_url: str, tmp_path: Path
) -> None:
    assert escrow("import", file, "--bank", "ICBK").status == 0
    before = _events(database_url)
    for name in ("one.csv", "two.csv"):
        assert escrow("export", "entries", "6222-1", "--bank", "ICBK", "--out", name).status == 0
    exported = (tmp_path / "one.csv").read_bytes()
    assert exported == (tmp_path / "two.csv").read_bytes()
    assert len(exported.splitlines()) == 1 + 2 + 3
    again = escrow("import", "one.csv", "--bank", "ICBK")
    assert again.out.splitlines()[-2:] == [
        "Everything was recorded before; nothing has changed.",
        "5 entries: repeated 5",
    ]
    assert _events(database_url) == before
    told = escrow("export", "entries", "6222-1", "--bank", "ICBK", "--out", "l.csv", "--from", "2026-03-03", "--json")
    assert told.json["bytes"] == len((tmp_path / "l.csv").read_bytes())
    assert escrow("export", "entries", "9", "--bank", "ICBK", "--out", "x.csv").status == 1
    turned = ("--from", "2026-03-04", "--to", "2026-03-03")
    assert escrow("export", "entries", "6222-1", "--bank", "ICBK", "--out", "x.csv", *turned).status == 2
