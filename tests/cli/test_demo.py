"""The demonstration as a process, with a tiny city: what it prints, what it leaves up, and that it stops everything."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SMALL = ("--institutions", "5", "--months", "1", "--port", "0")
MOST_S = 240


@pytest.fixture
def place(run_directory: Path, request: pytest.FixtureRequest) -> Path:
    """A directory through which the account that runs PostgreSQL may pass."""
    directory = run_directory / f"demo-{request.node.name}"
    directory.mkdir(mode=0o711)
    return directory


def start(place: Path, *arguments: str, lang: str = "C.UTF-8") -> "subprocess.Popen[str]":
    environment = {**os.environ, "LANG": lang, "LC_ALL": lang, "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "-c", "from ledger.cli.main import run; run()", "demo", *SMALL, *arguments],
        env=environment,
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def is_stopped(place: Path) -> bool:
    return list(place.glob(".data/demo/postgres/cluster/postmaster.pid")) == []


def test_a_demonstration_that_exits_reports_and_stops_everything(place: Path) -> None:
    process = start(place, "--exit")
    out, err = process.communicate(timeout=MOST_S)
    assert process.returncode == 0, out + err
    for part in (
        "The demonstration's data will be in .data/demo.",
        "== Balances (yuan) ==",
        "balance.shortfall",
        "不足以覆盖应有的",
        "balance.below_minimum",
        "低于最低余额",
        "refund.overdue",
        "institution.runaway",
        "法定代表人变更",
        "- payment by bank: ",
        "not done OVERDUE",
        "every entry was recognised and nothing was recorded",
        "events/s",
        "Everything follows from the events: no differences.",
        "/demo (log-ins, the clock, three stories)",
        "regulator    user=regulator password=",
        "client_id=regulator-city client_secret=",
        "== Three things to try ==",
        "The server and the database are stopped.",
    ):
        assert part in out, part
    assert is_stopped(place)


def test_a_demonstration_stays_up_with_things_to_try_and_is_made_anew(place: Path) -> None:
    process = start(place, lang="zh_CN.UTF-8")
    assert process.stdout is not None
    lines: list[str] = []
    while "Ctrl-C" not in (lines[-1] if lines else ""):
        line = process.stdout.readline()
        assert line, "".join(lines) + process.communicate()[1]
        lines.append(line)
    alerts, refund, deposit = [line for line in lines if line.startswith("curl ")]
    found = json.loads(_shell(alerts))
    assert {"balance.shortfall", "balance.below_minimum", "refund.overdue"} <= {one["rule"] for one in found["items"]}
    assert json.loads(_shell(refund))["steps"][-1]["overdue"] is True
    first, second = _shell(deposit), _shell(deposit)
    assert "HTTP/1.1 201" in first
    assert "idempotency-replayed" not in first.lower()
    assert "idempotency-replayed: true" in second.lower()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=MOST_S)
    assert process.returncode == 0, out + err
    assert "服务器和数据库已停止。" in out
    assert is_stopped(place)

    again = start(place, "--exit")
    out, err = again.communicate(timeout=MOST_S)
    assert again.returncode == 0, out + err
    assert "Removing the earlier demonstration in .data/demo." in out


def test_a_directory_of_something_else_is_left_alone(place: Path) -> None:
    (place / "mine").mkdir()
    (place / "mine" / "letter").write_text("keep me")
    process = start(place, "--exit", "--data-dir", "mine")
    out, err = process.communicate(timeout=MOST_S)
    assert process.returncode == 1, out
    assert "mine is not a demonstration's directory" in err
    assert (place / "mine" / "letter").read_text() == "keep me"


def _shell(command: str) -> str:
    result = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=True, timeout=60)
    return result.stdout
