"""The periods of a refund: to answer, to decide and to pay, as each policy has them, and offers that are too low."""

from datetime import date
from typing import NoReturn

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.account import Contract
from ledger.domain.clocks import open_clocks
from ledger.domain.decisions.refund_clocks import close_refunds
from tests.domain.scenario import MONDAY, Scenario, package, paid_contract


def agreed(scenario: Scenario, **said: object) -> e.RefundAgreed:
    scenario.do(c.RequestRefund, contract_id="c1")
    events = scenario.do(c.AnswerRefund, **said)
    [found] = [event for event in events if isinstance(event, e.RefundAgreed)]
    return found


@pytest.mark.parametrize(
    ("pack", "lessons", "rule", "due_on"),
    [
        ("beijing-days", 0, "refund.before_start", date(2025, 3, 8)),
        ("beijing-days", 1, "refund.after_start", date(2025, 3, 18)),
        ("guangzhou-days", 0, "refund.before_start", date(2025, 3, 10)),
        ("guangzhou-days", 1, "refund.after_start", date(2025, 3, 17)),
    ],
)
def test_payment_is_due_as_the_pack_says_before_and_after_the_first_lesson(
    pack: str, lessons: int, rule: str, due_on: date
) -> None:
    scenario = paid_contract()
    scenario.do(c.AssignPolicy, pack=pack)
    scenario.teach_many("c1", lessons)
    found = agreed(scenario)
    assert (found.rules, found.pay_due_on) == ((rule,), due_on)
    scenario.today = due_on
    assert scenario.do(c.CloseDay) == []
    scenario.later(1)
    overdue = scenario.one(e.RefundOverdue, c.CloseDay)
    assert (overdue.step, overdue.due_on, overdue.rules) == ("payment", due_on, (rule,))


def test_silence_names_the_rule_that_made_it_consent() -> None:
    scenario = paid_contract()
    scenario.do(c.RequestRefund, contract_id="c1")
    found, *_ = scenario.later(8).do(c.CloseDay)
    assert isinstance(found, e.RefundAgreed)
    assert (found.by, found.rules) == ("silence", ("refund.deemed_agreed_after", "refund.before_start"))


def test_a_contested_refund_waits_for_the_regulator_under_a_clock_of_its_own() -> None:
    scenario = paid_contract()
    scenario.do(c.AssignPolicy, pack="decided")
    scenario.do(c.RequestRefund, contract_id="c1")
    contested = scenario.one(e.RefundContested, c.AnswerRefund, agree=False, reason="books were used")
    assert contested.decision_due_on == date(2025, 3, 12)
    assert "refund.decision" in contested.rules
    scenario.today = date(2025, 3, 12)
    assert scenario.do(c.CloseDay) == []
    scenario.later(1)
    overdue = scenario.one(e.RefundOverdue, c.CloseDay)
    assert (overdue.step, overdue.due_on, overdue.rules) == ("decision", date(2025, 3, 12), ("refund.decision",))
    assert scenario.do(c.CloseDay) == []
    scenario.do(c.OrderRefund, amount_fen=1000, case_id="case-1")
    [found] = [event for event in scenario.history if isinstance(event, e.RefundAgreed)]
    assert (found.by, found.case_id) == ("order", "case-1")


def test_both_steps_of_a_contested_refund_can_be_late() -> None:
    scenario = paid_contract()
    scenario.do(c.AssignPolicy, pack="decided")
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund, agree=False, offered_fen=400)
    scenario.later(60)
    events = scenario.do(c.CloseDay)
    assert [event.step for event in events if isinstance(event, e.RefundOverdue)] == ["payment", "decision"]
    assert scenario.do(c.CloseDay) == []


def test_a_policy_without_a_period_to_decide_has_no_clock() -> None:
    scenario = paid_contract()
    scenario.do(c.RequestRefund, contract_id="c1")
    contested = scenario.one(e.RefundContested, c.AnswerRefund, agree=False)
    assert contested.decision_due_on is None
    assert scenario.later(60).do(c.CloseDay) == []


@pytest.mark.parametrize(("offered_fen", "low"), [(997, True), (998, True), (999, False)])
def test_an_offer_more_than_a_fen_below_the_quote_names_the_rule(offered_fen: int, low: bool) -> None:
    scenario = paid_contract()
    scenario.do(c.RequestRefund, contract_id="c1")
    contested, *_ = scenario.do(c.AnswerRefund, agree=False, offered_fen=offered_fen)
    assert isinstance(contested, e.RefundContested)
    assert ("refund.lowball" in contested.rules) is low
    assert (contested.quoted_fen, contested.offered_fen) == (1000, offered_fen)


def test_refunds_go_on_in_a_freeze_on_the_blacklist_and_in_a_suspension() -> None:
    scenario = paid_contract()
    scenario.teach_many("c1", 2)
    scenario.do(c.FreezeAccount, scope="all")
    scenario.do(c.ListInstitution, listing="black")
    scenario.do(c.SuspendAccount)
    assert agreed(scenario).amount_fen == 800
    for leg in scenario.pending():
        scenario.settle(leg)
    assert scenario.account.buckets.cash == 200


class NeverScanned(dict[str, Contract]):
    """Contracts that are looked up by name only."""

    def _refuse(self) -> NoReturn:
        raise AssertionError("all contracts were looked at")

    __iter__ = keys = values = items = _refuse  # pyright: ignore[reportAssignmentType]


def test_closing_refunds_and_listing_clocks_look_at_no_other_contracts() -> None:
    scenario = paid_contract()
    for number in (2, 3):
        scenario.sign(f"c{number}")
        scenario.pay(f"c{number}", 1000)
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.later(8)
    account = scenario.account
    account.contracts = NeverScanned(account.contracts)
    command = c.CloseDay(account_id=account.id, effective_on=scenario.today)
    assert len(close_refunds(account, command, scenario.context())) == 2
    assert [clock.name for clock in open_clocks(account)] == ["refund.answer"]
    with pytest.raises(AssertionError):
        list(account.contracts)


@pytest.mark.parametrize(("pack", "confirmed", "expected"), [("asked", 0, 900), ("asked", 1, 900), ("default", 1, 900)])
def test_a_lesson_that_waits_for_the_family_is_left_out_of_the_quote(pack: str, confirmed: int, expected: int) -> None:
    scenario = Scenario()
    scenario.do(c.AssignPolicy, pack=pack)
    scenario.sign("c1", package(1, 1000, 10))
    scenario.pay("c1", 1000)
    scenario.teach("lesson-1", "c1")
    if pack == "asked" and confirmed:
        scenario.do(c.ConfirmLesson, lesson_id="lesson-1", contract_id="c1")
    _, quoted = scenario.do(c.RequestRefund, contract_id="c1")
    assert isinstance(quoted, e.RefundQuoted)
    [line] = quoted.lines
    assert quoted.amount_fen == expected
    assert (line.pending_fen, line.basis) == (0 if confirmed else 100, "unconsumed")
    found, *_ = scenario.do(c.AnswerRefund)
    assert isinstance(found, e.RefundAgreed)
    assert scenario.account.contracts["c1"].prepaid_fen == line.pending_fen
    assert found.effective_on == MONDAY
