"""Running `escrow` in this process, on a database of the test's own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner

from ledger.cli.main import app


class Ended(NamedTuple):
    """How a command ended: its exit status and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


Escrow = Callable[..., Ended]


@pytest.fixture
def escrow(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Escrow:
    """Run `escrow` with these arguments on the migrated database, in an empty directory, in English."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ESCROW_DATABASE_URL", database_url)
    monkeypatch.setenv("ESCROW_DATA_DIR", str(tmp_path / "data"))
    for variable in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    runner = CliRunner()

    def run(*arguments: str) -> Ended:
        result = runner.invoke(app, list(arguments))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ended(result.exit_code, result.stdout, result.stderr)

    return run
