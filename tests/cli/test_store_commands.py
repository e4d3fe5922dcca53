"""migrate, doctor, config, verify, rebuild and close-day: answers, JSON, exit status, languages."""

import importlib.util
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests.application.filled_store import FIRST, fill
from tests.cli.conftest import Escrow


def _run(url: str, *statements: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement.encode())


def test_migrate_makes_a_store_and_finds_nothing_to_do_after(
    escrow: Escrow, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESCROW_DATABASE_URL", empty_database_url)
    applied = escrow("migrate", "--json").json["applied"]
    assert applied[0] == "0001_event_store"
    again = escrow("migrate")
    assert (again.status, again.out) == (0, "The schema is up to date (0 applied).\n")


@pytest.mark.parametrize(
    "arguments",
    [("verify",), ("rebuild",), ("close-day", "2026-03-02"), ("client", "list"), ("serve", "--port", "0")],
    ids=lambda arguments: arguments[0],
)
def test_a_store_that_is_not_migrated_is_refused_in_one_sentence(
    escrow: Escrow, empty_database_url: str, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("ESCROW_DATABASE_URL", empty_database_url)
    ended = escrow(*arguments)
    assert ended.status == 1
    assert ended.out == ""
    assert "Run `escrow migrate`." in ended.err
    assert ended.err.count("\n") == 1


def test_another_number_of_partitions_is_refused(escrow: Escrow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCROW_PARTITIONS", "8")
    ended = escrow("verify", "--json")
    assert ended.status == 1
    error = ended.json["error"]
    assert error["code"] == "store_partitions"
    assert error["figures"] == {"stored_partitions": 4, "set_partitions": 8}


def test_an_unreachable_database_is_told_in_the_language_asked_for(
    escrow: Escrow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESCROW_DATABASE_URL", f"postgresql:///none?host={tmp_path}")
    assert "The database cannot be reached" in escrow("verify").err
    assert "无法连接数据库" in escrow("--lang", "zh", "verify").err
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "无法连接数据库" in escrow("verify").err
    assert "The database cannot be reached" in escrow("--lang", "en", "verify").err


def test_a_wrong_setting_is_usage_and_its_value_is_not_shown(escrow: Escrow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCROW_PORT", "s3cret")
    ended = escrow("doctor")
    assert ended.status == 2
    assert "ESCROW_PORT" in ended.err
    assert "s3cret" not in ended.err


def test_a_settings_file_that_is_not_toml_is_usage(
    escrow: Escrow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own.toml").write_text("port = = 1")
    monkeypatch.setenv("ESCROW_CONFIG", "own.toml")
    ended = escrow("config", "show")
    assert ended.status == 2
    assert "own.toml is not TOML" in ended.err


def test_a_database_url_of_another_kind_is_refused_without_its_text(
    escrow: Escrow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESCROW_DATABASE_URL", "mysql://user:s3cret@host/database")
    for arguments in (("verify", "--json"), ("serve", "--port", "0", "--json"), ("migrate", "--json")):
        ended = escrow(*arguments)
        assert (ended.status, ended.json["error"]["code"]) == (1, "database_url_malformed"), arguments
        assert "s3cret" not in ended.out + ended.err


@pytest.mark.parametrize("arguments", [("nothing",), ("verify", "--account", "x"), ("close-day", "today"), ("import",)])
def test_wrong_usage_ends_with_2(escrow: Escrow, arguments: tuple[str, ...]) -> None:
    assert escrow(*arguments).status == 2


def test_doctor_is_content_with_a_good_store(escrow: Escrow, database_url: str) -> None:
    fill(database_url)
    ended = escrow("doctor", "--json")
    lines = {line["check"]: line for line in ended.json}
    # The shared cluster of the tests runs without fsync, which doctor has to notice.
    not_durable = {"fsync", "synchronous_commit", "full_page_writes"}
    assert {check for check, line in lines.items() if not line["ok"]} == not_durable
    assert lines["migrations"]["found"] == "none pending"
    assert lines["views"]["found"] == "0 events behind the log"
    assert ended.status == 1
    text = escrow("--lang", "zh", "doctor").out
    assert "问题      fsync: off" in text
    assert "请设置 fsync = on" in text


def test_doctor_names_pending_migrations_and_a_directory_open_to_all(
    escrow: Escrow, empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESCROW_DATABASE_URL", empty_database_url)
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o777)
    lines = {line["check"]: line for line in escrow("doctor", "--json").json}
    assert not lines["migrations"]["ok"]
    assert not lines["data directory"]["ok"]
    assert "chmod o-w" in lines["data directory"]["todo"]


def test_config_show_names_every_setting_and_hides_the_password(escrow: Escrow) -> None:
    shown = escrow("config", "show", "--json").json
    assert shown["settings"]["partitions"] == {"value": "4", "variable": "ESCROW_PARTITIONS", "default": "4"}
    assert "password=***" in shown["settings"]["database_url"]["value"]
    assert "password=***" in escrow("config", "show").out


def test_verify_passes_a_clean_store_and_names_what_was_tampered_with(escrow: Escrow, database_url: str) -> None:
    fill(database_url)
    clean = escrow("verify")
    assert (clean.status, clean.out.splitlines()[-1]) == (
        0,
        "Everything follows from the events: no differences.",
    )
    _run(database_url, "DELETE FROM escrow.unique_keys WHERE key = 'ICBK/E11'")
    found = escrow("verify", "--json")
    assert found.status == 1
    assert found.json["passed"] is False
    assert found.json["counts"] == {"unique_key_missing": 1}
    (difference,) = found.json["differences"]
    assert difference["figures"] == {"key_kind": "credit", "key": "ICBK/E11"}
    assert difference["message_zh"] == "事件的唯一键ICBK/E11（credit）缺失。"
    text = escrow("verify", "--account", str(FIRST))
    assert text.status == 1
    with psycopg.connect(database_url) as connection:
        kept = connection.execute("SELECT counts FROM escrow.verifications ORDER BY run_id").fetchall()
    assert kept == [({},), ({"unique_key_missing": 1},)], "runs over the whole store, not those over one account"
    assert "unique_key_missing: 1" in text.out
    assert f"account {FIRST}" in text.out


def test_verify_of_no_account_is_refused(escrow: Escrow, database_url: str) -> None:
    fill(database_url)
    assert escrow("verify", "--account", str(FIRST)).status == 0
    ended = escrow("verify", "--account", str(uuid4()), "--json")
    assert (ended.status, ended.json["error"]["code"]) == (1, "account_not_found")


def test_rebuild_puts_right_what_verify_finds(escrow: Escrow, database_url: str) -> None:
    fill(database_url)
    _run(database_url, "UPDATE escrow_views.balances SET cash_fen = cash_fen + 1")
    assert escrow("verify", "--json").json["counts"] == {"view_row_differs": 2}
    rebuilt = escrow("rebuild", "balances", "--json").json
    assert (rebuilt["views"], rebuilt["events"], rebuilt["rows"]) == (["balances"], 26, 2)
    assert escrow("verify").status == 0


def test_rebuild_of_an_unknown_view_is_usage(escrow: Escrow) -> None:
    ended = escrow("rebuild", "nothing")
    assert ended.status == 2
    assert "there is no view nothing; there are alerts, balances" in ended.err


def test_close_day_agrees_to_what_was_not_answered_and_the_same_day_again_changes_nothing(
    escrow: Escrow, database_url: str
) -> None:
    fill(database_url)
    day = date(2026, 4, 20)
    closed = escrow("close-day", day.isoformat(), "--json").json
    assert (closed["accounts"], closed["changed"], closed["refused"]) == (2, 2, {})
    again = escrow("close-day", day.isoformat())
    assert again.out == "Closed 2026-04-20: 2 accounts, 0 events in 0 of them.\n"
    assert escrow("verify").status == 0


def test_reconcile_says_what_it_finds_and_finds_it_once(escrow: Escrow, database_url: str) -> None:
    fill(database_url)
    day = "2026-03-02"
    quiet = escrow("reconcile", day)
    assert quiet.status == 0
    assert quiet.out.startswith("Compared 2 accounts through 2026-03-02: days reconciled 0, broken 0; breaks found 0,")
    _run(database_url, "UPDATE escrow_views.contracts SET prepaid_fen = prepaid_fen + 1")
    found = escrow("reconcile", day, "--json")
    assert (found.status, found.json["found"]) == (1, {"families_differ": 2})
    again = escrow("reconcile", day, "--json")
    assert (again.status, again.json["events"]) == (0, 0)


def test_a_day_to_come_cannot_be_closed(escrow: Escrow) -> None:
    tomorrow = date.today() + timedelta(days=3)
    ended = escrow("close-day", tomorrow.isoformat(), "--json")
    assert (ended.status, ended.json["error"]["code"]) == (1, "date_in_future")


def test_benchmarks_are_a_command_where_they_are_installed(escrow: Escrow) -> None:
    listed = " bench " in escrow("--help").out
    assert listed is (importlib.util.find_spec("ledger.cli.bench") is not None)


def test_the_version_is_printed(escrow: Escrow) -> None:
    assert escrow("--version").out.strip() == "0.1.0"
