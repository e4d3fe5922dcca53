"""A clean store passes verification; every kind of tampering, done as a superuser past the trigger, is named."""

import asyncio
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import pytest

from ledger.application.ledger import Ledger, Request
from ledger.application.verification.differences import KINDS, Difference
from ledger.application.verification.verify import Verification, verify
from ledger.domain.commands import RequestAdvance, SettleInstruction
from ledger.domain.commands.cases import OpenCase
from ledger.domain.partition import partition_of
from ledger.domain.policy import FixedPolicies, Policy
from ledger.storage.migrate import MIGRATIONS_DIRECTORY
from tests.application.filled_store import BANK, DAY, FIRST, NOW, SECOND, fill
from tests.conftest import PARTITIONS
from tests.domain.case_scenario import DEFAULTS

CASE = UUID("01890000-0000-7000-8000-00000000ca5e")
P1 = partition_of(FIRST, PARTITIONS)
EVENTS_OF_EACH = 13
"""Opened, 2 contracts, 2 deposits of 1 and 2 events, a lesson of 2, a payout, a refund of 2 and 2."""
LAST = EVENTS_OF_EACH


@pytest.fixture
def store(database_url: str) -> str:
    fill(database_url)
    return database_url


def tamper(url: str, *statements: str) -> None:
    """Run statements as a superuser with the triggers off."""
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            assert connection.execute(statement.encode()).rowcount != 0, statement


def kinds(found: Verification) -> dict[str, int]:
    """Counts of what was found; each difference has sentences and becomes JSON and back."""
    for one in found.differences:
        assert one.message
        assert one.message_zh
        assert msgspec.json.decode(msgspec.json.encode(one), type=Difference) == one
    return found.counts


def test_a_clean_store_passes(store: str) -> None:
    progress: list[tuple[int, int]] = []
    found = verify(store, on_progress=lambda done, total: progress.append((done, total)))
    assert found.passed
    assert found.differences == []
    assert (found.events, found.accounts, found.unique_keys, found.snapshots) == (2 * EVENTS_OF_EACH, 2, 6, 2)
    assert found.commands == 18
    assert progress[-1] == (found.events, found.events)


async def _cases_and_orders(url: str) -> None:
    """A case, and an account whose advance waits for the bank."""
    policies = FixedPolicies({"default": Policy(advance_share_bp=5_000)})
    async with Ledger(url, PARTITIONS, clock=lambda: NOW, policies=policies) as ledger:
        at: dict[str, Any] = {"effective_on": DAY}
        case: dict[str, Any] = DEFAULTS[OpenCase] | {"about_account_id": str(FIRST), "acting": ("*",)}
        advance = RequestAdvance(account_id=SECOND, instruction_id="advance-1", amount_fen=10_000, **at)
        for command in (OpenCase(account_id=CASE, pack="default", **at, **case), advance):
            await ledger.execute(Request(command, "regulator:test"))


def test_cases_and_orders_of_every_kind_pass(store: str) -> None:
    asyncio.run(_cases_and_orders(store))
    found = verify(store)
    assert found.differences == []
    assert found.accounts == 2


def test_a_case_that_was_tampered_with_is_named(store: str) -> None:
    asyncio.run(_cases_and_orders(store))
    tamper(store, f"UPDATE escrow.events SET version = 3 WHERE account_id = '{CASE}' AND version = 2")
    assert "version_differs" in kinds(verify(store))


def test_several_processes_find_the_same(store: str) -> None:
    tamper(store, "DELETE FROM escrow.unique_keys WHERE key = 'ICBK/E11'")
    apart, here = verify(store, processes=2), verify(store, processes=1)
    assert kinds(apart) == kinds(here) == {"unique_key_missing": 1}
    assert apart.differences == here.differences
    assert apart.events == here.events


def test_a_store_without_events_passes(database_url: str) -> None:
    assert verify(database_url).passed


def test_one_account_is_checked_alone(store: str) -> None:
    tamper(store, f"DELETE FROM escrow.events WHERE account_id = '{SECOND}' AND version = 2")
    assert verify(store, account_id=FIRST).passed
    found = verify(store, account_id=SECOND)
    assert found.events == EVENTS_OF_EACH - 1
    assert "version_differs" in kinds(found)


