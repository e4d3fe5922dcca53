"""States kept in memory: what they save is replay, and what is read is always the log's."""

import asyncio
from uuid import UUID, uuid4

from ledger.domain.account import EscrowAccount
from ledger.storage.event_sourcing import LedgerApplication
from ledger.storage.mapper import encode_account
from ledger.storage.recent_states import WORTH_KEEPING, RecentStates
from ledger.storage.requests import Request
from tests.conftest import PARTITIONS
from tests.storage.commands import deposit, new_ledger, open_accounts


def replayed(url: str, account_id: UUID, version: int | None = None) -> bytes:
    """The state by an application that has kept nothing."""
    application = LedgerApplication(url, PARTITIONS)
    try:
        return encode_account(application.account(account_id, version=version))
    finally:
        application.close()


def test_a_kept_state_goes_on_with_the_log(database_url: str) -> None:
    async def example() -> None:
        async with new_ledger(database_url) as ledger:
            (account_id,) = await open_accounts(ledger, 1)
            paying = [Request(deposit(account_id, f"r{n}"), "bank:test") for n in range(WORTH_KEEPING)]
            await ledger.execute_all(paying)
            read = ledger.account_at_version
            for more in range(3):
                first, again = await asyncio.to_thread(read, account_id), await asyncio.to_thread(read, account_id)
                assert first.version == WORTH_KEEPING + 2 + more
                assert encode_account(first) == encode_account(again) == replayed(database_url, account_id)
                await ledger.execute(Request(deposit(account_id, f"later-{more}"), "bank:test"))
            for version in (1, WORTH_KEEPING // 2, WORTH_KEEPING + 2, WORTH_KEEPING + 4):
                then = await asyncio.to_thread(read, account_id, version)
                assert then.version == version
                assert encode_account(then) == replayed(database_url, account_id, version)

    asyncio.run(example())


def account(version: int, account_id: UUID | None = None) -> EscrowAccount:
    return EscrowAccount(id=account_id or uuid4(), version=version)


def test_nobody_changes_what_others_read() -> None:
    states, one = RecentStates(), account(7)
    states.keep(one)
    found = states.find(one.id, None)
    assert found is not None
    found.version = 8
    again = states.find(one.id, None)
    assert again is not None
    assert again.version == 7


def test_a_state_later_than_the_version_asked_for_is_no_help() -> None:
    states, one = RecentStates(), account(7)
    states.keep(one)
    assert states.find(one.id, 6) is None
    assert states.find(one.id, 7) is not None
    assert states.find(one.id, 8) is not None


def test_an_older_state_does_not_take_the_place_of_a_later_one() -> None:
    states, one = RecentStates(), account(7)
    states.keep(one)
    states.keep(account(5, one.id))
    found = states.find(one.id, None)
    assert found is not None
    assert found.version == 7


def test_the_state_that_nobody_asked_for_longest_is_dropped_first() -> None:
    one, two, three = account(1), account(1), account(1)
    states = RecentStates(most_bytes=2 * len(encode_account(one)))
    states.keep(one)
    states.keep(two)
    assert states.find(one.id, None) is not None
    states.keep(three)
    assert len(states) == 2
    assert states.find(two.id, None) is None
    assert states.find(one.id, None) is not None
    assert states.find(three.id, None) is not None
