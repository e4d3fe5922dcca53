"""The server as a process of its own: ready, stopped in order, several processes on one port, an embedded store."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

READY_S = 60


@contextmanager
def serving(tmp_path: Path, *arguments: str, **settings: str) -> Generator[tuple[str, "subprocess.Popen[str]"]]:
    """`escrow serve` on a free port, and the address that it told; killed if the test leaves it running."""
    environment = {**os.environ, "ESCROW_DATA_DIR": str(tmp_path / "data"), **settings}
    process = subprocess.Popen(
        [sys.executable, "-c", "from ledger.cli.main import run; run()", "serve", "--port", "0", "--json", *arguments],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = ""
        while not said.endswith("}\n"):
            line = process.stdout.readline()
            assert line, process.communicate()[1]
            said += line
        yield json.loads(said)["url"], process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=READY_S) as answer:
        return json.loads(answer.read())


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_server_tells_its_address_is_ready_and_stops_when_told(
    tmp_path: Path, database_url: str, stop: signal.Signals
) -> None:
    with serving(tmp_path, ESCROW_DATABASE_URL=database_url) as (url, process):
        assert get(f"{url}/readyz")["status"] == "ready"
        assert get(f"{url}/.well-known/oauth-authorization-server")["issuer"] == url
        process.send_signal(stop)
        assert process.wait(READY_S) == 0


def test_several_processes_share_the_port(tmp_path: Path, database_url: str) -> None:
    with serving(tmp_path, "--workers", "2", ESCROW_DATABASE_URL=database_url) as (url, process):
        assert get(f"{url}/readyz")["status"] == "ready"
        assert get(f"{url}/.well-known/oauth-authorization-server")["issuer"] == url
        process.send_signal(signal.SIGTERM)
        assert process.wait(READY_S) == 0


def test_an_embedded_store_is_made_at_the_first_start_and_ends_with_the_server(run_directory: Path) -> None:
    place = run_directory / "serve-embedded"
    place.mkdir(mode=0o711)
    with serving(place) as (url, process):
        assert get(f"{url}/readyz")["checks"]["database"] == "ok"
        process.send_signal(signal.SIGTERM)
        assert process.wait(READY_S) == 0
    assert list(place.glob("data/postgres/cluster/postmaster.pid")) == []


def test_a_configured_public_url_is_kept(tmp_path: Path, database_url: str) -> None:
    public = {"ESCROW_DATABASE_URL": database_url, "ESCROW_PUBLIC_URL": "https://escrow.example"}
    with serving(tmp_path, **public) as (url, process):
        assert get(f"{url}/.well-known/oauth-authorization-server")["issuer"] == "https://escrow.example"
        process.send_signal(signal.SIGTERM)
        assert process.wait(READY_S) == 0


def test_a_taken_port_is_refused_in_one_sentence(tmp_path: Path, database_url: str) -> None:
    with serving(tmp_path, ESCROW_DATABASE_URL=database_url) as (url, process):
        port = url.rpartition(":")[2]
        second = subprocess.run(
            [sys.executable, "-c", "from ledger.cli.main import run; run()", "serve", "--port", port],
            env={**os.environ, "ESCROW_DATABASE_URL": database_url, "LANG": "C.UTF-8"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert second.returncode == 1
        assert f"cannot listen on 127.0.0.1:{port}" in second.stderr
        process.send_signal(signal.SIGTERM)
        process.wait(READY_S)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
