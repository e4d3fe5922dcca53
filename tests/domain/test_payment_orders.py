"""Orders before the bank has spoken: approved by a second person, declined, put into a message once."""

from datetime import timedelta
from typing import Any

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.actors import CLOCK, actor_name, is_same_person, maker_of, read_actor
from ledger.domain.unique_keys import key_of_command, key_of_event
from tests.domain.scenario import ACCOUNT_ID, BANK, MONDAY, Scenario, package, switch, under

SCHOOL, SCHOOL_TOO, OFFICE = "institution:erp", "institution:desk", "regulator:office@330702"


def controlled(control: str = "payouts", **terms: Any) -> Scenario:
    """A paid contract with three lessons taught, under a policy with dual control."""
    scenario = under(payment_dual_control=control, **terms)
    scenario.sign("c1", package(1, 1000, 10))
    scenario.pay("c1", 1000)
    scenario.teach_many("c1", 3)
    scenario.actor = SCHOOL
    return scenario


def waiting_payout(**terms: Any) -> Scenario:
    """A payout of 200 fen that the school's system made and nobody has approved."""
    scenario = controlled(**terms)
    event = scenario.one(e.PayoutInstructed, c.RequestPayout, amount_fen=200)
    assert event.needs_approval
    assert "payment.dual_control" in event.rules
    return scenario


def as_(scenario: Scenario, actor: str) -> Scenario:
    """The same with another actor."""
    scenario.actor = actor
    return scenario


def approve(scenario: Scenario, *instructions: str) -> list[e.Event]:
    return scenario.do(c.ApproveInstruction, instruction_ids=instructions)


def export(scenario: Scenario, *instructions: str, **said: Any) -> list[e.Event]:
    return scenario.do(c.ExportInstructions, instruction_ids=instructions, **said)


def state_of(scenario: Scenario, instruction_id: str = "payout-1") -> str:
    return scenario.account.instructions[instruction_id].state


def test_a_policy_without_control_asks_nobody() -> None:
    scenario = controlled("none")
    event = scenario.one(e.PayoutInstructed, c.RequestPayout, amount_fen=200)
    assert (event.needs_approval, event.policy, event.rules) == (False, None, ())
    assert scenario.account.instructions["payout-1"].may_go
    scenario.refuses("instruction_not_awaiting", c.ApproveInstruction, instruction_ids=("payout-1",))


@pytest.mark.parametrize(("control", "needed"), [("none", False), ("payouts", False), ("all", True)])
def test_orders_to_families_and_payers_wait_only_where_all_do(control: str, needed: bool) -> None:
    scenario = controlled(control)
    scenario.pay("", 70)
    returned = scenario.one(e.SuspenseReturnInstructed, c.ReturnSuspense, suspense_id="suspense-2")
    scenario.do(c.RequestRefund, contract_id="c1")
    *_, refund = scenario.do(c.AnswerRefund)
    assert isinstance(refund, e.RefundInstructed)
    for event in (returned, refund):
        assert event.needs_approval is needed
        assert ("payment.dual_control" in event.rules) is needed


def test_an_advance_waits_as_a_payout_does() -> None:
    scenario = under(payment_dual_control="payouts", advance_share_bp=2_000)
    scenario.sign("c1", package(1, 1000, 10))
    scenario.pay("c1", 1000)
    *_, event = scenario.do(c.RequestAdvance, amount_fen=100)
    assert isinstance(event, e.AdvanceInstructed)
    assert event.needs_approval
    scenario.refuses("instruction_same_person", c.ApproveInstruction, instruction_ids=("advance-1",))
    approve(as_(scenario, OFFICE), "advance-1")
    [paid] = scenario.settle("advance-1")
    assert isinstance(paid, e.AdvancePaid)
    assert not paid.unapproved


def test_a_second_person_approves_and_the_bank_settles() -> None:
    scenario = waiting_payout()
    assert not scenario.account.instructions["payout-1"].may_go
    [approved] = approve(as_(scenario, OFFICE), "payout-1")
    assert isinstance(approved, e.InstructionApproved)
    assert (approved.makers, approved.actor) == ((SCHOOL,), OFFICE)
    assert [(order.instruction_id, order.kind, order.amount_fen) for order in approved.orders] == [
        ("payout-1", "payout", 200)
    ]
    assert state_of(scenario) == "approved"
    [exported] = export(scenario, "payout-1")
    assert isinstance(exported, e.InstructionExported)
    assert state_of(scenario) == "exported"
    [settled] = scenario.settle("payout-1")
    assert isinstance(settled, e.PayoutSettled)
    assert not settled.unapproved
    assert scenario.account.instructions == {}


