"""Starts load processes, keeps what they said, and compares it with what the log holds."""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import psycopg

ROOT = Path(__file__).parents[2]


@dataclass
class Said:
    """What load processes said: reference -> account asked for, and reference -> place acknowledged."""

    asked: dict[str, UUID] = field(default_factory=dict[str, UUID])
    acknowledged: dict[str, tuple[int, int, int]] = field(default_factory=dict[str, tuple[int, int, int]])
    refused: dict[str, str] = field(default_factory=dict[str, str])

    def hear(self, output: str) -> None:
        for line in output.splitlines():
            match line.split():
                case ["ask", reference, account]:
                    self.asked[reference] = UUID(account)
                case ["ack", reference, partition, position, version]:
                    self.acknowledged[reference] = (int(partition), int(position), int(version))
                case ["no", reference, code]:
                    self.refused[reference] = code
                case _:
                    pass


def start(
    url: str, name: str, *, callers: int, commands: int, accounts: list[UUID], crash_point: str = ""
) -> "subprocess.Popen[str]":
    """A load process; with a crash point (`name:count`) it kills itself there."""
    arguments = [url, name, str(callers), str(commands), *(str(account) for account in accounts)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.storage.load_process", *arguments],
        cwd=ROOT,
        env={"PATH": "", "ESCROW_CRASH_POINT": crash_point},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def recorded(url: str) -> dict[str, list[tuple[int, int, int]]]:
    """Bank reference -> places of its events in the log."""
    found: dict[str, list[tuple[int, int, int]]] = {}
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT state::json ->> 'bank_reference', partition, position, version FROM escrow.events "
            "WHERE topic = 'account.fee_paid'"
        )
        for reference, partition, position, version in rows:
            found.setdefault(reference, []).append((partition, position, version))
    return found


def require_whole(url: str, said: Said) -> None:
    """Every acknowledged command once and where it was said to be, every other at most once, no gaps, keys complete."""
    found = recorded(url)
    for reference, place in said.acknowledged.items():
        assert found.get(reference) == [place], reference
    for reference, places in found.items():
        assert reference in said.asked
        assert len(places) == 1, reference
    with psycopg.connect(url) as connection:
        gaps = connection.execute(
            "SELECT h.partition FROM escrow.heads h LEFT JOIN escrow.events e USING (partition) GROUP BY h.partition, "
            "h.position HAVING count(e.position) <> h.position OR coalesce(max(e.position), 0) <> h.position"
        ).fetchall()
        assert gaps == []
        versions = connection.execute(
            "SELECT account_id FROM escrow.events GROUP BY account_id "
            "HAVING count(*) <> max(version) OR min(version) <> 1"
        ).fetchall()
        assert versions == []
        keys = connection.execute("SELECT count(*) FROM escrow.unique_keys WHERE kind = 'credit'").fetchone()
        assert keys == (len(found),)
