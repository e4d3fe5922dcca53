"""The embedded server: sharing, crashes, accounts, and what it refuses."""

import os
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from ledger.settings import Settings
from ledger.storage.database import Database, check_server_version
from ledger.storage.embedded import EmbeddedServer
from ledger.storage.errors import StorageError
from tests.conftest import new_server

REPOSITORY = Path(__file__).parents[2]

# What another process does: start, say the URL, wait for a line, leave.
_OTHER_PROCESS = """
import sys
from pathlib import Path
from ledger.storage.embedded import EmbeddedServer
print(EmbeddedServer(Path(sys.argv[1]), notice=lambda text: None).start(), flush=True)
sys.stdin.readline()
"""


def _show(url: str, setting: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_setting(%s)", [setting]).fetchone()
    assert row is not None
    return str(row[0])


def _other_process(directory: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _OTHER_PROCESS, str(directory)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _url_of(process: subprocess.Popen[str]) -> str:
    """The URL which the other process has printed once it had started."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _socket_dir(url: str) -> Path:
    return Path(parse_qs(urlsplit(url).query)["host"][0])


def test_it_starts_durable_and_reachable_by_its_socket_only(durable_server: EmbeddedServer) -> None:
    url = durable_server.start()
    assert durable_server.is_running()
    expected = {
        "listen_addresses": "",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "jit": "off",
        "max_connections": "200",
        "server_encoding": "UTF8",
        "TimeZone": "UTC",
    }
    assert {setting: _show(url, setting) for setting in expected} == expected


def test_a_second_start_returns_the_same_url_and_server(durable_server: EmbeddedServer) -> None:
    url, pid = durable_server.start(), durable_server.pid
    assert durable_server.start() == url
    assert durable_server.pid == pid


def test_after_a_stop_it_starts_again_with_its_data(durable_server: EmbeddedServer) -> None:
    url = durable_server.start()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    durable_server.stop()
    assert not durable_server.is_running()
    assert durable_server.pid is None
    assert durable_server.start() == url
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)


def test_what_was_committed_survives_a_kill(durable_server: EmbeddedServer) -> None:
    url = durable_server.start()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        for n in range(100):
            connection.execute("INSERT INTO kept VALUES (%s)", [n])
        durable_server.kill()
        assert not durable_server.is_running()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("INSERT INTO kept VALUES (100)")
    assert durable_server.start() == url
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (100,)


def test_a_pid_file_whose_number_is_another_process_does_not_stop_a_start(durable_server: EmbeddedServer) -> None:
    durable_server.start()
    durable_server.kill()
    pid_file = durable_server.home / "cluster" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    durable_server.start()
    assert durable_server.pid != os.getpid()


def test_processes_that_start_at_once_share_one_server(durable_server: EmbeddedServer) -> None:
    directory = durable_server.home.parent
    others = [_other_process(directory) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        urls = set(pool.map(_url_of, others))
    assert urls == {durable_server.start(stop_at_exit=False)}
    for other in others:
        other.communicate("leave\n", timeout=30)
        assert other.returncode == 0
    assert durable_server.is_running(), "it was asked to stay"


def test_the_last_process_to_leave_stops_the_server(durable_server: EmbeddedServer) -> None:
    first, second = _other_process(durable_server.home.parent), _other_process(durable_server.home.parent)
    for process in (first, second):
        assert _url_of(process)
    first.communicate("leave\n", timeout=30)
    assert durable_server.is_running()
    second.communicate("leave\n", timeout=30)
    assert not durable_server.is_running()


def test_a_process_that_was_killed_does_not_hold_the_server(durable_server: EmbeddedServer) -> None:
    killed, other = _other_process(durable_server.home.parent), _other_process(durable_server.home.parent)
    for process in (killed, other):
        assert _url_of(process)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    other.communicate("leave\n", timeout=30)
    assert not durable_server.is_running()


def test_nobody_else_may_read_the_password_or_enter_the_socket(durable_server: EmbeddedServer) -> None:
    url = durable_server.start()
    for path, mode in (
        (durable_server.home / "password", 0o600),
        (durable_server.home / "cluster", 0o700),
        (_socket_dir(url), 0o700),
    ):
        assert stat.S_IMODE(path.stat().st_mode) == mode, path


def test_a_wrong_password_is_refused(durable_server: EmbeddedServer) -> None:
    url = durable_server.start()
    password = (durable_server.home / "password").read_text()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url.replace(password, "guess"))


def test_a_long_or_odd_path_gets_its_socket_elsewhere(run_directory: Path) -> None:
    server = new_server(run_directory / f"很长的目录, 'with' {'x' * 90}", durable=False)
    try:
        url = server.start()
        assert len(str(_socket_dir(url))) < 100
        assert _show(url, "fsync") == "off"
    finally:
        server.delete()
    assert not _socket_dir(url).exists()


def test_settings_of_the_operator_win(durable_server: EmbeddedServer) -> None:
    durable_server.start()
    durable_server.stop()
    (durable_server.home / "cluster" / "local.conf").write_text("max_connections = 33\n")
    assert _show(durable_server.start(), "max_connections") == "33"


@pytest.mark.parametrize("stored", ["17", "19"])
def test_a_cluster_of_another_major_version_is_refused(durable_server: EmbeddedServer, stored: str) -> None:
    durable_server.start()
    durable_server.stop()
    version_file = durable_server.home / "cluster" / "PG_VERSION"
    ours = version_file.read_text()
    version_file.write_text(f"{stored}\n")
    with pytest.raises(StorageError, match=f"PostgreSQL {stored}") as caught:
        durable_server.start()
    assert caught.value.code == "postgres_version"
    version_file.write_text(ours)


def test_a_server_that_cannot_start_says_why(durable_server: EmbeddedServer) -> None:
    durable_server.start()
    durable_server.stop()
    (durable_server.home / "cluster" / "local.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(StorageError, match="no_such_setting") as caught:
        durable_server.start()
    assert caught.value.code == "postgres_start"


def test_a_database_named_by_url_is_used_and_left_running(cluster_url: str) -> None:
    with Database.open(Settings(database_url=cluster_url)) as database:
        assert database.url == cluster_url
        assert database.embedded is None
        assert database.server_version >= 150_000
    assert _show(cluster_url, "listen_addresses") == ""


def test_a_database_without_url_is_embedded_and_stops_with_its_last_user(run_directory: Path) -> None:
    with Database.open(Settings(data_dir=run_directory / "own-database")) as database:
        assert database.embedded is not None
        assert _show(database.url, "fsync") == "on"
    assert not database.embedded.is_running()


def test_an_unreachable_database_is_reported() -> None:
    with pytest.raises(StorageError) as caught:
        Database.open(Settings(database_url="postgresql:///x?host=/no/such/directory"))
    assert caught.value.code == "database_unreachable"


def test_a_server_before_15_is_refused() -> None:
    check_server_version(150_000)
    with pytest.raises(StorageError) as caught:
        check_server_version(149_999)
    assert caught.value.code == "database_too_old"
    assert caught.value.figures == {"found_major": 14, "needed_major": 15}