@pytest.mark.parametrize("actor", [SCHOOL, "institution:erp/li"])
def test_whoever_made_an_order_does_not_decide_it(actor: str) -> None:
    scenario = as_(waiting_payout(), actor)
    scenario.refuses("instruction_same_person", c.ApproveInstruction, instruction_ids=("payout-1",))
    scenario.refuses("instruction_same_person", c.DeclineInstruction, instruction_id="payout-1")
    approve(as_(scenario, SCHOOL_TOO), "payout-1")


def test_people_of_one_client_are_told_apart_by_their_ids() -> None:
    scenario = controlled()
    scenario.actor = "institution:erp/li"
    scenario.do(c.RequestPayout, amount_fen=200)
    for same in ("institution:erp/li", "institution:desk/li", "institution:erp"):
        as_(scenario, same).refuses("instruction_same_person", c.ApproveInstruction, instruction_ids=("payout-1",))
    approve(as_(scenario, "institution:erp/wang"), "payout-1")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("institution:erp", "institution:erp", True),
        ("institution:erp", "institution:desk", False),
        ("institution:erp/li", "institution:erp/wang", False),
        ("institution:erp/li", "institution:desk/li", True),
        ("institution:erp/li", "institution:erp", True),
        ("institution:erp/li", "institution:desk", False),
        ("institution:erp/li", "regulator:erp/li", False),
        ("regulator:office@330702", "regulator:office@330702/sports", True),
        (CLOCK, "regulator:office", False),
        (CLOCK, CLOCK, False),
    ],
)
def test_two_actors_are_one_person_or_two(one: str, other: str, same: bool) -> None:
    assert is_same_person(one, other) is same
    assert is_same_person(other, one) is same


def test_an_actor_is_written_and_read() -> None:
    named = actor_name("regulator", "office", person="p-7", acting=("330702", "330703/sports"))
    assert named == "regulator:office/p-7@330702+330703/sports"
    assert read_actor(named) == ("regulator", "office", "p-7")
    assert read_actor(actor_name("bank", "icbc")) == ("bank", "icbc", "")
    assert (maker_of(named, "request_payout"), maker_of(named, "close_day")) == (named, CLOCK)


def test_what_the_clock_made_anybody_may_decide() -> None:
    scenario = under(payment_dual_control="payouts", payout_schedule="per_lesson")
    scenario.sign("c1", package(1, 1000, 10))
    scenario.pay("c1", 1000)
    scenario.teach_many("c1", 3)
    scenario.actor = OFFICE
    event = scenario.one(e.PayoutInstructed, c.CloseDay)
    assert event.needs_approval
    assert scenario.account.instructions[event.instruction_id].maker == CLOCK
    approve(scenario, event.instruction_id)


def test_several_orders_are_approved_together_or_not_at_all() -> None:
    scenario = waiting_payout()
    scenario.do(c.RequestPayout, amount_fen=10, instruction_id="payout-2")
    as_(scenario, OFFICE)
    ids = ("payout-1", "payout-2", "payout-9")
    scenario.refuses("instruction_not_found", c.ApproveInstruction, instruction_ids=ids)
    [approved] = approve(scenario, "payout-2", "payout-1", "payout-2")
    assert isinstance(approved, e.InstructionApproved)
    assert [order.instruction_id for order in approved.orders] == ["payout-2", "payout-1"]
    scenario.refuses("instruction_not_awaiting", c.ApproveInstruction, instruction_ids=("payout-1",))


def test_money_to_the_institution_is_not_approved_while_payouts_are_stopped() -> None:
    scenario = as_(waiting_payout(), OFFICE)
    scenario.do(c.FreezeAccount, scope="payouts")
    scenario.refuses("account_frozen", c.ApproveInstruction, instruction_ids=("payout-1",))
    scenario.do(c.UnfreezeAccount, scope="payouts")
    scenario.do(c.SuspendAccount)
    scenario.refuses("account_suspended", c.ApproveInstruction, instruction_ids=("payout-1",))
    scenario.do(c.DeclineInstruction, instruction_id="payout-1")


def test_an_institution_decides_on_money_to_itself_alone() -> None:
    scenario = controlled("all")
    scenario.pay("", 70)
    scenario.actor = "regulator:other"
    scenario.do(c.ReturnSuspense, suspense_id="suspense-2")
    as_(scenario, SCHOOL)
    refusal = scenario.refuses("instruction_not_institutions", c.ApproveInstruction, instruction_ids=("back-1",))
    assert refusal.figures == {"instruction_id": "back-1", "kind": "suspense_return"}
    scenario.refuses("instruction_not_institutions", c.DeclineInstruction, instruction_id="back-1")
    approve(as_(scenario, OFFICE), "back-1")


