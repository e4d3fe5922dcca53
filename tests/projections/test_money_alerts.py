"""Rules of balances, movements and refunds, each just below, at and above its limit, in both languages."""

from datetime import date, timedelta
from typing import Any

import pytest

from ledger.domain.events import (
    BankBreakOverdue,
    BreakResolved,
    DetectionParametersSet,
    FindingRecorded,
    MinimumBalanceHeld,
    RefundAgreed,
    RefundContested,
    RefundInstructed,
    RefundLeg,
    RefundOverdue,
    RefundQuoted,
    RefundRequested,
    TopUpMet,
    TopUpOverdue,
)
from ledger.domain.events.alerts import FIRST_DETECTION
from tests.projections.alert_judge import Judge, iso
from tests.projections.log_writer import DAY


@pytest.fixture
def judge() -> Judge:
    return Judge()


@pytest.mark.parametrize(("minimum_fen", "trips"), [(999, False), (1_000, False), (1_001, True)])
def test_cash_below_the_minimum(judge: Judge, minimum_fen: int, trips: bool) -> None:
    judge.reserve(1_000)
    judge.tell(MinimumBalanceHeld, amount_fen=minimum_fen, formula="fixed", inputs={})
    found = judge.alerts("balance.below_minimum")
    assert [one.message for one in found] == [
        "Cash of 1000 fen is 1 fen below the minimum balance of 1001 fen.",
    ] * trips
    assert [one.message_zh for one in found] == ["现金1000分低于最低余额1001分，差1分。"] * trips


def test_a_deposit_against_risks_has_to_cover_the_minimum_itself(judge: Judge) -> None:
    judge.fee(5_000)
    judge.reserve(99)
    judge.tell(MinimumBalanceHeld, amount_fen=100, formula="one_cycle", inputs={})
    assert judge.only("balance.below_minimum").figures["cash_fen"] == 99
    judge.reserve(1)
    assert judge.only("balance.below_minimum").state == "resolved"


@pytest.mark.parametrize(("debit_fen", "trips"), [(9, False), (10, False), (11, True)])
def test_cash_that_does_not_cover_the_families(judge: Judge, debit_fen: int, trips: bool) -> None:
    judge.fee(1_000)
    judge.reserve(10)
    judge.debit(debit_fen)
    found = judge.alerts("balance.shortfall")
    assert len(found) == trips
    if trips:
        assert found[0].message == (
            "Cash of 999 fen, 999 fen by the bank's statement, does not cover the required 1000 fen: 1 fen are missing."
        )
        assert found[0].message_zh == "现金999分（按银行对账999分）不足以覆盖应有的1000分，差1分。"


def test_breaks_past_their_day_are_one_alert_until_none_is_left(judge: Judge) -> None:
    for break_id, day in (("b1", 2), ("b2", 3)):
        due_on = DAY + timedelta(days=day - 1)
        said: dict[str, Any] = {"break_id": break_id, "kind": "closing_differs", "due_on": due_on}
        judge.tell(BankBreakOverdue, day=day, statement_on=DAY, difference_fen=7, **said)
    alert = judge.only("bank.break")
    assert alert.message == (
        f"Bank and ledger differ since {iso(0)} by 7 fen (closing_differs, break b1); this was to be made good or "
        f"explained by {iso(1)}."
    )
    assert alert.message_zh == f"自{iso(0)}起银行与账本相差7分（closing_differs，差异b1），应于{iso(1)}前处理或说明。"
    judge.tell(BreakResolved, day=4, break_id="b1", kind="closing_differs", how="agreed")
    assert judge.only("bank.break").state == "raised"
    judge.tell(BreakResolved, day=5, break_id="b2", kind="closing_differs", how="agreed")
    assert judge.only("bank.break").resolution == "No break with the bank is past its day any more."


@pytest.mark.parametrize(("amount_fen", "trips"), [(99, False), (100, False), (101, True)])
def test_one_movement_above_the_share_of_the_balance(judge: Judge, amount_fen: int, trips: bool) -> None:
    judge.reserve(1_000)
    judge.debit(amount_fen, day=1)
    found = judge.alerts("movement.large")
    assert [one.message for one in found] == [
        f"101 fen moved out in 1 day(s) to {iso(1)}: above 1000 basis points of the 1000 fen held before."
    ] * trips
    assert [one.message_zh for one in found] == [
        f"截至{iso(1)}的1日内资金流出101分，超过此前余额1000分的万分之1000。"
    ] * trips


@pytest.mark.parametrize(("day", "trips"), [(5, True), (6, True), (7, False)])
@pytest.mark.parametrize(("amount_fen", "above"), [(50, False), (51, True)])
def test_outflows_of_seven_days_together(judge: Judge, day: int, amount_fen: int, trips: bool, above: bool) -> None:
    judge.reserve(1_000)
    judge.debit(50)
    judge.debit(amount_fen, day=day)
    assert len(judge.alerts("movement.large")) == (trips and above)


