"""Brings a database to the schema of this release: numbered SQL files, each applied once, in one transaction each.

A file is named `NNNN_name.sql` and never changes after its release: its SHA-256 is kept and compared. The number of
partitions is not pasted into SQL; it is written to the one row of `escrow.store` before the first file, which may
read it from there.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from ledger.storage.errors import StorageError

MIGRATIONS_DIRECTORY = Path(__file__).parent / "migrations"
_FILE_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")

# Any constant does, as long as no other program on the same database takes it: these are the letters "escrow".
_LOCK = int.from_bytes(b"escrow", "big")

_CREATE_STORE = """
CREATE SCHEMA IF NOT EXISTS escrow;
CREATE TABLE escrow.schema_migrations (
    number     int         PRIMARY KEY,
    name       text        NOT NULL,
    sha256     text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE escrow.store (
    only_row   boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
    partitions int         NOT NULL CHECK (partitions BETWEEN 1 AND 1024),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One SQL file: its number, its name without number and suffix, and the SHA-256 of its bytes in hexadecimal."""

    number: int
    name: str
    sha256: str
    sql: bytes

    @property
    def label(self) -> str:
        return f"{self.number:04d}_{self.name}"


def migrate(url: str, partitions: int, *, directory: Path = MIGRATIONS_DIRECTORY) -> list[Migration]:
    """Apply what is missing and return it, in order; an empty list when the database is up to date.

    Safe to call from several processes at once: one works, the others wait and find nothing to do.
    Errors: StorageError `store_partitions` (created with another number), `store_newer` (migrated by a later release),
    `migration_changed` (an applied file has other content, or is gone), `migration_order` (a file was added below an
    applied one, or two share a number), `migration_failed` (PostgreSQL refused the SQL; that file left no trace).
    """
    files = read_migrations(directory)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            _check_or_create_store(connection, partitions)
            pending = _pending(connection, files)
            for migration in pending:
                _apply(connection, migration)
        finally:
            if not connection.broken:
                connection.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
    return pending


def pending_migrations(url: str, *, directory: Path = MIGRATIONS_DIRECTORY) -> list[Migration]:
    """What `migrate` would apply; all files for a database which holds no store yet. Changes nothing.

    Errors: as of `migrate`, except those of applying.
    """
    files = read_migrations(directory)
    with psycopg.connect(url, autocommit=True) as connection:
        return _pending(connection, files) if _store_exists(connection) else files


def read_migrations(directory: Path) -> list[Migration]:
    """The migrations of a directory in order of number. Errors: StorageError `migration_order`."""
    found: dict[int, Migration] = {}
    for path in sorted(directory.glob("*.sql")):
        match = _FILE_NAME.fullmatch(path.name)
        if match is None:
            raise _order(path.stem, "it is not named NNNN_name.sql", "文件名不符合 NNNN_name.sql")
        sql = path.read_bytes()
        migration = Migration(number=int(match[1]), name=match[2], sha256=hashlib.sha256(sql).hexdigest(), sql=sql)
        if migration.number in found:
            other = found[migration.number].label
            raise _order(migration.label, f"its number is also that of {other}", f"编号与 {other} 重复")
        found[migration.number] = migration
    return [found[number] for number in sorted(found)]


def _store_exists(connection: psycopg.Connection[Any]) -> bool:
    row = connection.execute("SELECT to_regclass('escrow.store') IS NOT NULL").fetchone()
    return row == (True,)


def _check_or_create_store(connection: psycopg.Connection[Any], partitions: int) -> None:
    if not _store_exists(connection):
        with connection.transaction():
            connection.execute(_CREATE_STORE)
            connection.execute("INSERT INTO escrow.store (partitions) VALUES (%s)", [partitions])
        return
    row: tuple[int] | None = connection.execute("SELECT partitions FROM escrow.store").fetchone()
    stored = row[0] if row is not None else 0
    if stored != partitions:
        raise StorageError(
            "store_partitions",
            f"The store was created with {stored} partitions, the settings say {partitions}. "
            f"Set ESCROW_PARTITIONS={stored}: events cannot move between partitions.",
            f"账本创建时有 {stored} 个分区，而设置为 {partitions} 个。"
            f"请设置 ESCROW_PARTITIONS={stored}：事件不能在分区之间移动。",
            stored_partitions=stored,
            set_partitions=partitions,
        )


def _pending(connection: psycopg.Connection[Any], files: list[Migration]) -> list[Migration]:
    rows: list[tuple[int, str, str]] = connection.execute(
        "SELECT number, name, sha256 FROM escrow.schema_migrations ORDER BY number"
    ).fetchall()
    known = {migration.number: migration for migration in files}
    newest_known = max(known, default=0)
    newest_applied = rows[-1][0] if rows else 0
    if newest_applied > newest_known:
        raise StorageError(
            "store_newer",
            f"The store was migrated to {newest_applied:04d} by a later release; this one knows {newest_known:04d}. "
            f"Start the later release.",
            f"账本已由更新的版本升级到 {newest_applied:04d}，而本版本只到 {newest_known:04d}。请使用更新的版本。",
            store_number=newest_applied,
            release_number=newest_known,
        )
    for number, name, sha256 in rows:
        migration = known.get(number)
        if migration is None or migration.sha256 != sha256:
            raise StorageError(
                "migration_changed",
                f"Migration {number:04d}_{name} was applied with other content than this release has. "
                f"An applied migration must not change: restore the file, and put the change into a new one.",
                f"迁移 {number:04d}_{name} 的内容与已执行的不同。已执行的迁移不得修改：请恢复该文件，另写新的迁移。",
                number=number,
                name=name,
            )
    applied = {number for number, _, _ in rows}
    pending = [migration for migration in files if migration.number not in applied]
    if pending and pending[0].number < newest_applied:
        raise _order(
            pending[0].label, f"{newest_applied:04d} is already applied", f"编号更大的 {newest_applied:04d} 已执行"
        )
    return pending


def _apply(connection: psycopg.Connection[Any], migration: Migration) -> None:
    try:
        with connection.transaction():
            connection.execute(migration.sql)
            connection.execute(
                "INSERT INTO escrow.schema_migrations (number, name, sha256) VALUES (%s, %s, %s)",
                [migration.number, migration.name, migration.sha256],
            )
    except psycopg.Error as error:
        reason = str(error).strip()
        raise StorageError(
            "migration_failed",
            f"Migration {migration.label} failed and was rolled back: {reason}",
            f"迁移 {migration.label} 失败并已回滚：{reason}",
            number=migration.number,
            name=migration.name,
        ) from error


def _order(label: str, why: str, why_zh: str) -> StorageError:
    return StorageError(
        "migration_order",
        f"Migration {label} cannot be applied: {why}. Give it a new, higher number.",
        f"迁移 {label} 无法执行：{why}。请改用新的、更大的编号。",
        migration=label,
    )
