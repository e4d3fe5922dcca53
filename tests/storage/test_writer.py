"""The writer: durable before answered, refusals without trace, repetitions answered alike, defects kept apart."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest

from ledger.application.ledger import Ledger
from ledger.domain import decisions
from ledger.domain.account import EscrowAccount
from ledger.domain.commands import EndContract, FreezeAccount, RequestPayout
from ledger.domain.errors import LedgerError
from ledger.postgres.pipeline import Pipeline, StatementRefused
from ledger.storage.hot_accounts import HotAccounts
from ledger.storage.requests import Outcome, Request
from tests.conftest import PARTITIONS
from tests.storage.commands import BANK, DAY, deposit, keyed, new_ledger, only, open_accounts, opening, signing

pytestmark = pytest.mark.anyio


async def refused(ledger: Ledger, request: Request) -> str:
    with pytest.raises(LedgerError) as refusal:
        await ledger.execute(request)
    return refusal.value.code


def hidden(_: EscrowAccount) -> bool:
    return False


def heads(url: str) -> dict[int, int]:
    with psycopg.connect(url) as connection:
        return dict(connection.execute("SELECT partition, position FROM escrow.heads").fetchall())


async def test_an_outcome_says_where_the_events_are(database_url: str) -> None:
    async with new_ledger(database_url) as ledger:
        (account_id,) = await open_accounts(ledger, 1)
        outcome = await ledger.execute(Request(deposit(account_id, "r1"), "bank:test"))
    assert (only(outcome), outcome.version, outcome.position, outcome.replayed) == ("FeePaid", 3, 3, False)
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT topic, version, command_size, state::json ->> 'actor' FROM escrow.events "
            "WHERE partition = %s AND position = %s",
            [outcome.partition, outcome.position],
        ).fetchone()
    assert row == ("account.fee_paid", 3, 1, "bank:test")


async def test_a_repeated_request_is_answered_alike_also_after_a_restart(database_url: str) -> None:
    async with new_ledger(database_url) as ledger:
        (account_id,) = await open_accounts(ledger, 1)
        first = await ledger.execute(keyed(deposit(account_id, "r1")))
        again = await ledger.execute(keyed(deposit(account_id, "r1")))
    assert again == first.again()
    async with new_ledger(database_url) as ledger:
        before = heads(database_url)
        assert await ledger.execute(keyed(deposit(account_id, "r1"))) == first.again()
        other_key = keyed(deposit(account_id, "r1"))._replace(idempotency_key=uuid4())
        assert await ledger.execute(other_key) == first.again()
    assert heads(database_url) == before


async def test_a_repeated_request_that_would_now_be_refused_is_answered_alike(database_url: str) -> None:
    async with new_ledger(database_url) as ledger:
        (account_id,) = await open_accounts(ledger, 1)
        end = EndContract(account_id=account_id, effective_on=DAY, contract_id="c", reason="moved away")
        first = await ledger.execute(Request(end, "institution:test", key := uuid4(), b"hash"))
        assert await refused(ledger, Request(end, "institution:test")) == "contract_not_found"
    async with new_ledger(database_url) as ledger:
        again = await ledger.execute(Request(end, "institution:test", key, b"hash"))
    assert again == first.again()


@pytest.mark.parametrize("restart", [False, True])
async def test_a_key_or_reference_with_other_content_is_refused(database_url: str, restart: bool) -> None:
    ledger = new_ledger(database_url)
    async with ledger:
        (account_id,) = await open_accounts(ledger, 1)
        await ledger.execute(keyed(deposit(account_id, "r1")))
        if not restart:
            await _require_reuse_refused(ledger, account_id)
    if restart:
        async with new_ledger(database_url) as ledger:
            await _require_reuse_refused(ledger, account_id)


async def _require_reuse_refused(ledger: Ledger, account_id: UUID) -> None:
    request = keyed(deposit(account_id, "r1"))
    other_body = request._replace(command=deposit(account_id, "r2"), request_hash=b"other")
    assert await refused(ledger, other_body) == "idempotency_key_reused"
    assert await refused(ledger, Request(deposit(account_id, "r1", 101), "bank:test")) == "entry_reused"
    another_account = msgspec.structs.replace(opening(uuid4()), account_no=account_id.hex)
    assert await refused(ledger, Request(another_account, "regulator:test")) == "account_no_taken"


async def test_repetitions_in_one_batch_record_once(database_url: str) -> None:
    async with new_ledger(database_url) as ledger:
        (account_id,) = await open_accounts(ledger, 1)
        outcomes = await ledger.execute_all([keyed(deposit(account_id, "r1"))] * 5)
        taken = await ledger.execute_all([Request(deposit(account_id, "r2", fen), "bank:test") for fen in (7, 8, 7)])
    assert [isinstance(o, Outcome) and o.replayed for o in outcomes] == [False, True, True, True, True]
    assert [o.code if isinstance(o, LedgerError) else o.replayed for o in taken] == [False, "entry_reused", True]


async def test_a_refused_command_leaves_no_trace(database_url: str) -> None:
    async with new_ledger(database_url) as ledger:
        (account_id,) = await open_accounts(ledger, 1)
        before = heads(database_url)
        payout = RequestPayout(account_id=account_id, effective_on=ledger.today(), instruction_id="p", amount_fen=1)
        key = uuid4()
        assert await refused(ledger, Request(payout, "institution:test", key, b"hash")) == "payout_not_free"
        assert await refused(ledger, Request(deposit(uuid4(), "r"), "bank:test")) == "account_not_found"
        assert heads(database_url) == before
        later = await ledger.execute(Request(deposit(account_id, "r"), "bank:test", key, b"another"))
    assert not later.replayed


async def test_nobody_waits_for_a_writer_that_failed(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("a defect")

    ledger = await new_ledger(database_url).__aenter__()
    (account_id,) = await open_accounts(ledger, 1)
    monkeypatch.setattr(HotAccounts, "load", broken)
    deposits = [Request(deposit(account_id, f"r{number}"), "bank:test") for number in range(3)]
    said = await asyncio.gather(*map(ledger.execute, deposits), return_exceptions=True)
    assert [isinstance(one, LedgerError) and one.code for one in said] == ["outcome_unknown"] * 3
    assert not ledger.writer.alive
    assert await refused(ledger, Request(deposit(account_id, "later"), "bank:test")) == "ledger_stopping"
    with pytest.raises(ValueError, match="a defect"):
        await ledger.__aexit__()


async def test_a_socket_that_fails_is_a_lost_connection(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever was decided on top of the batch under way is answered too, and everybody's money is there once."""
    async with new_ledger(database_url) as ledger:
        (account_id,) = await open_accounts(ledger, 1)
        before = sum(heads(database_url).values())
        waiting = Pipeline.__dict__["_wait"]
        failures = iter([OSError("the socket is gone")])

        async def failing(pipeline: Pipeline, *, writing: bool = False) -> None:
            await asyncio.sleep(0.05)
            for failure in failures:
                raise failure
            await waiting(pipeline, writing=writing)

        monkeypatch.setattr(Pipeline, "_wait", failing)
        first = [asyncio.create_task(ledger.execute(keyed(deposit(account_id, f"a{n}")))) for n in range(3)]
        await asyncio.sleep(0)
        second = [asyncio.create_task(ledger.execute(keyed(deposit(account_id, f"b{n}")))) for n in range(3)]
        said = await asyncio.wait_for(asyncio.gather(*first, *second), 20)
        assert len({outcome.version for outcome in said}) == 6
        assert sum(heads(database_url).values()) == before + 6


