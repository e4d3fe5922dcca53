"""A transfer's money whose text the bank dropped or cut is found in suspense, and matched to it once."""

from typing import Any

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.free_for_payout import free_for_payout
from ledger.domain.suspense_suggestions import suggest_contracts
from tests.domain.moving import Moving
from tests.domain.scenario import MONDAY, switch
from tests.domain.test_continuity_decisions import closing
from tests.domain.winding_down import distribute, wind_down

_RETURNS = (e.SuspenseReturnAnnounced, e.SuspenseReturnInstructed)


def moved(*, sent: bool = True) -> tuple[Moving, e.ContinuityReceived]:
    """A family's 1,000 fen are on their way."""
    moving = closing(1000)
    moving.accept()
    received = moving.move()
    if sent:
        moving.bank_sends()
    return moving, received


def to(received: e.ContinuityReceived, held: e.DepositHeldInSuspense, **other: Any) -> dict[str, Any]:
    """The match of the receipt to the transfer."""
    return {
        "suspense_id": held.suspense_id,
        "contract_id": received.contract_id,
        "transfer_id": received.transfer_id,
        "amount_fen": received.amount_fen,
        "reason": "the bank has confirmed it",
    } | other


@pytest.mark.parametrize("reference", ["", "cut", "contract_no"])
def test_a_receipt_without_the_text_is_matched_to_its_transfer(reference: str) -> None:
    moving, received = moved()
    new = moving.new
    contract = new.account.contracts[received.contract_id]
    texts = {"": "", "cut": received.transfer_id[:12], "contract_no": contract.contract_no}
    before_fen = moving.money_fen
    held = moving.bank_receives_without_text(1000, texts[reference])
    new.refuses("contract_overpaid", c.MatchSuspense, **to(received, held, transfer_id=""))
    paid_before = [package.paid_fen for package in contract.packages]
    matched = new.one(e.ContinuityMatched, c.MatchSuspense, **to(received, held))
    assert (matched.suspense_id, matched.transfer_id, matched.contract_id, matched.amount_fen) == (
        held.suspense_id,
        received.transfer_id,
        received.contract_id,
        1000,
    )
    assert (matched.payment_reference, matched.reason) == (held.bank_reference, "the bank has confirmed it")
    buckets = new.account.buckets
    assert (buckets.cash, buckets.prepaid, buckets.in_transit, buckets.suspense) == (1000, 1000, 0, 0)
    assert (new.account.transfers_in, new.account.suspense) == ({}, {})
    contract = new.account.contracts[received.contract_id]
    assert [package.paid_fen for package in contract.packages] == paid_before, "its value was there already"
    assert [(p.route, p.amount_fen) for p in contract.payments.values()] == [("route-1", 1000)]
    assert moving.money_fen == before_fen


def test_the_clock_sends_nothing_back_that_may_be_a_transfers_money() -> None:
    moving, received = moved()
    new = moving.new
    switch(new, suspense_return_after_days=30, suspense_return_notice_days=0)
    new.do(c.AssignPolicy, pack="own", reason="test")
    held = moving.bank_receives_without_text(1000)
    other = moving.bank_receives_without_text(999)
    [announced, sent_back] = [event for event in new.later(40).do(c.CloseDay) if isinstance(event, _RETURNS)]
    assert {announced.suspense_id, sent_back.suspense_id} == {other.suspense_id}
    new.do(c.MatchSuspense, **to(received, held))
    second = moving.bank_receives_without_text(1000)
    returned = [event for event in new.later(40).do(c.CloseDay) if isinstance(event, _RETURNS)]
    assert {event.suspense_id for event in returned} == {second.suspense_id}, "no transfer is expected any more"


def test_it_is_matched_once_and_a_second_receipt_is_no_transfers_money() -> None:
    moving, received = moved()
    held = moving.bank_receives_without_text(1000)
    other = moving.bank_receives_without_text(1000)
    moving.new.do(c.MatchSuspense, **to(received, held))
    moving.new.refuses("suspense_not_found", c.MatchSuspense, **to(received, held))
    moving.new.refuses("transfer_not_found", c.MatchSuspense, **to(received, other))
    named = moving.bank_receives_without_text(1000, received.transfer_id)
    assert moving.new.account.buckets.suspense == 2000
    moving.new.refuses("transfer_not_found", c.MatchSuspense, **to(received, named))