EVENT = f"WHERE account_id = '{FIRST}' AND version ="
MOVE = "UPDATE escrow.events SET position ="
TAMPERINGS: dict[str, tuple[list[str], set[str]]] = {
    "an amount whose lines are not changed": (
        [f"UPDATE escrow.events SET state = replace(state, '90000', '90001') {EVENT} 4"],
        {"view_row_differs"},
    ),
    "an amount of which only the total is changed": (
        [
            f"""UPDATE escrow.events
                   SET state = replace(state, '"amount_fen":90000,"lines"', '"amount_fen":80000,"lines"') {EVENT} 4"""
        ],
        {"lines_differ", "bucket_differs", "snapshot_differs"},
    ),
    "the amount of a draw": (
        [f"UPDATE escrow.events SET state = replace(state, '12857', '12858') {EVENT} 8"],
        {"draw_differs", "view_row_differs"},
    ),
    "a date in a payload": (
        [f"UPDATE escrow.events SET state = replace(state, '2026-03-02T08', '2026-03-02T09') {EVENT} 4"],
        {"recorded_at_differs"},
    ),
    "a payload written by hand": (
        [f"UPDATE escrow.events SET state = replace(state, ',', ', ') {EVENT} 1"],
        {"payload_altered"},
    ),
    "a payload that is no JSON": (
        [f"UPDATE escrow.events SET state = '{{' {EVENT} 4"],
        {"payload_unreadable", "view_underivable"},
    ),
    "an event deleted": (
        [f"DELETE FROM escrow.events {EVENT} 4"],
        {"position_missing", "version_differs", "unique_key_surplus", "view_underivable"},
    ),
    "the last event deleted": (
        [f"DELETE FROM escrow.events {EVENT} {LAST}"],
        {"head_differs", "command_broken", "view_underivable"},
    ),
    "two events swapped": (
        [f"{MOVE} -1 {EVENT} 4", f"{MOVE} 4 {EVENT} 3", f"{MOVE} 3 {EVENT} 4"],
        {"version_differs", "unique_key_elsewhere"},
    ),
    "an event moved to another account": (
        [f"UPDATE escrow.events SET account_id = '{SECOND}', version = 99 {EVENT} {LAST}"],
        {"partition_wrong", "command_broken", "version_differs"},
    ),
    "the size of a command": (
        [f"UPDATE escrow.events SET command_size = 1 {EVENT} 5"],
        {"command_broken"},
    ),
    "a request hash without its key": (
        [f"UPDATE escrow.events SET idempotency_key = NULL {EVENT} 5"],
        {"command_broken"},
    ),
    "an event in a partition that does not exist": (
        [f"UPDATE escrow.events SET partition = 9 {EVENT} {LAST}"],
        {"partition_unknown", "head_differs"},
    ),
    "a unique key deleted": (
        ["DELETE FROM escrow.unique_keys WHERE key = 'ICBK/E11'"],
        {"unique_key_missing"},
    ),
    "a unique key with another digest": (
        ["UPDATE escrow.unique_keys SET digest = 'x' WHERE key = 'ICBK/E11'"],
        {"unique_key_digest"},
    ),
    "a unique key that points elsewhere": (
        ["UPDATE escrow.unique_keys SET position = 2 WHERE key = 'ICBK/E11'"],
        {"unique_key_elsewhere", "unique_key_surplus"},
    ),
    "a unique key that nobody took": (
        [f"INSERT INTO escrow.unique_keys VALUES ('credit', 'ICBK/none', 'd', {P1}, 4)"],
        {"unique_key_surplus"},
    ),
    "a unique key of the other direction": (
        ["UPDATE escrow.unique_keys SET kind = 'debit' WHERE key = 'ICBK/E11'"],
        {"unique_key_missing", "unique_key_surplus"},
    ),
    "a unique key of an event far away": (
        [f"INSERT INTO escrow.unique_keys VALUES ('credit', 'ICBK/none', 'd', {P1}, 4000)"],
        {"unique_key_surplus"},
    ),
    "a snapshot": (
        [
            f"""UPDATE escrow.snapshots SET state = replace(state, '"cash":180000', '"cash":180009')
             WHERE account_id = '{FIRST}'"""
        ],
        {"snapshot_differs"},
    ),
    "a snapshot that is no account": (
        [f"UPDATE escrow.snapshots SET state = '[]' WHERE account_id = '{FIRST}'"],
        {"snapshot_differs"},
    ),
    "a snapshot of a version to come": (
        [f"UPDATE escrow.snapshots SET version = 77 WHERE account_id = '{FIRST}'"],
        {"snapshot_without_events"},
    ),
    "a view's row": (
        [f"UPDATE escrow_views.balances SET cash_fen = cash_fen + 1 WHERE account_id = '{FIRST}'"],
        {"view_row_differs"},
    ),
    "a view's row deleted": (
        [f"DELETE FROM escrow_views.refunds WHERE account_id = '{FIRST}'"],
        {"view_row_missing"},
    ),
    "a view's row made up": (
        [f"UPDATE escrow_views.refunds SET refund_id = 'none' WHERE account_id = '{FIRST}'"],
        {"view_row_missing", "view_row_surplus"},
    ),
    "a view's row, and how far the view has come": (
        [
            f"UPDATE escrow_views.balances SET cash_fen = cash_fen + 1 WHERE account_id = '{FIRST}'",
            f"DELETE FROM escrow_views.positions WHERE view = 'balances' AND partition = {P1}",
        ],
        {"view_underivable"},
    ),
    "a view's row, and that there is the view": (
        [
            f"UPDATE escrow_views.balances SET cash_fen = cash_fen + 1 WHERE account_id = '{FIRST}'",
            "DELETE FROM escrow_views.views_version WHERE view = 'balances'",
        ],
        {"view_underivable"},
    ),
    "the trigger switched off": (
        ["ALTER TABLE escrow.events DISABLE TRIGGER events_append_only"],
        {"guard_missing"},
    ),
    "the trigger dropped": (
        ["DROP TRIGGER unique_keys_append_only ON escrow.unique_keys"],
        {"guard_missing"},
    ),
    "the trigger for replicas alone": (
        ["ALTER TABLE escrow.events ENABLE REPLICA TRIGGER events_append_only"],
        {"guard_missing"},
    ),
    "the trigger's function": (
        [
            """CREATE OR REPLACE FUNCTION escrow.refuse_change() RETURNS trigger LANGUAGE plpgsql
                AS $$ BEGIN RETURN NULL; END $$"""
        ],
        {"guard_missing"},
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_named(store: str, name: str) -> None:
    statements, expected = TAMPERINGS[name]
    tamper(store, *(["ALTER TABLE escrow.events DROP CONSTRAINT events_position_check"] * ("-1" in statements[0])))
    tamper(store, *statements)
    found = verify(store)
    assert not found.passed
    assert expected <= kinds(found).keys()


def test_a_snapshot_of_another_release_is_neither_read_nor_a_difference(store: str) -> None:
    tamper(
        store,
        f"UPDATE escrow.snapshots SET topic = 'escrow_account.older', state = '{{}}' WHERE account_id = '{FIRST}'",
    )
    found = verify(store)
    assert found.passed
    assert found.snapshots == 1


def test_every_account_but_the_tampered_one_is_still_whole(store: str) -> None:
    tamper(store, f"DELETE FROM escrow.events {EVENT} 4")
    found = verify(store)
    named: list[Any] = [one.account_id for one in found.differences if one.account_id is not None]
    assert set(named) == {FIRST}


def test_a_difference_tells_where_it_is(store: str) -> None:
    tamper(store, "DELETE FROM escrow.unique_keys WHERE key = 'ICBK/E11'")
    (one,) = verify(store).differences
    assert (one.kind, one.partition, one.position, one.account_id, one.version) == (
        "unique_key_missing",
        P1,
        4,
        FIRST,
        4,
    )
    assert one.message == "The unique key ICBK/E11 (credit) of the event is missing."


def test_keys_of_an_older_store_get_their_direction(store: str) -> None:
    """They were of kind `entry`, whatever way the money went."""
    asyncio.run(_paid_out(store))
    tamper(store, "UPDATE escrow.unique_keys SET kind = 'entry' WHERE kind IN ('credit', 'debit')")
    assert kinds(verify(store)) == {"unique_key_missing": 5, "unique_key_surplus": 5}
    with psycopg.connect(store) as connection:
        connection.execute((MIGRATIONS_DIRECTORY / "0012_entry_directions.sql").read_bytes())
        left = connection.execute("SELECT kind, count(*) FROM escrow.unique_keys GROUP BY kind").fetchall()
    assert dict(left) == {"account": 2, "credit": 4, "debit": 1}
    assert verify(store).passed
    with psycopg.connect(store) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("UPDATE escrow.unique_keys SET digest = 'x'")


async def _paid_out(url: str) -> None:
    async with Ledger(url, PARTITIONS, clock=lambda: NOW) as ledger:
        said: dict[str, Any] = {"bank": BANK, "bank_reference": "P11", "digest": "d", "outcome": "settled"}
        about: dict[str, Any] = {"account_id": FIRST, "instruction_id": "payout-1", "amount_fen": 20_000}
        await ledger.execute(Request(SettleInstruction(**about, **said, effective_on=DAY), "bank:test"))


def test_sentences_of_both_languages_take_the_same_figures() -> None:
    for kind, (en, zh) in KINDS.items():
        places = [{part.split("}")[0] for part in text.split("{")[1:]} for text in (en, zh)]
        assert places[0] == places[1], kind
