"""A long batch is sent in parts while it is decided: one commit all the same, whatever happens on the way."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import psycopg
import pytest

from ledger.domain import decisions
from ledger.domain.commands import FreezeAccount
from ledger.domain.errors import LedgerError
from ledger.postgres.pipeline import StatementRefused
from ledger.storage.log import Append, Claims, EventLog
from ledger.storage.requests import Outcome, Request
from tests.storage.commands import DAY, deposit, keyed, new_ledger, open_accounts
from tests.storage.load import Said, require_whole

pytestmark = pytest.mark.anyio
ACCOUNTS, SIZE = 20, 1_100


def many(ids: list[UUID], size: int = SIZE) -> list[Request]:
    return [keyed(deposit(ids[n % len(ids)], f"r{n}")) for n in range(size)]


def require_recorded(url: str, requests: Sequence[Request], outcomes: Sequence[Outcome | LedgerError]) -> None:
    """Every one of these deposits once, at the place that it was told, and nothing else."""
    said = Said()
    for n, (request, outcome) in enumerate(zip(requests, outcomes, strict=True)):
        if isinstance(outcome, Outcome):
            said.asked[f"r{n}"] = request.command.account_id
            said.acknowledged[f"r{n}"] = (outcome.partition, outcome.position, outcome.version)
    require_whole(url, said)


async def test_all_parts_go_with_one_commit(database_url: str) -> None:
    async with new_ledger(database_url) as ledger:
        requests = many(await open_accounts(ledger, ACCOUNTS))
        before = ledger.writer.batches
        outcomes = await ledger.execute_all(requests)
        assert ledger.writer.batches - before == 1
        assert all(isinstance(outcome, Outcome) and not outcome.replayed for outcome in outcomes)
        again = await ledger.execute_all(requests)
    require_recorded(database_url, requests, outcomes)
    places = [(one.position, one.version) for one in outcomes if isinstance(one, Outcome)]
    assert [(one.position, one.version, one.replayed) for one in again if isinstance(one, Outcome)] == [
        (*place, True) for place in places
    ]


async def test_a_refusal_of_any_part_stands_at_its_place(database_url: str) -> None:
    async with new_ledger(database_url) as ledger:
        ids = await open_accounts(ledger, ACCOUNTS)
        requests = many(ids)
        for place in (3, 700, SIZE - 1):
            requests[place] = keyed(deposit(ids[place % ACCOUNTS], f"r{place}", amount_fen=0))
        outcomes = await ledger.execute_all(requests)
    refused = {n: outcome.code for n, outcome in enumerate(outcomes) if isinstance(outcome, LedgerError)}
    assert refused == {3: "amount_not_positive", 700: "amount_not_positive", SIZE - 1: "amount_not_positive"}
    require_recorded(database_url, requests, outcomes)


async def test_a_defect_in_a_later_part_takes_back_what_was_sent(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> object:
        raise ZeroDivisionError("a defect")

    monkeypatch.setitem(decisions.DECISIONS, FreezeAccount, broken)
    async with new_ledger(database_url) as ledger:
        ids = await open_accounts(ledger, ACCOUNTS)
        requests = many(ids)
        freeze = FreezeAccount(account_id=ids[0], effective_on=DAY, scope="all", reason="test")
        with pytest.raises(ZeroDivisionError):
            await ledger.execute_all([*requests[:800], Request(freeze, "regulator:test"), *requests[800:]])
        outcomes = await ledger.execute_all(requests)
    assert all(isinstance(outcome, Outcome) and outcome.replayed for outcome in outcomes), "the others were recorded"
    require_recorded(database_url, requests, outcomes)


@pytest.mark.parametrize("place", [5, 900])
async def test_what_another_process_recorded_is_found_whatever_part_it_is_in(database_url: str, place: int) -> None:
    async with new_ledger(database_url) as one, new_ledger(database_url) as other:
        ids = await open_accounts(one, ACCOUNTS)
        requests = many(ids)
        earlier = await other.execute(requests[place])
        outcomes = await one.execute_all(requests)
    require_recorded(database_url, requests, outcomes)
    assert [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Outcome) and outcome.replayed] == [place]
    found = outcomes[place]
    assert isinstance(found, Outcome)
    assert (found.position, found.version) == (earlier.position, earlier.version)


async def test_an_append_that_the_database_refuses_leaves_no_part(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as owner:
        async with new_ledger(database_url) as ledger:
            requests = many(await open_accounts(ledger, ACCOUNTS))
            await asyncio.to_thread(owner.execute, "REVOKE INSERT ON escrow.unique_keys FROM escrow_writer")
            with pytest.raises(StatementRefused, match="42501"):
                await ledger.execute_all(requests)
            await asyncio.to_thread(owner.execute, "GRANT INSERT ON escrow.unique_keys TO escrow_writer")
            outcomes = await ledger.execute_all(requests)
    assert not any(isinstance(outcome, Outcome) and outcome.replayed for outcome in outcomes)
    require_recorded(database_url, requests, outcomes)


@pytest.mark.parametrize("part", [1, 3])
async def test_callers_do_not_notice_that_the_backend_ended_between_two_parts(
    database_url: str, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    send, sent = EventLog.send, 0
    with psycopg.connect(database_url, autocommit=True) as owner:

        def send_and_end(
            log: EventLog, recorded_at: datetime, appends: Sequence[Append], claims: Claims, partitions: Iterable[int]
        ) -> None:
            nonlocal sent
            send(log, recorded_at, appends, claims, partitions)
            sent += 1
            if sent == part:
                owner.execute("SELECT pg_terminate_backend(%s, 5000)", [log.backend_pid])

        monkeypatch.setattr(EventLog, "send", send_and_end)
        async with new_ledger(database_url) as ledger:
            requests = many(await open_accounts(ledger, ACCOUNTS))
            outcomes = await ledger.execute_all(requests)
    assert sent == part
    assert not any(isinstance(outcome, Outcome) and outcome.replayed for outcome in outcomes)
    require_recorded(database_url, requests, outcomes)
