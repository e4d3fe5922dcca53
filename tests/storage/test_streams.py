"""Cases go through the writer beside the accounts, and nothing takes one for the other."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from ledger.application.ledger import Ledger
from ledger.domain.commands import Command
from ledger.domain.commands.cases import CloseCase, NoteCase, OpenCase
from ledger.domain.errors import LedgerError
from ledger.storage.requests import Request
from tests.domain.case_scenario import DEFAULTS
from tests.storage.commands import DAY, deposit, new_ledger, open_accounts, opening

pytestmark = pytest.mark.anyio


def of_case(kind: type[Command], case_id: UUID, **said: Any) -> Request:
    spoken: dict[str, Any] = {"account_id": case_id, "effective_on": DAY, "acting": ("*",)} | DEFAULTS[kind] | said
    return Request(kind(**spoken), "regulator:test")


async def refused(ledger: Ledger, request: Request) -> str:
    with pytest.raises(LedgerError) as refusal:
        await ledger.execute(request)
    return refusal.value.code


async def test_a_case_is_loaded_as_what_it_is(database_url: str) -> None:
    case_id = uuid4()
    async with new_ledger(database_url) as ledger:
        assert (await ledger.execute(of_case(OpenCase, case_id))).events[0].topic == "case.opened"
    async with new_ledger(database_url) as one, new_ledger(database_url) as other:
        assert [e.topic for e in (await one.execute(of_case(NoteCase, case_id))).events] == ["case.noted"]
        assert await refused(one, Request(deposit(case_id, "r"), "bank:test")) == "account_not_found"
        assert (await other.execute(of_case(CloseCase, case_id))).events[-1].topic == "case.closed"
        assert await refused(one, of_case(CloseCase, case_id)) == "case_closed"


async def test_what_is_not_there_may_become_either(database_url: str) -> None:
    async with new_ledger(database_url) as ledger:
        account_id, case_id = uuid4(), uuid4()
        assert await refused(ledger, of_case(NoteCase, account_id)) == "case_not_found"
        assert (await ledger.execute(Request(opening(account_id), "regulator:test"))).version == 1
        assert await refused(ledger, Request(deposit(case_id, "r"), "bank:test")) == "account_not_found"
        assert (await ledger.execute(of_case(OpenCase, case_id))).version >= 1
        assert await refused(ledger, of_case(NoteCase, account_id)) == "case_not_found"


async def test_an_id_is_of_one_kind_for_ever(database_url: str) -> None:
    account_id, case_id = uuid4(), uuid4()
    async with new_ledger(database_url) as ledger:
        await ledger.execute(Request(opening(account_id), "regulator:test"))
        await ledger.execute(of_case(OpenCase, case_id))
    async with new_ledger(database_url) as ledger:
        assert await refused(ledger, Request(opening(case_id), "regulator:test")) == "id_taken"
        assert await refused(ledger, of_case(OpenCase, account_id)) == "id_taken"
        assert (await ledger.execute(Request(opening(uuid4()), "regulator:test"))).version >= 1


async def test_a_snapshot_is_of_accounts_alone(database_url: str) -> None:
    async with new_ledger(database_url) as ledger:
        (account_id,) = await open_accounts(ledger, 1)
        case_id = uuid4()
        await ledger.execute(of_case(OpenCase, case_id))
        notes = [of_case(NoteCase, case_id) for _ in range(1_100)]
        await ledger.execute_all([*notes, *(Request(deposit(account_id, f"r{n}"), "bank:test") for n in range(1_100))])
        await ledger.snapshots.finish()
        assert ledger.snapshots.taken == 1
        assert ledger.writer.in_memory(case_id) is None
