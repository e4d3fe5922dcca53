"""A family's money goes from one supervised account to another through the files of both banks, once and to the fen."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from ledger.application.suspense import match_suspense, suggest_matches
from ledger.domain.account import Buckets
from ledger.domain.errors import LedgerError
from ledger.domain.events import ContinuityMatched
from ledger.projections.paging import EVERYTHING
from tests.application.payment_books import books_over, caller
from tests.application.two_banks import GIVING, LEFT_FEN, NEW, OLD, PAID_FEN, TwoBanks

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["notice", "wind-down"])
async def banks(database_url: str, request: pytest.FixtureRequest) -> AsyncIterator[TwoBanks]:
    async with books_over(database_url) as books:
        opened = TwoBanks(books)
        await opened.set_up(wound_up=request.param == "wind-down")
        yield opened


EARNED_FEN = PAID_FEN - LEFT_FEN
ARRIVED = Buckets(cash=PAID_FEN + LEFT_FEN, prepaid=2 * LEFT_FEN, earned=EARNED_FEN)
SENT = Buckets(cash=EARNED_FEN, earned=EARNED_FEN)


def require_balanced(banks: TwoBanks) -> None:
    for account_id in (OLD, NEW):
        buckets = banks.account(account_id).buckets
        assert buckets.assets_fen == buckets.liabilities_fen


async def require_both_done(banks: TwoBanks) -> None:
    """The money left one account and is in the other, matched and reconciled; nothing is on its way or unexplained."""
    require_balanced(banks)
    old, new = banks.account(OLD), banks.account(NEW)
    assert (old.buckets, new.buckets) == (SENT, ARRIVED)
    assert (old.transfers_out, new.transfers_in, old.suspense, new.suspense) == ({}, {}, {}, {})
    assert [one.state for one in old.instructions.values()] == ["paid"]
    await banks.reconcile()
    assert await banks.breaks() == []
    told = await banks.topics(OLD)
    assert told.count("account.transfer_settled") - told.count("account.transfer_returned") == 1
    assert (await banks.topics(NEW)).count("account.continuity_arrived") == 1
    assert "account.deposit_held_in_suspense" not in await banks.topics(NEW)


async def test_a_transfer_goes_through_the_files_of_both_banks(banks: TwoBanks) -> None:
    order = await banks.order("M-1")
    assert (order.amount, order.account_no, order.scheme) == ("70.00", "CCBK/6222-0002", "SUPERVISED_ACCOUNT")
    assert banks.account(OLD).buckets.payout_in_flight == banks.account(NEW).buckets.in_transit == LEFT_FEN
    [told] = (await banks.status("M-1", order, "ACSC")).results
    assert told.result == "settled"
    [again] = (await banks.status("M-1", order, "ACCC")).results
    assert again.result == "repeated"
    require_balanced(banks)
    await banks.credited(order, "TAKE-1", whole=False)
    await banks.debited(order, "GIVE-1")
    await banks.credited(order, "TAKE-1")
    await require_both_done(banks)


async def test_the_statements_alone_tell_the_whole(banks: TwoBanks) -> None:
    order = await banks.order("M-1")
    await banks.debited(order, "GIVE-1")
    require_balanced(banks)
    await banks.credited(order, "TAKE-1")
    await require_both_done(banks)


async def test_a_credit_may_come_before_anything_is_known_of_the_debit(banks: TwoBanks) -> None:
    order = await banks.order("M-1")
    await banks.credited(order, "TAKE-1", whole=False)
    assert banks.account(NEW).buckets == ARRIVED
    assert banks.account(OLD).buckets.payout_in_flight == LEFT_FEN
    require_balanced(banks)
    await banks.debited(order, "GIVE-1", whole=False)
    await banks.debited(order, "GIVE-1")
    await banks.credited(order, "TAKE-1")
    await require_both_done(banks)


async def test_a_rejected_transfer_is_still_owed_and_goes_again_in_another_message(banks: TwoBanks) -> None:
    first = await banks.order("M-1")
    [told] = (await banks.status("M-1", first, "RJCT", reason="AC04")).results
    assert told.result == "rejected"
    old, new = banks.account(OLD), banks.account(NEW)
    assert (old.buckets.payout_in_flight, old.buckets.cash, new.buckets.in_transit) == (LEFT_FEN, PAID_FEN, LEFT_FEN)
    assert old.instructions == {}
    require_balanced(banks)
    await banks.close(OLD)
    second = await banks.order("M-2")
    assert second.end_to_end_id != first.end_to_end_id
    assert (second.amount, second.text) == (first.amount, first.text)
    await banks.debited(second, "GIVE-2")
    await banks.credited(second, "TAKE-2")
    await require_both_done(banks)


async def test_money_that_was_sent_and_did_not_arrive_is_a_break_until_it_does(banks: TwoBanks) -> None:
    order = await banks.order("M-1")
    await banks.debited(order, "GIVE-1")
    await banks.quiet(NEW)
    await banks.reconcile()
    assert await banks.breaks() == [], "it has the next working day to arrive"
    banks.tomorrow()
    for account_id in (OLD, NEW):
        await banks.quiet(account_id)
    await banks.reconcile()
    [found] = await banks.breaks()
    [transfer_id] = banks.account(NEW).transfers_in
    assert (found.kind, found.owner, found.account_id) == ("transfer_missing", "bank", str(NEW))
    assert (found.subject, found.ledger_fen, found.bank_fen) == (transfer_id, LEFT_FEN, None)
    assert found.end_to_end_id == order.end_to_end_id
    assert (await banks.reconcile()).found == {}, "it is found once"
    banks.tomorrow()
    await banks.quiet(OLD)
    await banks.credited(order, "TAKE-1")
    await require_both_done(banks)


@pytest.mark.parametrize("left", [0, 30], ids=["dropped", "cut"])
async def test_money_whose_text_the_bank_dropped_or_cut_is_matched_and_the_break_ends_by_itself(
    banks: TwoBanks, left: int
) -> None:
    order = await banks.order("M-1")
    await banks.debited(order, "GIVE-1")
    await banks.credited(order, "TAKE-1", text=order.text[:left])
    [(suspense_id, item)] = banks.account(NEW).suspense.items()
    assert (item.amount_fen, item.reference, banks.account(NEW).buckets.in_transit) == (LEFT_FEN, "TAKE-1", LEFT_FEN)
    require_balanced(banks)
    banks.tomorrow()
    for account_id in (OLD, NEW):
        await banks.quiet(account_id)
    await banks.reconcile()
    assert [one.kind for one in await banks.breaks()] == ["transfer_missing"]
    asked: dict[str, Any] = {"account_id": NEW, "suspense_id": suspense_id}
    shown = await banks.books.reader.suspense(suspense_id, EVERYTHING)
    [found] = await suggest_matches(banks.books.ledger, contract_reference=shown.contract_reference, **asked)
    assert len(found.reasons) == (2 if left else 1)
    match: dict[str, Any] = asked | {"contract_id": found.contract_id, "amount_fen": found.amount_fen}
    match |= {"transfer_id": found.transfer_id, "reason": "told by the bank", "on": banks.today}
    done = await match_suspense(banks.books.ledger, caller("match"), **match)
    assert [type(event) for event in done.events] == [ContinuityMatched]
    assert (await match_suspense(banks.books.ledger, caller("match"), **match)).replayed
    with pytest.raises(LedgerError, match="no open suspense item"):
        await match_suspense(banks.books.ledger, caller("twice"), **match)
    await banks.bring_all_again()
    require_balanced(banks)
    old, new = banks.account(OLD), banks.account(NEW)
    assert (old.buckets, new.buckets) == (SENT, ARRIVED)
    assert (old.transfers_out, new.transfers_in, old.suspense, new.suspense) == ({}, {}, {}, {})
    await banks.reconcile()
    assert await banks.breaks() == []
    told = await banks.topics(NEW)
    assert (told.count("account.continuity_matched"), told.count("account.continuity_arrived")) == (1, 0)


async def test_money_that_came_back_to_the_giving_bank_goes_again(banks: TwoBanks) -> None:
    first = await banks.order("M-1")
    await banks.debited(first, "GIVE-1")
    await banks.quiet(NEW)
    banks.tomorrow()
    await banks.returned(first, "BACK-1")
    await banks.quiet(NEW)
    old = banks.account(OLD)
    assert (old.buckets.cash, old.buckets.payout_in_flight, old.suspense) == (PAID_FEN, LEFT_FEN, {})
    require_balanced(banks)
    await banks.reconcile()
    assert await banks.breaks() == [], "what came back is not on its way"
    await banks.close(OLD)
    second = await banks.order("M-2")
    banks.tomorrow()
    await banks.debited(second, "GIVE-2")
    await banks.credited(second, "TAKE-2")
    await require_both_done(banks)


async def test_money_that_waits_for_its_order_is_no_break(banks: TwoBanks) -> None:
    for account_id in (OLD, NEW):
        await banks.quiet(account_id)
    for _ in range(3):
        banks.tomorrow()
        for account_id in (OLD, NEW):
            await banks.quiet(account_id)
        await banks.reconcile()
        assert await banks.breaks() == []


@pytest.mark.parametrize("debit_first", [True, False])
async def test_one_bank_may_give_both_sides_of_its_booking_one_reference(database_url: str, debit_first: bool) -> None:
    """The serial number of a booking between two of its accounts: a debit of the one and a credit of the other."""
    async with books_over(database_url) as books:
        banks = TwoBanks(books, receiving=GIVING)
        await banks.set_up()
        order = await banks.order("M-1")
        if debit_first:
            await banks.debited(order, "BOTH-1")
            await banks.credited(order, "BOTH-1")
        else:
            await banks.credited(order, "BOTH-1")
            await banks.debited(order, "BOTH-1")
        await require_both_done(banks)
        await banks.bring_all_again()


async def test_a_credit_of_another_account_under_a_credit_s_reference_is_refused(database_url: str) -> None:
    async with books_over(database_url) as books:
        banks = TwoBanks(books, receiving=GIVING)
        await banks.set_up()
        order = await banks.order("M-1")
        before = await books.events()
        assert await banks.credit_refused(order, "entry-1") == "entry_reused"
        assert await books.events() == before


async def test_money_may_come_back_under_the_reference_of_what_it_takes_back(banks: TwoBanks) -> None:
    order = await banks.order("M-1")
    await banks.debited(order, "GIVE-1")
    await banks.quiet(NEW)
    banks.tomorrow()
    await banks.returned(order, "GIVE-1")
    old = banks.account(OLD)
    assert (old.buckets.cash, old.buckets.payout_in_flight, old.suspense) == (PAID_FEN, LEFT_FEN, {})
    require_balanced(banks)
    await banks.quiet(NEW)
    await banks.reconcile()
    assert await banks.breaks() == []
    await banks.bring_all_again()
