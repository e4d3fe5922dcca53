"""An import killed anywhere is gone on with by importing the same file again, to the same end and nothing twice."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.application.filled_store import FIRST, fill
from tests.bank.files.camt import entry_xml
from tests.bank.files.statement import balances_xml, statement_file, stmt_xml
from tests.cli.conftest import Escrow

COUNT = 2_100
BOOKED = "<BookgDt><Dt>2026-03-03</Dt></BookgDt>"
_FACTS = """
SELECT topic, state::jsonb - 'recorded_at' FROM escrow.events
WHERE account_id = %s AND topic LIKE 'account.%%' ORDER BY version
"""


def statement() -> bytes:
    """Receipts, charges, and what of the charges came back, each of a fen more than the one before."""
    entries: list[str] = []
    total = 0
    for number in range(1, COUNT + 1):
        credit = number % 5 != 0
        amount = f"{number // 100}.{number % 100:02d}"
        reversal = "<RvslInd>true</RvslInd>" if number % 7 == 0 and credit else ""
        direction = "CRDT" if credit else "DBIT"
        total += number if credit else -number
        entries.append(
            entry_xml(
                f"N{number}" if number % 3 else None,
                amount,
                direction=direction,
                booked=BOOKED,
                valued="",
                reversal=reversal,
            )
        )
    balances = balances_xml("0", f"{total // 100}.{total % 100:02d}", day="2026-03-03")
    return statement_file(stmt_xml(*entries, account="<Othr><Id>6222-1</Id></Othr>", balances=balances))


def facts(url: str) -> list[tuple[str, Any]]:
    with psycopg.connect(url) as connection:
        return connection.execute(_FACTS, [FIRST]).fetchall()


def import_in_process(url: str, directory: Path, *, crash_point: str = "") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "ESCROW_DATABASE_URL": url,
        "ESCROW_DATA_DIR": str(directory / "data"),
        "ESCROW_CRASH_POINT": crash_point,
    }
    return subprocess.run(
        [sys.executable, "-c", "from ledger.cli.main import run; run()", "import", "statement.xml", "--bank", "ICBK"],
        cwd=directory,
        env=environment | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "point",
    [
        "import.chunk:1",
        "import.chunk:2",
        "import.statement:1",
        "writer.decided:1",
        "writer.appended:4",
    ],
)
def test_an_interrupted_import_is_resumed_by_importing_again(
    escrow: Escrow, database_url: str, tmp_path: Path, point: str
) -> None:
    fill(database_url)
    (tmp_path / "statement.xml").write_bytes(statement())
    killed = import_in_process(database_url, tmp_path, crash_point=point)
    assert killed.returncode == -9, killed.stderr
    interrupted = facts(database_url)

    resumed = escrow("import", "statement.xml", "--bank", "ICBK", "--json").json
    ended = facts(database_url)
    assert ended[: len(interrupted)] == interrupted
    counts = resumed["counts"]
    assert sum(counts.values()) == COUNT
    assert set(counts) <= {"recorded", "repeated"}
    stories = ("E11", "E12")
    references = [state["bank_reference"] for _, state in ended if state.get("bank_reference", "E11") not in stories]
    assert len(set(references)) == len(references) == COUNT
    assert [topic for topic, _ in ended].count("account.bank_statement_recorded") == 3

    again = escrow("import", "statement.xml", "--bank", "ICBK", "--json").json
    assert again["counts"] == {"repeated": COUNT}
    assert facts(database_url) == ended
    assert escrow("verify").status == 0
