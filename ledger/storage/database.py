"""The database of one process: the one named by a URL, or an embedded server in the data directory."""

from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import psycopg

from ledger.storage.embedded import EmbeddedServer
from ledger.storage.errors import StorageError

OLDEST_SERVER_VERSION = 150_000
_CONNECT_TIMEOUT_S = 10


class DatabaseSettings(Protocol):
    """The part of `ledger.settings.Settings` that decides where the store is."""

    @property
    def database_url(self) -> str | None: ...
    @property
    def data_dir(self) -> Path: ...
    @property
    def pg_user(self) -> str | None: ...


class Database:
    """An open database: `url` for connections, `embedded` when the server is our own.

    A context manager: leaving it gives up the embedded server, which stops when no other process uses it.
    """

    def __init__(self, url: str, *, embedded: EmbeddedServer | None, server_version: int) -> None:
        self.url = url
        self.embedded = embedded
        self.server_version = server_version

    @classmethod
    def open(cls, settings: DatabaseSettings, *, stop_at_exit: bool = True) -> Self:
        """Find or start the server and check that it can be used.

        Errors: StorageError `database_url_malformed`, `database_unreachable`, `database_too_old`, and those of
        `EmbeddedServer.start`.
        """
        embedded: EmbeddedServer | None = None
        url = settings.database_url
        if url is None:
            embedded = EmbeddedServer(settings.data_dir, run_as=settings.pg_user)
            url = embedded.start(stop_at_exit=stop_at_exit)
        version = _server_version(url)
        check_server_version(version)
        return cls(url, embedded=embedded, server_version=version)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.embedded is not None:
            self.embedded.leave()


def check_server_version(version: int) -> None:
    """Refuse a server older than PostgreSQL 15. `version` is libpq's number, such as 150004.

    Errors: StorageError `database_too_old`.
    """
    if version < OLDEST_SERVER_VERSION:
        needed, found = OLDEST_SERVER_VERSION // 10_000, version // 10_000
        raise StorageError(
            "database_too_old",
            f"The database is PostgreSQL {found}; the ledger needs {needed} or later. Upgrade the server, "
            f"or unset ESCROW_DATABASE_URL to use the embedded one.",
            f"数据库为 PostgreSQL {found}，本系统需要 {needed} 或更高版本。请升级，"
            f"或取消 ESCROW_DATABASE_URL 以使用内置数据库。",
            found_major=found,
            needed_major=needed,
        )


def _server_version(url: str) -> int:
    try:
        with psycopg.connect(url, connect_timeout=_CONNECT_TIMEOUT_S) as connection:
            return connection.info.server_version
    except psycopg.ProgrammingError as error:  # its text may hold the password
        raise StorageError(
            "database_url_malformed",
            "ESCROW_DATABASE_URL is not a PostgreSQL connection string, such as postgresql://user@host/database.",
            "ESCROW_DATABASE_URL 不是PostgreSQL连接串，例如 postgresql://user@host/database。",
        ) from error
    except psycopg.OperationalError as error:
        reason = str(error).strip()
        raise StorageError(
            "database_unreachable",
            f"The database cannot be reached: {reason}",
            f"无法连接数据库：{reason}",
        ) from error
