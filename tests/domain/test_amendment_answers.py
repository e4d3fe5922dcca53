"""Proposals of another contract that come to nothing: the family says no, or the institution takes them back."""

import pytest

from ledger.domain import commands as c
from ledger.domain.events import ContractAmendmentDeclined, ContractAmendmentWithdrawn
from tests.domain.scenario import paid_contract
from tests.domain.test_fee_amendments import amend, carrying, terms


@pytest.mark.parametrize("answer", [c.DeclineAmendment, c.WithdrawAmendment])
def test_a_proposal_that_is_turned_down_or_taken_back_changes_nothing(answer: type[c.Command]) -> None:
    scenario = paid_contract()
    before = scenario.account.copy()
    scenario.do(c.ProposeAmendment, terms=terms(carrying(1, 1_000)))
    scenario.do(answer)
    assert scenario.account.contracts == before.contracts
    assert scenario.account.buckets == before.buckets
    scenario.refuses("amendment_not_found", c.AcceptAmendment)
    scenario.refuses("amendment_not_found", answer)
    amend(scenario, carrying(1, 1_000))  # another one may be proposed, and accepted


@pytest.mark.parametrize("answer", [c.DeclineAmendment, c.WithdrawAmendment])
def test_only_the_proposal_that_waits_is_answered(answer: type[c.Command]) -> None:
    scenario = paid_contract()
    scenario.refuses("amendment_not_found", answer)
    scenario.refuses("contract_not_found", answer, contract_id="nobody")
    scenario.do(c.ProposeAmendment, terms=terms(carrying(1, 1_000)))
    scenario.do(c.ProposeAmendment, amendment_id="amendment-2", terms=terms(carrying(1, 1_000)))
    figures = scenario.refuses("amendment_not_found", answer).figures
    assert figures == {"contract_id": "c1", "amendment_id": "amendment-1"}
    scenario.do(c.AcceptAmendment, amendment_id="amendment-2")
    scenario.refuses("amendment_not_found", answer, amendment_id="amendment-2")


def test_who_ended_a_proposal_and_why_is_recorded() -> None:
    scenario = paid_contract()
    for amendment_id in ("first", "second", "third"):
        scenario.do(c.ProposeAmendment, amendment_id=amendment_id, terms=terms(carrying(1, 1_000)))
        match amendment_id:
            case "first":
                declined = scenario.one(ContractAmendmentDeclined, c.DeclineAmendment, amendment_id="first")
                assert (declined.contract_id, declined.amendment_id, declined.reason) == ("c1", "first", "")
            case "second":
                said = {"amendment_id": "second", "reason": "too far away"}
                assert scenario.one(ContractAmendmentDeclined, c.DeclineAmendment, **said).reason == "too far away"
            case _:
                taken = scenario.one(ContractAmendmentWithdrawn, c.WithdrawAmendment, amendment_id="third")
                assert (taken.amendment_id, taken.reason) == ("third", "the class is full")


def test_no_may_be_said_while_the_account_is_frozen_and_a_lesson_or_refund_is_open() -> None:
    scenario = paid_contract()
    scenario.do(c.ProposeAmendment, terms=terms(carrying(1, 1_000)))
    scenario.do(c.AssignPolicy, pack="asked")
    scenario.teach("lesson-1", "c1")
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.FreezeAccount, scope="all")
    scenario.do(c.DeclineAmendment)
    assert scenario.account.contracts["c1"].amendment is None