@pytest.mark.parametrize(("held_fen", "amount_fen"), [(999, 999), (1001, 1000), (1000, 999), (1001, 1001), (999, 1000)])
def test_only_a_receipt_of_exactly_its_amount_is_a_transfers_money(held_fen: int, amount_fen: int) -> None:
    moving, received = moved()
    held = moving.bank_receives_without_text(held_fen)
    match = to(received, held, amount_fen=amount_fen)
    figures = moving.new.refuses("transfer_amount_differs", c.MatchSuspense, **match).figures
    assert figures == {
        "transfer_id": received.transfer_id,
        "transfer_fen": 1000,
        "held_fen": held_fen,
        "amount_fen": amount_fen,
    }


def test_a_transfer_is_named_with_its_own_contract_and_a_receipt_that_goes_back_is_left_alone() -> None:
    moving, received = moved()
    new = moving.new
    new.sign("own")
    held = moving.bank_receives_without_text(1000)
    new.refuses("transfer_not_found", c.MatchSuspense, **to(received, held, contract_id="own"))
    new.refuses("transfer_not_found", c.MatchSuspense, **to(received, held, transfer_id="nobody"))
    new.do(c.ReturnSuspense, suspense_id=held.suspense_id)
    new.refuses("suspense_return_pending", c.MatchSuspense, **to(received, held))


def test_what_arrived_before_the_giving_bank_spoke_is_matched_as_well() -> None:
    moving, received = moved(sent=False)
    held = moving.bank_receives_without_text(1000)
    moving.new.do(c.MatchSuspense, **to(received, held))
    moving.bank_sends()
    assert (moving.old.account.buckets.cash, moving.new.account.buckets.cash) == (0, 1000)


def test_the_familys_money_is_matched_though_the_institution_is_listed_since() -> None:
    moving, received = moved()
    held = moving.bank_receives_without_text(1000)
    moving.new.do(c.ListInstitution, listing="black")
    moving.new.one(e.ContinuityMatched, c.MatchSuspense, **to(received, held))


def test_in_a_wind_down_what_waits_for_its_payers_account_is_matched_and_shared() -> None:
    moving, received = moved()
    new = moving.new
    wind_down(new)
    held = new.one(
        e.DepositHeldInSuspense,
        c.PostDeposit,
        amount_fen=1000,
        bank_reference="late",
        suspense_id="late",
        payer_route="",
    )
    assert held.reason == "wind_down"
    assert new.account.buckets.refund_payable == 1000
    new.refuses("distribution_nothing", c.DistributeClaims)
    new.do(c.MatchSuspense, **to(received, held))
    distribute(new)
    [instructed] = [ev for ev in new.history if isinstance(ev, e.RefundInstructed)]
    assert [(leg.route, leg.amount_fen) for leg in instructed.legs] == [("route-1", 1000)]


def test_what_waited_in_suspense_pays_no_institution_until_it_is_matched() -> None:
    moving, received = moved()
    new = moving.new
    new.sign("own")
    new.pay("own", 1000)
    new.teach("l1", "own")
    held = moving.bank_receives_without_text(1000)
    before_fen = free_for_payout(new.account, MONDAY).free_fen
    new.do(c.MatchSuspense, **to(received, held))
    assert (before_fen, free_for_payout(new.account, MONDAY).free_fen) == (0, 100)


def test_a_transfer_of_the_receipts_amount_is_suggested_and_what_is_left_of_the_text_counts() -> None:
    moving, received = moved()
    held = moving.bank_receives_without_text(1000)
    account, suspense_id = moving.new.account, held.suspense_id
    [plain] = suggest_contracts(account, suspense_id, "")
    contract = account.contracts[received.contract_id]
    assert (plain.transfer_id, plain.contract_id, plain.contract_no) == (
        received.transfer_id,
        received.contract_id,
        contract.contract_no,
    )
    assert (plain.amount_fen, plain.due_fen, [one.reason for one in plain.reasons]) == (1000, 1000, ["transfer_amount"])
    [cut] = suggest_contracts(account, suspense_id, received.transfer_id[4:14].upper())
    assert [one.reason for one in cut.reasons] == ["transfer_amount", "transfer_reference"]
    assert cut.points > plain.points
    assert len(suggest_contracts(account, suspense_id, received.transfer_id[:7])[0].reasons) == 1, "too short to tell"
    other = moving.bank_receives_without_text(999)
    assert suggest_contracts(account, other.suspense_id, received.transfer_id[:12]) == []
    match = to(received, held, contract_id=plain.contract_id, transfer_id=plain.transfer_id)
    moving.new.do(c.MatchSuspense, **match)
    again = moving.bank_receives_without_text(1000)
    assert suggest_contracts(moving.new.account, again.suspense_id, "") == []
