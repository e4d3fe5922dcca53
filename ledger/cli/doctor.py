"""`escrow doctor`: what must hold for the ledger to run well here, each line with what to do if it does not."""

import os
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import typer

from ledger.cli.output import REFUSED, JsonOption, choose, is_json, print_json, say
from ledger.settings import Settings, config_file
from ledger.storage.database import Database
from ledger.storage.errors import StorageError
from ledger.storage.migrate import pending_migrations

_LEAST_FREE_BYTES = 2 * 1024**3
_MOST_CLOCK_DIFFERENCE_S = 2.0
_MOST_LAG_EVENTS = 10_000
_LAG = """
SELECT coalesce(sum(greatest(0, h.position - p.position)), 0)::bigint
  FROM escrow.heads h JOIN (SELECT partition, min(position) AS position FROM escrow_views.positions GROUP BY 1) p
 USING (partition)
"""


class Line(msgspec.Struct, frozen=True):
    """One check: what was found, and (for a problem) what to do, in both languages."""

    check: str
    ok: bool
    found: str
    todo: str = ""
    todo_zh: str = ""


def run(json_: JsonOption = False) -> None:
    """Check this machine and the store. Exit status 1 when there is a problem."""
    lines = list(_lines(Settings()))
    if is_json():
        print_json(lines)
    else:
        for line in lines:
            state = choose("ok", "正常") if line.ok else choose("PROBLEM", "问题")
            print(f"{state:8}{line.check}: {line.found}")
            if not line.ok:
                print(f"        -> {choose(line.todo, line.todo_zh)}")
    if not all(line.ok for line in lines):
        say("There are problems.", "存在问题。")
        raise typer.Exit(REFUSED)


def _lines(settings: Settings) -> Iterator[Line]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Line("python", sys.version_info >= (3, 11), version, "Use Python 3.11 or later.", "请使用 Python 3.11 以上。")
    yield Line("configuration", True, str(config_file() or "environment and defaults"))
    yield from _directory(settings.data_dir)
    yield _disk(settings.data_dir)
    try:
        with Database.open(settings) as database:
            yield from _database(settings, database)
    except StorageError as error:
        yield Line(f"database ({error.code})", False, error.message.partition("\n")[0], error.message, error.message_zh)


def _directory(data_dir: Path) -> Iterator[Line]:
    if not data_dir.exists():
        yield Line("data directory", True, f"{data_dir.resolve()} will be made at the first start")
        return
    entry = data_dir.stat()
    open_to_all = bool(entry.st_mode & stat.S_IWOTH)
    usable = os.access(data_dir, os.R_OK | os.W_OK | os.X_OK)
    found = f"{data_dir.resolve()}, mode {stat.S_IMODE(entry.st_mode):04o}, owner {entry.st_uid}"
    yield Line(
        "data directory",
        usable and not open_to_all,
        found,
        f"Give the directory to this account and close it to others: chmod o-w {data_dir}.",
        f"请将目录归本账户所有，并禁止他人写入：chmod o-w {data_dir}。",
    )


def _disk(data_dir: Path) -> Line:
    place = next(path for path in (data_dir.resolve(), *data_dir.resolve().parents) if path.exists())
    free = shutil.disk_usage(place).free
    return Line(
        "free disk",
        free >= _LEAST_FREE_BYTES,
        f"{free // 1024**2} MiB",
        "Free at least 2 GiB: without space nothing can be recorded.",
        "请至少留出 2 GiB：空间不足将无法记账。",
    )


def _database(settings: Settings, database: Database) -> Iterator[Line]:
    if database.embedded is not None:
        yield Line("embedded binaries", True, str(database.embedded.binaries))
    with psycopg.connect(database.url, autocommit=True) as connection:
        number = database.server_version
        yield Line("database version", True, f"PostgreSQL {number // 10_000}.{number % 10_000}")
        yield _clock(connection)
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            yield _durable(connection, setting)
        yield from _schema(settings, database.url, connection)


def _clock(connection: psycopg.Connection[tuple[Any, ...]]) -> Line:
    began = time.monotonic()
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    took_s = time.monotonic() - began
    theirs = row[0] if row is not None else datetime.now(UTC)
    difference_s = abs((datetime.now(UTC) - theirs).total_seconds()) - took_s
    return Line(
        "clock",
        difference_s <= _MOST_CLOCK_DIFFERENCE_S,
        f"{datetime.now(UTC).isoformat(timespec='seconds')}, {max(0.0, difference_s):.3f} s from the database's",
        "Set the clocks of both machines by NTP.",
        "请用 NTP 校准两台机器的时钟。",
    )


def _durable(connection: psycopg.Connection[tuple[Any, ...]], setting: str) -> Line:
    row = connection.execute("SELECT current_setting(%s)", [setting]).fetchone()
    value = str(row[0]) if row is not None else ""
    durable = value not in ("off", "local") if setting == "synchronous_commit" else value == "on"
    return Line(
        setting,
        durable,
        value,
        f"Set {setting} = on: receipts must survive a power cut.",
        f"请设置 {setting} = on：回执必须在断电后仍有效。",
    )


def _schema(settings: Settings, url: str, connection: psycopg.Connection[tuple[Any, ...]]) -> Iterator[Line]:
    pending = pending_migrations(url)
    names = ", ".join(migration.label for migration in pending) or "none pending"
    yield Line("migrations", not pending, names, "Run `escrow migrate`.", "请运行 `escrow migrate`。")
    if pending:
        return
    row = connection.execute("SELECT partitions FROM escrow.store").fetchone()
    stored = row[0] if row is not None else 0
    yield Line(
        "partitions",
        stored == settings.partitions,
        f"store {stored}, settings {settings.partitions}",
        f"Set ESCROW_PARTITIONS={stored}.",
        f"请设置 ESCROW_PARTITIONS={stored}。",
    )
    if connection.execute("SELECT to_regclass('escrow_views.positions') IS NOT NULL").fetchone() != (True,):
        yield Line("views", True, "made when a server first runs")
        return
    row = connection.execute(_LAG).fetchone()
    lag = row[0] if row is not None else 0
    yield Line(
        "views",
        lag <= _MOST_LAG_EVENTS,
        f"{lag} events behind the log",
        "Start a server, or run `escrow rebuild`; if a server runs, read its log.",
        "请启动服务器，或运行 `escrow rebuild`；若服务器已在运行，请查看其日志。",
    )