async def test_requests_together_are_recorded_all_or_none(database_url: str) -> None:
    async with new_ledger(database_url) as ledger:
        ids = await open_accounts(ledger, 3)
        before = heads(database_url)
        good = [Request(deposit(account_id, f"r-{account_id}"), "bank:test") for account_id in ids]
        bad = Request(deposit(uuid4(), "r"), "bank:test")
        with pytest.raises(LedgerError, match="account_not_found"):
            await ledger.execute_atomically([*good, bad])
        assert heads(database_url) == before
        single, together = await asyncio.gather(
            ledger.execute(Request(deposit(ids[0], "before"), "bank:test")), ledger.execute_atomically(good)
        )
        assert single.version == 3
        assert [outcome.version for outcome in together] == [4, 3, 3]
        again = await ledger.execute_atomically(good)
    assert again == [outcome.again() for outcome in together]


async def test_the_expected_version_and_the_row_scope_guard_a_decision(database_url: str) -> None:
    async with new_ledger(database_url) as ledger:
        (account_id,) = await open_accounts(ledger, 1)
        request = Request(deposit(account_id, "r"), "bank:test")
        assert await refused(ledger, request._replace(expected_version=1)) == "version_mismatch"
        assert await refused(ledger, request._replace(visible=hidden)) == "account_not_found"
        seen: list[str] = []

        def visible(account: EscrowAccount) -> bool:
            seen.append(account.bank)
            return True

        outcome = await ledger.execute(request._replace(expected_version=2, visible=visible))
    assert (outcome.version, seen) == (3, [BANK])


async def test_a_full_queue_refuses_at_once(database_url: str) -> None:
    async with Ledger(database_url, PARTITIONS, queue_limit=2) as ledger:
        (account_id,) = await open_accounts(ledger, 1)
        calls = [ledger.execute(Request(deposit(account_id, f"r{n}"), "bank:test")) for n in range(10)]
        results = await asyncio.gather(*calls, return_exceptions=True)
    codes = [result.code for result in results if isinstance(result, LedgerError)]
    assert codes
    assert set(codes) == {"queue_full"}
    assert sum(isinstance(result, Outcome) for result in results) == 10 - len(codes)


