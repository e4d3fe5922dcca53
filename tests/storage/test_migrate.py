"""Migrations: order, checksums, several migrators at once, and stores of another release."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from ledger.storage.errors import StorageError
from ledger.storage.migrate import MIGRATIONS_DIRECTORY, migrate, pending_migrations, read_migrations


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    _write(tmp_path, "0001_first.sql", "CREATE TABLE escrow.steps (step int PRIMARY KEY);")
    _write(tmp_path, "0002_second.sql", "INSERT INTO escrow.steps VALUES (2); INSERT INTO escrow.steps VALUES (20);")
    return tmp_path


def _write(directory: Path, name: str, sql: str) -> None:
    (directory / name).write_text(sql)


def _steps(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        rows: list[tuple[int]] = connection.execute("SELECT step FROM escrow.steps ORDER BY step").fetchall()
    return [step for (step,) in rows]


def _refusal(url: str, directory: Path, *, partitions: int = 4) -> StorageError:
    with pytest.raises(StorageError) as caught:
        migrate(url, partitions, directory=directory)
    return caught.value


def test_files_are_applied_once_in_order_of_number(empty_database_url: str, directory: Path) -> None:
    applied = migrate(empty_database_url, 4, directory=directory)
    assert [migration.label for migration in applied] == ["0001_first", "0002_second"]
    assert migrate(empty_database_url, 4, directory=directory) == []
    assert _steps(empty_database_url) == [2, 20]


def test_a_later_file_is_applied_to_an_older_store(empty_database_url: str, directory: Path) -> None:
    migrate(empty_database_url, 4, directory=directory)
    _write(directory, "0003_third.sql", "INSERT INTO escrow.steps VALUES (3)")
    assert [m.number for m in pending_migrations(empty_database_url, directory=directory)] == [3]
    assert [m.number for m in migrate(empty_database_url, 4, directory=directory)] == [3]
    assert _steps(empty_database_url) == [2, 3, 20]


def test_everything_is_pending_in_an_empty_database(empty_database_url: str, directory: Path) -> None:
    assert len(pending_migrations(empty_database_url, directory=directory)) == 2
    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute("SELECT to_regnamespace('escrow') IS NULL").fetchone() == (True,)


def test_a_changed_file_is_refused(empty_database_url: str, directory: Path) -> None:
    migrate(empty_database_url, 4, directory=directory)
    _write(directory, "0001_first.sql", "CREATE TABLE escrow.steps (step bigint PRIMARY KEY);")
    refusal = _refusal(empty_database_url, directory)
    assert refusal.code == "migration_changed"
    assert refusal.figures == {"number": 1, "name": "first"}


def test_a_file_that_vanished_is_refused(empty_database_url: str, directory: Path) -> None:
    migrate(empty_database_url, 4, directory=directory)
    (directory / "0001_first.sql").unlink()
    assert _refusal(empty_database_url, directory).code == "migration_changed"


def test_a_file_added_below_an_applied_one_is_refused(empty_database_url: str, directory: Path) -> None:
    (directory / "0002_second.sql").rename(directory / "0003_second.sql")
    migrate(empty_database_url, 4, directory=directory)
    _write(directory, "0002_late.sql", "SELECT 1")
    assert _refusal(empty_database_url, directory).code == "migration_order"


def test_two_files_with_one_number_are_refused(empty_database_url: str, directory: Path) -> None:
    _write(directory, "0002_other.sql", "SELECT 1")
    assert _refusal(empty_database_url, directory).code == "migration_order"


def test_a_misnamed_file_is_refused(empty_database_url: str, directory: Path) -> None:
    _write(directory, "3_third.sql", "SELECT 1")
    assert _refusal(empty_database_url, directory).code == "migration_order"


def test_a_store_of_a_later_release_is_refused(empty_database_url: str, directory: Path) -> None:
    migrate(empty_database_url, 4, directory=directory)
    (directory / "0002_second.sql").unlink()
    refusal = _refusal(empty_database_url, directory)
    assert refusal.code == "store_newer"
    assert refusal.figures == {"store_number": 2, "release_number": 1}


def test_a_failing_file_leaves_no_trace_and_the_files_before_it_stay(empty_database_url: str, directory: Path) -> None:
    _write(directory, "0003_bad.sql", "INSERT INTO escrow.steps VALUES (3); SELECT no_such_function();")
    refusal = _refusal(empty_database_url, directory)
    assert refusal.code == "migration_failed"
    assert "no_such_function" in refusal.message
    assert _steps(empty_database_url) == [2, 20]
    _write(directory, "0003_bad.sql", "INSERT INTO escrow.steps VALUES (3);")
    assert [m.number for m in migrate(empty_database_url, 4, directory=directory)] == [3]


def test_another_number_of_partitions_is_refused(empty_database_url: str, directory: Path) -> None:
    migrate(empty_database_url, 4, directory=directory)
    refusal = _refusal(empty_database_url, directory, partitions=8)
    assert refusal.code == "store_partitions"
    assert refusal.figures == {"stored_partitions": 4, "set_partitions": 8}


def test_the_number_of_partitions_is_there_for_the_first_file(empty_database_url: str, directory: Path) -> None:
    _write(
        directory,
        "0003_slots.sql",
        "INSERT INTO escrow.steps SELECT generate_series(100, 99 + (SELECT partitions FROM escrow.store))",
    )
    migrate(empty_database_url, 3, directory=directory)
    assert _steps(empty_database_url) == [2, 20, 100, 101, 102]


def test_several_migrators_at_once_apply_each_file_once(empty_database_url: str, directory: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        runs = [pool.submit(migrate, empty_database_url, 4, directory=directory) for _ in range(8)]
        applied = [migration.number for run in runs for migration in run.result()]
    assert sorted(applied) == [1, 2]
    assert _steps(empty_database_url) == [2, 20]


def test_a_fresh_clone_has_all_migrations_of_this_release(database_url: str) -> None:
    assert read_migrations(MIGRATIONS_DIRECTORY)
    assert pending_migrations(database_url) == []
