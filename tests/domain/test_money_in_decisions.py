"""Decisions about money coming in: every receipt is recorded, explained or kept apart, and sent back."""

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.events import PackageAmount
from ledger.domain.money import MAX_FEN
from tests.domain.scenario import BANK, Scenario, package, paid_contract


def two_packages() -> Scenario:
    scenario = Scenario()
    scenario.sign("c1", package(1, 100, 10), package(2, 50, 5))
    return scenario


def lines(**amounts: int) -> tuple[PackageAmount, ...]:
    return tuple(PackageAmount(package=int(name[1:]), amount_fen=amount) for name, amount in amounts.items())


@pytest.mark.parametrize("reference", ["c1", "no-c1"])
def test_a_fee_finds_its_contract_by_id_or_number(reference: str) -> None:
    scenario = Scenario()
    scenario.sign("c1")
    [event] = scenario.pay(reference, 400)
    assert isinstance(event, e.FeePaid)
    assert (event.contract_id, event.amount_fen, event.lines) == ("c1", 400, lines(p1=400))
    assert scenario.account.contracts["c1"].due_fen == 600


def test_an_entry_of_another_bank_is_refused() -> None:
    scenario = Scenario()
    said = {"bank": "CCB", "amount_fen": 1, "bank_reference": "entry-1", "suspense_id": "suspense-1"}
    scenario.refuses("bank_mismatch", c.PostDeposit, **said)


def test_a_receipt_never_takes_the_place_of_an_open_suspense_item() -> None:
    scenario = Scenario()
    scenario.sign("c1")
    scenario.pay("", 70, suspense_id="s1")
    said = {"bank_reference": "again", "suspense_id": "s1"}
    refusal = scenario.refuses("suspense_exists", c.PostDeposit, amount_fen=5, **said)
    assert refusal.figures == {"suspense_id": "s1"}
    scenario.refuses("suspense_exists", c.PostDeposit, amount_fen=1001, contract_reference="c1", **said)
    scenario.pay("c1", 1000, **said)
    assert scenario.account.buckets.suspense == 70


def test_a_receipt_goes_back_only_from_cash_that_nobody_else_was_promised() -> None:
    scenario = Scenario()
    scenario.pay("", 70)
    scenario.pay("", 30)
    scenario.do(c.RecordUnexplainedDebit, amount_fen=31)
    refusal = scenario.refuses("cash_short", c.ReturnSuspense, suspense_id="suspense-1")
    assert refusal.figures == {"amount_fen": 70, "cash_fen": 69}
    scenario.do(c.RestoreUnexplainedDebit, amount_fen=1)
    scenario.do(c.ReturnSuspense, suspense_id="suspense-1")
    scenario.refuses("cash_short", c.ReturnSuspense, suspense_id="suspense-2", instruction_id="back-2")


def test_a_blacklisted_institution_gets_no_fees_out_of_suspense() -> None:
    scenario = Scenario()
    scenario.sign("c1")
    scenario.do(c.ListInstitution, listing="black")
    scenario.pay("c1", 70)
    said = {"suspense_id": "suspense-1", "contract_id": "c1", "amount_fen": 70}
    scenario.refuses("account_blacklisted", c.MatchSuspense, **said)
    scenario.do(c.ListInstitution, listing="watch")
    scenario.do(c.MatchSuspense, **said)


def test_a_receipt_is_a_positive_number_of_fen() -> None:
    scenario = Scenario()
    said = {"bank_reference": "entry-1", "suspense_id": "suspense-1"}
    scenario.refuses("amount_not_positive", c.PostDeposit, amount_fen=0, **said)
    scenario.refuses("amount_not_positive", c.PostDeposit, amount_fen=-1, purpose="reserve", **said)
    scenario.refuses("amount_too_large", c.PostDeposit, amount_fen=MAX_FEN + 1, **said)
    scenario.pay("", MAX_FEN - 1)
    refusal = scenario.refuses("total_too_large", c.PostDeposit, amount_fen=2, **said)
    assert refusal.figures == {"total_fen": MAX_FEN + 1, "limit_fen": MAX_FEN}
    scenario.pay("", 1)


def test_partial_payments_fill_the_first_package_first() -> None:
    scenario = two_packages()
    assert [event.lines for event in scenario.pay("c1", 99) if isinstance(event, e.FeePaid)] == [lines(p1=99)]
    assert [event.lines for event in scenario.pay("c1", 2) if isinstance(event, e.FeePaid)] == [lines(p1=1, p2=1)]
    assert [event.lines for event in scenario.pay("c1", 49) if isinstance(event, e.FeePaid)] == [lines(p2=49)]
    assert scenario.account.contracts["c1"].due_fen == 0


@pytest.mark.parametrize(("amount_fen", "kept_fen"), [(149, 0), (150, 0), (151, 1)])
def test_what_exceeds_the_price_goes_to_suspense(amount_fen: int, kept_fen: int) -> None:
    scenario = two_packages()
    events = scenario.pay("c1", amount_fen)
    assert sum(event.amount_fen for event in events if isinstance(event, e.FeePaid)) == amount_fen - kept_fen
    suspended = [event for event in events if isinstance(event, e.DepositHeldInSuspense)]
    assert [(event.amount_fen, event.reason) for event in suspended] == [(kept_fen, "overpayment")] * bool(kept_fen)
    assert len({event.bank_reference for event in events if isinstance(event, e.BankEntryEvent)}) == 1


