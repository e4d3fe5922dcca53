"""The end of an institution: its notice, what stops, what families claim, what each gets, and what is left to say."""

from datetime import timedelta

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.free_for_payout import free_for_payout
from tests.domain.scenario import MONDAY, Scenario, package, under
from tests.domain.winding_down import (
    allocated,
    claims,
    distribute,
    families,
    paid,
    seize,
    settle_all,
    wind_down,
    work_through,
)


def test_a_closure_is_notified_as_many_months_ahead_as_the_pack_says() -> None:
    scenario = under(closure_notice_months=1)
    refusal = scenario.refuses("closure_notice_short", c.NotifyClosure, closes_on=MONDAY + timedelta(days=30))
    assert refusal.figures == {"months": 1, "closes_on": "2025-04-02", "earliest_on": "2025-04-03"}
    event = scenario.one(e.ClosureNotified, c.NotifyClosure, closes_on=MONDAY + timedelta(days=31))
    assert (event.closes_on, event.rules) == (event.earliest_on, ("closure.notice",))
    scenario.refuses("closure_notified", c.NotifyClosure, closes_on=MONDAY + timedelta(days=60))


def test_where_the_pack_says_alert_a_short_notice_is_recorded_beside_the_lawful_day() -> None:
    scenario = under(closure_notice_months=1, enforcement={"closure.notice": "alert"})
    event = scenario.one(e.ClosureNotified, c.NotifyClosure, closes_on=MONDAY)
    assert (event.closes_on, event.earliest_on) == (MONDAY, MONDAY + timedelta(days=31))


def test_after_the_notice_no_contract_runs_beyond_the_closure() -> None:
    scenario = Scenario()
    closes_on = MONDAY + timedelta(days=40)
    scenario.do(c.NotifyClosure, closes_on=closes_on)
    terms = {"contract_no": "no-1", "contract_id": "c1", "packages": (package(1, 1000, 10),)}
    scenario.refuses("contract_after_closure", c.SignContract, ends_on=closes_on + timedelta(days=1), **terms)
    scenario.do(c.SignContract, ends_on=closes_on, **terms)
    amended = e.AmendedTerms(
        contract_id="c2",
        contract_no="no-2",
        course_id="dance",
        subject="dance",
        category="arts",
        starts_on=MONDAY,
        ends_on=closes_on + timedelta(days=1),
        lesson_minutes=45,
        packages=(),
    )
    scenario.refuses("contract_after_closure", c.ProposeAmendment, contract_id="c1", terms=amended)


def test_the_close_after_the_planned_day_begins_the_wind_down() -> None:
    scenario = families(1000)
    scenario.do(c.NotifyClosure, closes_on=MONDAY + timedelta(days=3))
    assert not [ev for ev in scenario.later(3).do(c.CloseDay) if isinstance(ev, e.WindDownStarted)]
    closed = scenario.later(1).do(c.CloseDay)
    [started] = [ev for ev in closed if isinstance(ev, e.WindDownStarted)]
    assert (started.by, started.cause) == ("closure", "close_day")
    assert claims(scenario.do(c.ContinueWindDown)) == {"c1": 1000}
    assert scenario.do(c.CloseDay) == []


def test_a_wind_down_begins_once_and_keeps_the_figures_of_that_instant() -> None:
    scenario = families(1000, 2000)
    scenario.teach("l1", "c1")
    scenario.do(
        c.PostDeposit, amount_fen=50, purpose="reserve", contract_reference="", bank_reference="r", suspense_id="s"
    )
    seize(scenario, 300)
    event = scenario.one(e.WindDownStarted, c.StartWindDown)
    assert (event.contracts, event.cash_fen, event.obligation_fen) == (2, 2750, 2900)
    assert (event.exposure_fen, event.earned_fen, event.reserve_fen) == (300, 100, 50)
    scenario.refuses("account_winding_down", c.StartWindDown)
    scenario.refuses("account_winding_down", c.NotifyClosure, closes_on=MONDAY + timedelta(days=90))


def test_nothing_but_families_money_moves_once_a_wind_down_began() -> None:
    scenario = under(custody="risk_deposit", advance_share_bp=5000)
    scenario.sign("c1")
    scenario.pay("c1", 1000)
    scenario.teach("l1", "c1")
    scenario.do(c.StartWindDown)
    terms = {"contract_no": "no-2", "contract_id": "c2", "packages": (package(1, 1000, 10),)}
    scenario.refuses("account_winding_down", c.SignContract, **terms)
    scenario.refuses("account_winding_down", c.DeliverLesson, lesson_id="l2", contracts=("c1",))
    scenario.refuses("account_winding_down", c.ConfirmLesson, lesson_id="l2")
    scenario.refuses("account_winding_down", c.RequestRefund, contract_id="c1")
    scenario.refuses("account_winding_down", c.EndContract, contract_id="c1")
    scenario.refuses("account_winding_down", c.ReportKeptFee, contract_id="c1", amount_fen=1)
    scenario.refuses("account_winding_down", c.DrawReserve, amount_fen=1)
    scenario.refuses("families_not_whole", c.RequestPayout, amount_fen=1)
    scenario.refuses("families_not_whole", c.RequestAdvance, amount_fen=1)
    scenario.refuses("families_not_whole", c.ReleaseReserve, amount_fen=1)
    assert free_for_payout(scenario.account, MONDAY).free_fen == 0


