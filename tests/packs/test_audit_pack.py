"""The audit pack: every event with its postings and balances, the views as of then, and what verification says."""

import io
import json
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pypdf
import pytest
import uvloop

from ledger.application.packs.audit_pack import write_audit_pack
from ledger.domain import commands as c
from ledger.domain.errors import LedgerError
from ledger.packs.manifest import check_pack
from tests.packs.conftest import KEY, contents, rows
from tests.packs.estate import ACCOUNT, Steps, record

ASSETS = ("cash_fen", "advance_fen", "held_by_institution_fen", "shortage_fen", "in_transit_fen")


def packed(url: str, directory: Path, **wanted: Any) -> Path:
    directory.mkdir()
    write_audit_pack(url, ACCOUNT, directory, KEY, **wanted)
    return directory


def test_every_event_of_the_log_is_in_it_as_it_is_stored(database_url: str, estate: Steps, tmp_path: Path) -> None:
    found = rows(packed(database_url, tmp_path / "pack"), "events")
    query = (
        "SELECT version, position, topic, state, idempotency_key FROM escrow.events"
        " WHERE account_id = %s ORDER BY version"
    )
    with psycopg.connect(database_url) as connection:
        stored = connection.execute(query, [ACCOUNT]).fetchall()
    assert [(row["version"], row["position"], row["topic"], row["payload"]) for row in found] == [
        row[:4] for row in stored
    ]
    for row in found:
        payload = json.loads(row["payload"])
        assert (row["actor"], row["cause"]) == (payload["actor"], payload["cause"])
        assert row["rules"] == " ".join(payload.get("rules", []))
        assert row["told_en"].count(".") >= 1
        assert any("\u4e00" <= one <= "\u9fff" for one in row["told_zh"])


def test_running_balances_follow_from_the_postings_and_always_balance(
    database_url: str, estate: Steps, tmp_path: Path
) -> None:
    pack = packed(database_url, tmp_path / "pack")
    postings = rows(pack, "postings")
    sums: dict[str, int] = {}
    owned: dict[tuple[str, str], int] = {}
    after: dict[int, dict[str, int]] = {}
    for row in postings:
        sums[row["bucket"]] = sums.get(row["bucket"], 0) + row["amount_fen"]
        assert row["bucket_balance_fen"] == sums[row["bucket"]]
        if row["owner"]:
            key = (row["bucket"], row["owner"])
            owned[key] = owned.get(key, 0) + row["amount_fen"]
            assert row["owner_balance_fen"] == owned[key]
        after[row["version"]] = dict(sums)
    current: dict[str, int] = {}
    for row in rows(pack, "events"):
        current = after.get(row["version"], current)
        balances = {name: row[name] for name in row if name.endswith("_fen")}
        assert {name: fen for name, fen in balances.items() if fen} == {f"{b}_fen": n for b, n in current.items() if n}
        assets = sum(balances[name] for name in ASSETS if name in balances)
        assert assets == sum(balances.values()) - assets
    assert {row["bucket"]: row["balance_fen"] for row in rows(pack, "balances") if row["balance_fen"]} == {
        bucket: fen for bucket, fen in sums.items() if fen
    }
    contracts = {row["contract_id"]: row["prepaid_fen"] for row in rows(pack, "contracts")}
    assert contracts == {f"c-{number}": owned["prepaid", f"c-{number}"] for number in range(1, 6)}


def test_contracts_refunds_and_instructions_are_those_of_then(database_url: str, estate: Steps, tmp_path: Path) -> None:
    def paid(steps: Steps) -> list[c.Command]:
        with psycopg.connect(database_url) as connection:
            query = "SELECT state FROM escrow.events WHERE topic = 'account.refund_instructed'"
            (state,) = connection.execute(query).fetchone() or ("",)
        (leg,) = json.loads(state)["legs"]
        named: dict[str, Any] = {"bank": "ICBC", "instruction_id": leg["instruction_id"], "amount_fen": 30_000}
        return [c.SettleInstruction(**steps.at, **named, outcome="settled", bank_reference="p-1", digest="p-1")]

    before = packed(database_url, tmp_path / "before")
    uvloop.run(record(database_url, paid, steps=estate))
    then, now = packed(database_url, tmp_path / "then", version=59), packed(database_url, tmp_path / "now")
    assert contents(then) == contents(before)
    states = [[row["state"] for row in rows(pack, "instructions")] for pack in (then, now)]
    assert states == [["pending"], ["settled"]]
    refunds = [{row["refund_id"]: row["paid_fen"] for row in rows(pack, "refunds")} for pack in (then, now)]
    assert refunds == [{"r-4": 0, "r-5": 0}, {"r-4": 30_000, "r-5": 0}]
    assert rows(now, "contracts")[0]["contract_no"] == "'=HT-1"


def test_it_says_that_everything_follows_from_the_events(database_url: str, estate: Steps, tmp_path: Path) -> None:
    pack = packed(database_url, tmp_path / "pack")
    checked = check_pack(pack)
    assert (checked.faults, checked.manifest["verification"]) == ([], {"passed": True, "differences": {}})
    assert checked.manifest["balances"]["cash_fen"] == 1_038_799
    assert checked.manifest["rows"]["events"] == checked.manifest["version"] == 59
    assert rows(pack, "differences") == []
    assert "核验通过" in text_of(pack / "summary.pdf")


def test_an_event_that_was_altered_is_found_and_told(database_url: str, estate: Steps, tmp_path: Path) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("ALTER TABLE escrow.events DISABLE TRIGGER events_append_only")
        line, other = '"package":1,"amount_fen":600800', '"package":1,"amount_fen":1'
        query = "UPDATE escrow.events SET state = replace(state, %s, %s) WHERE version = 3"
        connection.execute(query, [line, other])
    pack = packed(database_url, tmp_path / "pack")
    verification = check_pack(pack).manifest["verification"]
    assert not verification["passed"]
    assert verification["differences"]
    assert {row["version"] for row in rows(pack, "differences")} >= {3}
    assert "核验发现差异" in text_of(pack / "summary.pdf")


def test_parquet_has_what_csv_has(database_url: str, estate: Steps, tmp_path: Path) -> None:
    pack = packed(database_url, tmp_path / "pack")
    with duckdb.connect() as connection:
        for path in sorted(pack.glob("*.parquet")):
            count = connection.execute("SELECT count(*) FROM read_parquet($1)", [str(path)]).fetchone()
            assert count == (len(rows(pack, path.stem)),), path.name
        total = connection.execute(
            "SELECT sum(amount_fen)::BIGINT FROM read_parquet($1) WHERE bucket = 'cash'",
            [str(pack / "postings.parquet")],
        ).fetchone()
    assert total == (1_038_799,)


def test_progress_is_told_to_the_end(database_url: str, estate: Steps, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    def follow(done: int, total: int) -> None:
        seen.append((done, total))

    packed(database_url, tmp_path / "pack", on_progress=follow)
    assert seen[-1] == (59, 59)


def test_an_account_that_is_not_there_has_no_history(database_url: str, tmp_path: Path) -> None:
    with pytest.raises(LedgerError) as refused:
        packed(database_url, tmp_path / "pack")
    assert refused.value.code == "account_not_found"


def text_of(pdf: Path) -> str:
    pages = pypdf.PdfReader(io.BytesIO(pdf.read_bytes())).pages
    return " ".join(page.extract_text() for page in pages)