def test_another_pack_judges_movements_by_its_own_share(judge: Judge) -> None:
    parameters = {name: getattr(FIRST_DETECTION, name) for name in FIRST_DETECTION.__struct_fields__}
    judge.reserve(1_000)
    judge.debit(90)
    assert judge.alerts("movement.large") == []
    judge.tell(DetectionParametersSet, parameters=type(FIRST_DETECTION)(**parameters | {"large_movement_bp": 500}))
    judge.debit(1, day=1)
    assert judge.only("movement.large").figures["share_bp"] == 500


def test_a_top_up_past_its_day_is_an_alert_until_it_is_paid(judge: Judge) -> None:
    judge.tell(TopUpOverdue, day=1, amount_fen=500, due_on=DAY)
    alert = judge.only("reserve.top_up_overdue")
    assert alert.message == f"The top-up of 500 fen was due on {iso(0)} and is not paid."
    assert alert.message_zh == f"应补足的500分已于{iso(0)}到期，仍未到账。"
    judge.tell(TopUpMet, day=2, cash_fen=700)
    alert = judge.only("reserve.top_up_overdue")
    assert (alert.state, alert.resolution_zh) == ("resolved", "补足款已到账，现金700分。")


def refund(judge: Judge, quoted_fen: int = 1_000) -> None:
    judge.fee(5_000)
    judge.tell(RefundRequested, refund_id="f1", contract_id="c1", reason="moves", answer_due_on=DAY)
    judge.tell(RefundQuoted, refund_id="f1", basis="unconsumed", amount_fen=quoted_fen, lines=())


def test_each_step_of_a_refund_past_its_clock_has_its_alert_in_turn(judge: Judge) -> None:
    refund(judge)
    judge.tell(RefundOverdue, day=8, refund_id="f1", step="decision", due_on=DAY + timedelta(days=7))
    alert = judge.only("refund.overdue")
    assert alert.message == f"The decision of refund f1 was due on {iso(7)}; 0 fen are agreed and not paid."
    assert alert.message_zh == f"退费f1的裁决应于{iso(7)}前完成，已同意未支付0分。"
    judge.tell(
        RefundAgreed,
        day=9,
        refund_id="f1",
        contract_id="c1",
        amount_fen=1_000,
        by="order",
        final=True,
        lines=(),
        pay_due_on=DAY + timedelta(days=19),
    )
    judge.tell(RefundOverdue, day=20, refund_id="f1", step="payment", due_on=DAY + timedelta(days=19))
    assert [one.figures["step_zh"] for one in judge.alerts("refund.overdue")] == ["裁决", "支付"]
    assert [one.state for one in judge.alerts("refund.overdue")] == ["resolved", "raised"]


def test_an_offer_that_the_policy_calls_too_low(judge: Judge) -> None:
    refund(judge)
    judge.tell(RefundContested, refund_id="f1", offered_fen=999, quoted_fen=1_000, reason="rounding")
    assert judge.alerts("refund.lowball") == []  # one fen is rounding: the decision names the rule beyond it
    judge.tell(
        RefundContested, refund_id="f1", offered_fen=998, quoted_fen=1_000, reason="less", rules=("refund.lowball",)
    )
    alert = judge.only("refund.lowball")
    assert alert.message == "The institution offers 998 fen for refund f1, 2 fen below the quote of 1000 fen."
    assert alert.message_zh == "机构对退费f1仅同意998分，低于核算金额1000分2分。"


@pytest.mark.parametrize(
    ("paid_on", "refunded", "trips"),
    [
        (date(2026, 3, 21), 39, True),  # 31 March less 10 days; 10 April
        (date(2026, 3, 20), 39, False),
        (date(2026, 3, 21), 40, False),
        (date(2026, 3, 31), 30, True),
        (date(2026, 3, 30), 29, False),  # back before the month ended: nothing was reported
    ],
)
def test_money_that_comes_and_goes_around_the_end_of_a_month(
    judge: Judge, paid_on: date, refunded: int, trips: bool
) -> None:
    leg = RefundLeg(
        instruction_id="i1", end_to_end_id="e1", payment_reference="p1", route="r", amount_fen=5_000, paid_on=paid_on
    )
    refund(judge)
    judge.tell(RefundInstructed, day=refunded, refund_id="f1", legs=(leg,))
    found = judge.alerts("movement.round_trip")
    assert len(found) == trips
    if trips:
        back = iso(refunded)
        assert found[0].message == (
            f"Payment p1 of {paid_on} goes back on {back} with 5000 fen: both within 10 days of the end of the month, "
            "2026-03-31."
        )
        assert found[0].message_zh == f"{paid_on}的缴费p1于{back}退回5000分，均在月末2026-03-31前后10日内。"


def test_a_payer_who_is_linked_to_staff(judge: Judge) -> None:
    judge.tell(
        FindingRecorded,
        kind="payer_is_staff",
        rule="movement.round_trip",
        subject_kind="payment",
        subject_id="p1",
        figures={"amount_fen": 7, "payment": "p1"},
        source="register",
    )
    alert = judge.only("movement.round_trip")
    assert alert.message == "Payment p1 of 7 fen came from somebody linked to the institution's staff."
    assert alert.message_zh == "缴费p1（7分）的付款人与机构员工有关联。"