def test_steps_of_a_wind_down_that_did_not_begin_are_refused() -> None:
    scenario = families(1000)
    for command in (c.ContinueWindDown, c.DistributeClaims, c.CloseWindDown):
        scenario.refuses("account_not_winding_down", command)


def test_every_family_claims_all_that_is_not_drawn_with_its_arithmetic_and_its_routes() -> None:
    scenario = families(1000, 2000)
    scenario.teach("l1", "c1")
    events = wind_down(scenario)
    [page] = [ev for ev in events if isinstance(ev, e.ClaimRecorded)]
    first, second = page.claims
    assert (first.contract_id, first.family_id, first.claim_fen) == ("c1", "family-1", 900)
    [line] = first.lines
    assert (line.basis, line.paid_fen, line.used_fen, line.refund_fen) == ("closure", 1000, 100, 900)
    assert [(r.route, r.amount_fen) for r in first.routes] == [("route-1", 900)]
    assert second.claim_fen == 2000
    agreed = [ev for ev in events if isinstance(ev, e.RefundAgreed)]
    assert [(ev.contract_id, ev.amount_fen, ev.by, ev.final) for ev in agreed] == [
        ("c1", 900, "order", True),
        ("c2", 2000, "order", True),
    ]
    assert scenario.account.buckets.prepaid == 0
    assert scenario.pending() == []


def test_lessons_that_wait_count_as_taught_and_stay_open_to_dispute_while_held() -> None:
    scenario = under(confirmation="confirmed", holding_days=5)
    for contract_id in ("c1", "c2"):
        scenario.sign(contract_id)
        scenario.pay(contract_id, 1000)
    scenario.teach("l1", "c1", "c2")
    scenario.do(c.DisputeLesson, lesson_id="l1", contract_id="c2")
    events = wind_down(scenario)
    [drawn] = [ev for ev in events if isinstance(ev, e.LessonDrawn)]
    assert (drawn.basis, [line.contract_id for line in drawn.lines]) == ("deemed", ["c1"])
    [dropped] = [ev for ev in events if isinstance(ev, e.DisputeResolved)]
    assert (dropped.line.contract_id, dropped.outcome, dropped.by) == ("c2", "dropped", "order")
    assert claims(events) == {"c1": 900, "c2": 1000}
    scenario.do(c.DisputeLesson, lesson_id="l1", contract_id="c1")
    assert claims(work_through(scenario)) == {"c1": 100}
    distribute(scenario)
    settle_all(scenario)
    assert paid(scenario) == {"c1": 1000, "c2": 1000}


def test_an_open_request_is_decided_for_the_family_and_what_was_agreed_stays_owed() -> None:
    scenario = families(1000, 1000, 1000)
    scenario.teach("l1", "c1", "c2")
    scenario.do(c.RequestRefund, contract_id="c1", refund_id="open")
    scenario.do(c.RequestRefund, contract_id="c2", refund_id="contested")
    scenario.do(c.AnswerRefund, refund_id="contested", agree=False, offered_fen=300)
    scenario.do(c.RequestRefund, contract_id="c3", refund_id="under-way")
    scenario.do(c.AnswerRefund, refund_id="under-way")
    events = wind_down(scenario)
    recorded = {cl.refund_id: cl for ev in events if isinstance(ev, e.ClaimRecorded) for cl in ev.claims}
    assert {name: (cl.claim_fen, cl.under_way_fen) for name, cl in recorded.items()} == {
        "open": (900, 0),
        "contested": (900, 300),
        "under-way": (1000, 1000),
    }
    assert allocated(distribute(scenario)) == {"c1": 900, "c2": 600}
    settle_all(scenario)
    assert paid(scenario) == {"c1": 900, "c2": 900, "c3": 1000}


def test_a_request_in_the_cooling_off_days_keeps_its_better_quote() -> None:
    scenario = under(cooling_off_days=7)
    scenario.sign("c1")
    scenario.pay("c1", 1000)
    scenario.teach("l1", "c1")
    scenario.do(c.RequestRefund, contract_id="c1")
    events = wind_down(scenario)
    assert claims(events) == {"c1": 1000}
    distribute(scenario)
    settle_all(scenario)
    assert paid(scenario) == {"c1": 1000}


def test_payouts_that_wait_for_a_second_person_are_declined_when_a_wind_down_begins() -> None:
    scenario = under(payment_dual_control="payouts")
    scenario.sign("c1")
    scenario.pay("c1", 1000)
    scenario.teach("l1", "c1")
    scenario.do(c.RequestPayout, amount_fen=100)
    declined, failed, started = scenario.do(c.StartWindDown)
    assert isinstance(declined, e.InstructionDeclined)
    assert isinstance(failed, e.PayoutFailed)
    assert isinstance(started, e.WindDownStarted)
    assert (started.payout_in_flight_fen, started.earned_fen) == (0, 100)
