"""Groups of units under one future: results in order, whatever commit each of them went with, each told once."""

import asyncio
from datetime import date
from uuid import UUID

import pytest

from ledger.domain.commands import ReleaseHold
from ledger.domain.errors import LedgerError
from ledger.storage.requests import Outcome, Request
from ledger.storage.units import LONG, Unit, grouped, in_parts

pytestmark = pytest.mark.anyio
REQUEST = Request(ReleaseHold(account_id=UUID(int=1), effective_on=date(2026, 9, 1), hold_id="h", reason="r"), "test")


def outcome(position: int) -> Outcome:
    return Outcome(UUID(int=1), 0, position, position, ())


async def test_results_come_in_order_when_the_last_unit_is_told() -> None:
    answer: asyncio.Future[list[Outcome | LedgerError]] = asyncio.get_running_loop().create_future()
    units = grouped([REQUEST] * 3, answer)
    refusal = LedgerError("contract_not_found", contract_id="c")
    units[2].tell([outcome(3)])
    units[0].tell([outcome(1)])
    assert not answer.done()
    assert not units[1].abandoned
    units[1].tell(refusal)
    assert answer.result() == [outcome(1), refusal, outcome(3)]


async def test_what_a_unit_is_told_later_is_not_heard() -> None:
    answer: asyncio.Future[list[Outcome | LedgerError]] = asyncio.get_running_loop().create_future()
    first, second = grouped([REQUEST] * 2, answer)
    unknown = LedgerError("outcome_unknown")
    first.tell(unknown)
    first.tell([outcome(1)])
    assert first.abandoned
    assert not answer.done()
    second.tell([outcome(2)])
    assert answer.result() == [unknown, outcome(2)]


async def test_a_failure_fails_the_group_when_every_unit_has_its_answer() -> None:
    answer: asyncio.Future[list[Outcome | LedgerError]] = asyncio.get_running_loop().create_future()
    units = grouped([REQUEST] * 3, answer)
    units[1].tell(OSError("the disk is full"))
    units[0].tell([outcome(1)])
    assert not answer.done()
    units[2].tell([outcome(3)])
    with pytest.raises(OSError, match="the disk is full"):
        answer.result()


async def test_units_of_a_caller_that_went_away_are_not_decided() -> None:
    answer: asyncio.Future[list[Outcome | LedgerError]] = asyncio.get_running_loop().create_future()
    units = grouped([REQUEST] * 2, answer)
    answer.cancel()
    assert all(unit.abandoned for unit in units)
    for unit in units:
        unit.tell([outcome(1)])
    assert answer.cancelled()


@pytest.mark.parametrize("count", [1, LONG, LONG + 1, 1_000, 1_999, 20_000])
def test_the_parts_of_a_batch_are_all_of_it_in_order_and_end_with_a_short_one(count: int) -> None:
    units = [Unit((REQUEST,)) for _ in range(count)]
    parts = in_parts(units)
    assert [unit for part in parts for unit in part] == units
    if count <= LONG:
        assert len(parts) == 1
    else:
        sizes = [len(part) for part in parts]
        assert sizes == sorted(sizes, reverse=True) or sizes[-1] - sizes[-2] <= 32
        assert 0 < sizes[-1] <= count // 8