def test_a_payment_of_a_paid_contract_goes_to_suspense_whole() -> None:
    scenario = paid_contract()
    [event] = scenario.pay("c1", 7)
    assert isinstance(event, e.DepositHeldInSuspense)
    assert (event.reason, event.amount_fen, event.contract_reference) == ("overpayment", 7, "c1")


def test_what_no_contract_explains_goes_to_suspense() -> None:
    scenario = Scenario()
    for reference, reason in [("", "no_reference"), ("c9", "unknown_contract")]:
        [event] = scenario.pay(reference, 10)
        assert isinstance(event, e.DepositHeldInSuspense)
        assert (event.reason, event.payer_route) == (reason, "route-1")
    assert scenario.account.buckets.suspense == 20


def test_a_blacklisted_institution_gets_no_deposits() -> None:
    scenario = paid_contract()
    scenario.sign("c2")
    scenario.do(c.ListInstitution, listing="black")
    [event] = scenario.pay("c2", 10)
    assert isinstance(event, e.DepositHeldInSuspense)
    assert event.reason == "blacklisted"
    scenario.teach("lesson-1", "c1")


def test_the_reserve_is_the_institutions_own_money() -> None:
    scenario = Scenario()
    [event] = scenario.pay("", 500, purpose="reserve")
    assert isinstance(event, e.ReserveDeposited)
    assert scenario.account.buckets.reserve == 500
    scenario.refuses("reserve_too_small", c.ReleaseReserve, amount_fen=501)
    scenario.refuses("amount_not_positive", c.ReleaseReserve, amount_fen=0)
    scenario.do(c.ReleaseReserve, amount_fen=499)
    scenario.do(c.ReleaseReserve, amount_fen=1)
    scenario.refuses("reserve_too_small", c.ReleaseReserve, amount_fen=1)
    assert scenario.account.buckets.earned == 500


def test_suspense_is_matched_in_parts_to_what_is_due() -> None:
    scenario = two_packages()
    scenario.pay("", 200)
    said = {"suspense_id": "suspense-1", "contract_id": "c1"}
    scenario.refuses("suspense_too_small", c.MatchSuspense, amount_fen=201, **said)
    scenario.refuses("contract_overpaid", c.MatchSuspense, amount_fen=151, **said)
    scenario.refuses("amount_not_positive", c.MatchSuspense, amount_fen=0, **said)
    event = scenario.one(e.SuspenseMatched, c.MatchSuspense, amount_fen=149, **said)
    assert (event.lines, event.payment_reference, event.payer_route) == (lines(p1=100, p2=49), "entry-98", "route-1")
    refusal = scenario.refuses("contract_overpaid", c.MatchSuspense, amount_fen=2, **said)
    assert refusal.figures == {"due_fen": 1, "amount_fen": 2}
    scenario.do(c.MatchSuspense, amount_fen=1, **said)
    assert scenario.account.suspense["suspense-1"].amount_fen == 50
    assert [payment.amount_fen for payment in scenario.account.contracts["c1"].payments.values()] == [150]


def test_a_matched_item_is_gone() -> None:
    scenario = Scenario()
    scenario.sign("c1")
    scenario.pay("", 10)
    said = {"suspense_id": "suspense-1", "amount_fen": 10}
    scenario.refuses("contract_not_found", c.MatchSuspense, contract_id="c9", **said)
    scenario.do(c.MatchSuspense, contract_id="c1", **said)
    scenario.refuses("suspense_not_found", c.MatchSuspense, contract_id="c1", **said)
    scenario.refuses("suspense_not_found", c.ReturnSuspense, suspense_id="suspense-1")


def test_suspense_on_its_way_back_is_neither_matched_nor_returned_again() -> None:
    scenario = Scenario()
    scenario.sign("c1")
    scenario.pay("", 10)
    event = scenario.one(e.SuspenseReturnInstructed, c.ReturnSuspense, suspense_id="suspense-1")
    assert (event.amount_fen, event.route) == (10, "route-1")
    assert scenario.account.buckets.suspense == 10
    said = {"suspense_id": "suspense-1"}
    scenario.refuses("suspense_return_pending", c.MatchSuspense, contract_id="c1", amount_fen=1, **said)
    scenario.refuses("suspense_return_pending", c.ReturnSuspense, instruction_id="back-2", **said)
    scenario.settle("back-1", "rejected")
    scenario.do(c.MatchSuspense, contract_id="c1", amount_fen=1, **said)
    scenario.do(c.ReturnSuspense, instruction_id="back-2", **said)
    scenario.settle("back-2")
    assert (scenario.account.suspense, scenario.account.buckets.suspense) == ({}, 0)
    assert scenario.account.buckets.cash == 1


def test_a_bank_reference_of_an_overpayment_stays_one_payment_of_its_contract() -> None:
    scenario = paid_contract(price_fen=100, lessons=1)
    scenario.sign("c2", package(1, 10, 1), package(2, 10, 1))
    scenario.do(
        c.PostDeposit,
        bank=BANK,
        bank_reference="long",
        suspense_id="rest",
        contract_reference="c2",
        amount_fen=25,
        payer_route="route-2",
    )
    assert [p.amount_fen for p in scenario.account.contracts["c2"].payments.values()] == [20]
    assert scenario.account.suspense["rest"].amount_fen == 5