def test_a_declined_payout_is_earned_again() -> None:
    scenario = as_(waiting_payout(), OFFICE)
    before = scenario.account.buckets.cash
    declined, failed = scenario.do(c.DeclineInstruction, instruction_id="payout-1")
    assert isinstance(declined, e.InstructionDeclined)
    assert (declined.maker, declined.reason, declined.amount_fen) == (SCHOOL, "not as agreed", 200)
    assert isinstance(failed, e.PayoutFailed)
    buckets = scenario.account.buckets
    assert (buckets.cash, buckets.earned, buckets.payout_in_flight) == (before, 300, 0)
    assert scenario.account.payouts.month_fen == 0
    assert scenario.account.instructions == {}
    scenario.refuses("instruction_not_found", c.DeclineInstruction, instruction_id="payout-1")


def test_a_declined_advance_is_no_advance() -> None:
    scenario = under(payment_dual_control="payouts", advance_share_bp=2_000)
    scenario.sign("c1", package(1, 1000, 10))
    scenario.pay("c1", 1000)
    scenario.do(c.RequestAdvance, amount_fen=100)
    _, failed = as_(scenario, SCHOOL).do(c.DeclineInstruction, instruction_id="advance-1")
    assert isinstance(failed, e.AdvanceFailed)
    assert (scenario.account.buckets.advance, scenario.account.buckets.payout_in_flight) == (0, 0)


def test_a_declined_refund_stays_payable_and_can_go_again_with_another_id() -> None:
    scenario = controlled("all")
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund)
    [first] = scenario.account.instructions
    _, failed = as_(scenario, OFFICE).do(c.DeclineInstruction, instruction_id=first)
    assert isinstance(failed, e.RefundRejected)
    assert (scenario.account.buckets.cash, scenario.account.buckets.refund_payable) == (1000, 700)
    [again] = scenario.do(c.InstructRefund)
    assert isinstance(again, e.RefundInstructed)
    assert [leg.amount_fen for leg in again.legs] == [700]
    assert again.legs[0].instruction_id != first


def test_a_declined_return_stays_in_suspense_and_the_clock_leaves_it() -> None:
    scenario = controlled("all", suspense_return_after_days=5)
    scenario.pay("", 70)
    scenario.do(c.ReturnSuspense, suspense_id="suspense-2")
    scenario.actor = OFFICE
    _, failed = scenario.do(c.DeclineInstruction, instruction_id="back-1")
    assert isinstance(failed, e.SuspenseReturnFailed)
    item = scenario.account.suspense["suspense-2"]
    assert (item.amount_fen, item.returning, item.return_failed) == (70, None, True)
    scenario.later(30).do(c.CloseDay)
    assert scenario.account.suspense["suspense-2"].returning is None


def test_what_may_go_to_the_bank_cannot_be_declined() -> None:
    scenario = as_(waiting_payout(), OFFICE)
    approve(scenario, "payout-1")
    refusal = scenario.refuses("instruction_not_awaiting", c.DeclineInstruction, instruction_id="payout-1")
    assert refusal.figures["state"] == "approved"
    export(scenario, "payout-1")
    scenario.refuses("instruction_not_awaiting", c.DeclineInstruction, instruction_id="payout-1")
    free = controlled("none")
    free.do(c.RequestPayout, amount_fen=200)
    as_(free, OFFICE).refuses("instruction_not_awaiting", c.DeclineInstruction, instruction_id="payout-1")


@pytest.mark.parametrize("step", ["pending", "approved", "exported"])
def test_the_banks_word_is_recorded_in_every_state(step: str) -> None:
    for outcome in ("settled", "rejected"):
        scenario = as_(waiting_payout(), OFFICE)
        if step != "pending":
            approve(scenario, "payout-1")
        if step == "exported":
            export(scenario, "payout-1")
        [event] = scenario.settle("payout-1", outcome)
        if isinstance(event, e.PayoutSettled):
            assert event.unapproved is (step == "pending")
            assert scenario.account.buckets.cash == 800
        else:
            assert isinstance(event, e.PayoutFailed)
            assert (scenario.account.buckets.cash, scenario.account.buckets.earned) == (1000, 300)
        assert scenario.account.instructions == {}


@pytest.mark.parametrize("outcome", ["returned"])
def test_what_waits_in_any_state_cannot_have_come_back(outcome: str) -> None:
    scenario = as_(waiting_payout(), OFFICE)
    approve(scenario, "payout-1")
    said = {"instruction_id": "payout-1", "outcome": outcome, "amount_fen": 200}
    assert scenario.refuses("instruction_outcome_wrong", c.SettleInstruction, **said).figures["state"] == "approved"
    export(scenario, "payout-1")
    assert scenario.refuses("instruction_outcome_wrong", c.SettleInstruction, **said).figures["state"] == "exported"


