"""`escrow import` of 50,000 entries needs hardly more memory than of a hundred."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.bank.test_streaming import COUNT, csv_lines, statement_lines, written

GROWTH_KIB = 64 * 1024
# The account is unknown, so that what is measured is the import and not 50,000 receipts in an account's memory.
_IMPORT = """
import atexit, resource, sys
atexit.register(lambda: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr))
from ledger.cli.main import run
run()
"""


def peak_kib(file: Path, database_url: str) -> int:
    ended = subprocess.run(
        [sys.executable, "-c", _IMPORT, "import", str(file), "--bank", "ICBK"],
        env=os.environ
        | {
            "ESCROW_DATABASE_URL": database_url,
            "ESCROW_DATA_DIR": str(file.parent / "data"),
            "PYTHONPATH": str(Path(__file__).parents[2]),
        },
        cwd=file.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1, ended.stderr
    assert "account_not_found" in ended.stdout
    return int(ended.stderr.split()[-1])


@pytest.mark.parametrize("lines", [statement_lines, csv_lines])
def test_importing_fifty_thousand_entries_takes_bounded_memory(
    database_url: str, tmp_path: Path, lines: Callable[[int], Iterator[bytes]]
) -> None:
    small = peak_kib(written(tmp_path / "small", lines(100)), database_url)
    large = peak_kib(written(tmp_path / "large", lines(COUNT)), database_url)
    assert large - small < GROWTH_KIB
