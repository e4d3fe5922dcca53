"""Settings: what wins over what, and what is never shown."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from ledger.settings import Settings, redact_password


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_environment_wins_over_the_file_and_the_file_over_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "escrow.toml").write_text("port = 9001\npartitions = 8\n")
    monkeypatch.setenv("ESCROW_PORT", "9002")
    settings = Settings()
    assert (settings.port, settings.partitions, settings.host) == (9002, 8, "127.0.0.1")


def test_the_named_file_replaces_the_one_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "escrow.toml").write_text("port = 9001\n")
    (tmp_path / "other.toml").write_text("partitions = 2\n")
    monkeypatch.setenv("ESCROW_CONFIG", "other.toml")
    settings = Settings()
    assert (settings.port, settings.partitions) == (8080, 2)


def test_a_named_file_that_is_missing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCROW_CONFIG", "missing.toml")
    with pytest.raises(FileNotFoundError, match="ESCROW_CONFIG"):
        Settings()


def test_a_misspelt_setting_in_the_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "escrow.toml").write_text("prot = 9001\n")
    with pytest.raises(ValidationError, match="prot"):
        Settings()


@pytest.mark.parametrize("partitions", [0, 1025])
def test_partitions_outside_their_range_are_an_error(partitions: int) -> None:
    with pytest.raises(ValidationError):
        Settings(partitions=partitions)


@pytest.mark.parametrize("partitions", [1, 1024])
def test_partitions_at_the_ends_of_their_range_are_accepted(partitions: int) -> None:
    assert Settings(partitions=partitions).partitions == partitions


def test_no_password_is_shown() -> None:
    settings = Settings(database_url="postgresql://reader:geheim@db.example/escrow?sslpassword=auchgeheim")
    shown = "\n".join([repr(settings), *(row.value for row in settings.describe())])
    assert "geheim" not in shown
    assert "db.example" in shown


def test_what_is_no_connection_string_is_not_shown_at_all() -> None:
    assert "geheim" not in redact_password("geheim://what is this")


def test_every_setting_is_described() -> None:
    assert [row.name for row in Settings().describe() if not row.description.endswith(".")] == []