def test_an_unapproved_refund_and_return_are_marked_too() -> None:
    scenario = controlled("all")
    scenario.pay("", 70)
    scenario.do(c.ReturnSuspense, suspense_id="suspense-2")
    [returned] = scenario.settle("back-1", bank_reference="paid-1")
    assert isinstance(returned, e.SuspenseReturned)
    assert returned.unapproved
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund)
    [leg] = scenario.account.instructions
    [paid] = scenario.settle(leg, bank_reference="paid-2")
    assert isinstance(paid, e.RefundPaid)
    assert paid.unapproved
    assert scenario.account.instructions[leg].maker == ""


def test_a_message_takes_an_order_once() -> None:
    scenario = controlled("none")
    scenario.do(c.RequestPayout, amount_fen=200)
    [first] = export(scenario, "payout-1", "payout-9")
    assert isinstance(first, e.InstructionExported)
    assert [order.instruction_id for order in first.orders] == ["payout-1"]
    for again in ("message-1", "message-2"):
        assert export(scenario, "payout-1", message_id=again) == []
    assert (first.bank, first.account_no, first.institution_id) == (BANK, "6222-1", "school-1")


def test_a_message_takes_what_may_go_and_nothing_else() -> None:
    scenario = waiting_payout()
    assert export(scenario, "payout-1") == []
    approve(as_(scenario, OFFICE), "payout-1")
    scenario.do(c.FreezeAccount, scope="payouts")
    assert export(scenario, "payout-1") == []
    scenario.do(c.UnfreezeAccount, scope="payouts")
    scenario.do(c.SuspendAccount)
    assert export(scenario, "payout-1") == []
    scenario.later(1).do(c.ResumeAccount)
    assert len(export(scenario, "payout-1")) == 1
    scenario.refuses("bank_mismatch", c.ExportInstructions, instruction_ids=("payout-1",), bank="CCB")


def test_families_money_goes_though_payouts_are_frozen() -> None:
    scenario = controlled("none")
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund)
    [leg] = scenario.account.instructions
    scenario.do(c.FreezeAccount, scope="payouts")
    [exported] = export(scenario, leg)
    assert isinstance(exported, e.InstructionExported)
    [order] = exported.orders
    assert (order.kind, order.route, order.payment_reference) == ("refund", "route-1", "entry-98")
    assert (order.subject_id, order.amount_fen) == ("refund-1", 700)


def test_a_return_of_suspense_names_its_route_and_entry() -> None:
    scenario = controlled("none")
    scenario.pay("", 70, payer_route="route-9")
    scenario.do(c.ReturnSuspense, suspense_id="suspense-2")
    [exported] = export(scenario, "back-1")
    assert isinstance(exported, e.InstructionExported)
    assert (exported.orders[0].route, exported.orders[0].payment_reference) == ("route-9", "entry-97")


def test_a_returned_refund_goes_again_in_another_message_under_another_end_to_end_id() -> None:
    scenario = controlled("none")
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund)
    [leg] = scenario.account.instructions
    [first] = export(scenario, leg)
    scenario.settle(leg)
    scenario.settle(leg, "returned", bank_reference="back-1")
    scenario.do(c.InstructRefund)
    [again] = scenario.account.instructions
    [second] = export(scenario, again, message_id="message-2")
    assert isinstance(first, e.InstructionExported)
    assert isinstance(second, e.InstructionExported)
    assert first.orders[0].end_to_end_id != second.orders[0].end_to_end_id
    assert scenario.account.buckets.cash == 1000


def test_the_share_of_an_account_in_a_message_is_recognised() -> None:
    scenario = controlled("none")
    scenario.do(c.RequestPayout, amount_fen=200)
    command = scenario.command(c.ExportInstructions, instruction_ids=("payout-1",))
    [event] = export(scenario, "payout-1")
    key = key_of_command(command)
    assert key is not None
    assert key == key_of_event(ACCOUNT_ID, event)
    assert key.key == f"{BANK}/message-1/{ACCOUNT_ID.hex}"
    other = scenario.command(c.ExportInstructions, instruction_ids=("payout-1",), execute_on=MONDAY + timedelta(days=1))
    changed = key_of_command(other)
    assert changed is not None
    assert (changed.key, changed.digest == key.digest) == (key.key, False)
    assert changed.refusal().code == "message_id_reused"
    assert changed.refusal().figures == {"message_id": "message-1"}


def test_a_change_of_the_rule_leaves_orders_as_they_were_made() -> None:
    scenario = waiting_payout()
    switch(scenario, payment_dual_control="none")
    assert not scenario.account.instructions["payout-1"].may_go
    assert export(scenario, "payout-1") == []
    approve(as_(scenario, OFFICE), "payout-1")