async def test_a_defect_fails_its_own_command_alone(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with new_ledger(database_url) as ledger:
        ids = await open_accounts(ledger, 3)

        def broken(*_: object) -> object:
            raise ZeroDivisionError("a defect")

        monkeypatch.setitem(decisions.DECISIONS, FreezeAccount, broken)
        freeze = FreezeAccount(account_id=ids[1], effective_on=DAY, scope="all", reason="test")
        results = await asyncio.gather(
            ledger.execute(Request(deposit(ids[0], "r0"), "bank:test")),
            ledger.execute(Request(deposit(ids[1], "r1"), "bank:test")),
            ledger.execute(Request(freeze, "regulator:test")),
            ledger.execute(Request(deposit(ids[1], "r2"), "bank:test")),
            return_exceptions=True,
        )
    assert isinstance(results[2], ZeroDivisionError)
    assert [r.version for r in results if isinstance(r, Outcome)] == [3, 3, 4]


async def test_a_refused_append_fails_its_callers_and_the_next_one_works(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as owner:
        async with new_ledger(database_url) as ledger:
            (account_id,) = await open_accounts(ledger, 1)
            await asyncio.to_thread(owner.execute, "REVOKE INSERT ON escrow.events FROM escrow_writer")
            with pytest.raises(StatementRefused, match="42501"):
                await ledger.execute(keyed(deposit(account_id, "r1")))
            await asyncio.to_thread(owner.execute, "GRANT INSERT ON escrow.events TO escrow_writer")
            outcome = await ledger.execute(keyed(deposit(account_id, "r1")))
    assert (outcome.version, outcome.replayed) == (3, False)


async def test_another_process_is_seen_before_anything_is_refused(database_url: str) -> None:
    async with new_ledger(database_url) as one, new_ledger(database_url) as other:
        (account_id,) = await open_accounts(one, 1)
        await other.execute(Request(signing(account_id, "d"), "institution:test"))
        end = EndContract(account_id=account_id, effective_on=DAY, contract_id="d", reason="moved away")
        assert (await one.execute(Request(end, "institution:test"))).version == 4
        taken = await other.execute(Request(deposit(account_id, "r"), "bank:test"))
        assert taken.version == 5
        assert await refused(one, Request(deposit(account_id, "r", 5), "bank:test")) == "entry_reused"


async def test_snapshots_shorten_loading_and_change_nothing(database_url: str) -> None:
    async with new_ledger(database_url) as ledger:
        (account_id,) = await open_accounts(ledger, 1)
        for start in range(0, 3_600, 600):
            await ledger.execute_all(
                [Request(deposit(account_id, f"r{n}"), "bank:test") for n in range(start, start + 600)]
            )
        await ledger.snapshots.finish()
        assert ledger.snapshots.taken == 2
        in_memory = await asyncio.to_thread(ledger.account_at_version, account_id)
    with psycopg.connect(database_url, autocommit=True) as connection:
        kept = connection.execute("SELECT version FROM escrow.snapshots").fetchall()
        assert len(kept) == 2
        async with new_ledger(database_url) as ledger:
            with_snapshots = await asyncio.to_thread(ledger.account_at_version, account_id)
            await asyncio.to_thread(connection.execute, "DELETE FROM escrow.snapshots")
            without = await asyncio.to_thread(ledger.account_at_version, account_id)
    assert with_snapshots == without == in_memory
    assert msgspec.json.encode(with_snapshots) == msgspec.json.encode(without)


async def test_the_version_of_a_past_position_or_instant_is_found(database_url: str) -> None:
    async with new_ledger(database_url) as ledger:
        ids = await open_accounts(ledger, 8)
        outcomes: dict[UUID, list[Outcome]] = {account_id: [] for account_id in ids}
        for n in range(20):
            for account_id in ids:
                outcomes[account_id].append(
                    await ledger.execute(Request(deposit(account_id, f"{account_id}-{n}"), "b"))
                )
        for account_id in ids:
            for outcome in outcomes[account_id]:
                at = outcome.events[0].recorded_at
                assert ledger.version_at(account_id, position=outcome.position) == outcome.version
                assert ledger.version_at(account_id, position=outcome.position - 1) == outcome.version - 1
                assert ledger.version_at(account_id, recorded_at=at) == outcome.version
        assert ledger.version_at(ids[0], recorded_at=datetime(2020, 1, 1, tzinfo=UTC)) == 0
        past = ledger.account_at_version(ids[0], 12)
    assert (past.version, past.buckets.cash) == (12, 1_000)


async def test_an_account_is_found_by_its_number(database_url: str) -> None:
    async with new_ledger(database_url) as ledger:
        (account_id,) = await open_accounts(ledger, 1)
        assert await ledger.find_account(BANK, account_id.hex) == account_id
        with pytest.raises(LedgerError, match="account_not_found"):
            await ledger.find_account("ABC", account_id.hex)
