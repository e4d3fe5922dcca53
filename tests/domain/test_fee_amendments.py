"""Contracts amended into others (转课): value, payments and first dates go on, to the fen."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain import commands as c
from ledger.domain.account import Contract
from ledger.domain.carried_payments import carried_payments, remaining_lines
from ledger.domain.events import (
    AmendedPackage,
    AmendedTerms,
    CarriedPayment,
    ChargeFinding,
    ContractAmended,
    FeePaid,
    PackageAmount,
    RefundInstructed,
)
from tests.domain.scenario import MONDAY, Scenario, package, paid_contract, switch, under


def carrying(number: int, carried_fen: int, *, price_fen: int = 0, lessons: int = 5, source: int = 0) -> AmendedPackage:
    price_fen = price_fen or carried_fen
    return AmendedPackage(
        number=number,
        price_fen=price_fen,
        paid_lessons=lessons,
        list_price_fen=price_fen,
        from_package=source or number,
        carried_fen=carried_fen,
    )


def terms(*packages: AmendedPackage, **said: Any) -> AmendedTerms:
    plain: dict[str, Any] = {
        "contract_id": "c2",
        "contract_no": "no-c2",
        "course_id": "course-2",
        "subject": "dance",
        "category": "arts",
        "starts_on": MONDAY,
        "ends_on": MONDAY + timedelta(days=60),
        "lesson_minutes": 60,
    }
    return AmendedTerms(**(plain | said), packages=packages)


def amend(scenario: Scenario, *packages: AmendedPackage, **said: Any) -> ContractAmended:
    scenario.do(c.ProposeAmendment, terms=terms(*packages, **said))
    return scenario.one(ContractAmended, c.AcceptAmendment)


def test_what_is_left_goes_on_and_what_was_taught_stays() -> None:
    scenario = paid_contract(1_000, 10)
    scenario.teach_many("c1", 3)
    before = scenario.account.buckets
    figures = (before.cash, before.prepaid, before.earned)
    event = amend(scenario, carrying(1, 700))
    assert (event.amount_fen, event.charged_lessons, event.charged_fen) == (700, 3, 300)
    old, new = scenario.account.contracts["c1"], scenario.account.contracts["c2"]
    assert (old.prepaid_fen, old.packages[0].drawn_fen, old.packages[0].paid_fen) == (0, 300, 300)
    assert (new.prepaid_fen, new.packages[0].paid_fen, new.due_fen) == (700, 700, 0)
    after = scenario.account.buckets
    assert (after.cash, after.prepaid, after.earned) == figures
    assert (new.family_id, new.student_id, new.course_id) == ("family-1", "student-1", "course-2")
    scenario.teach("lesson-9", "c2")
    assert new.packages[0].drawn_fen == 140


def test_the_parent_is_asked_and_the_institution_alone_changes_nothing() -> None:
    scenario = paid_contract()
    scenario.do(c.ProposeAmendment, terms=terms(carrying(1, 1_000)))
    assert set(scenario.account.contracts) == {"c1"}
    scenario.refuses("amendment_not_found", c.AcceptAmendment, amendment_id="another")
    scenario.do(c.ProposeAmendment, amendment_id="amendment-2", terms=terms(carrying(1, 1_000)))
    scenario.refuses("amendment_not_found", c.AcceptAmendment)
    scenario.do(c.AcceptAmendment, amendment_id="amendment-2")
    scenario.refuses("amendment_not_found", c.AcceptAmendment, amendment_id="amendment-2")


def test_each_package_goes_on_by_itself() -> None:
    scenario = Scenario()
    scenario.sign("c1", package(1, 600_800, 40), package(2, 1_118_000, 80))
    scenario.pay("c1", 600_800 + 1_118_000)
    scenario.teach_many("c1", 17)
    first, second = 23 * 15_020, 1_118_000
    event = amend(scenario, carrying(1, second, source=2), carrying(2, first, source=1, price_fen=first + 5))
    assert event.lines == (
        PackageAmount(package=1, amount_fen=first),
        PackageAmount(package=2, amount_fen=second),
    )
    new = scenario.account.contracts["c2"]
    assert [one.paid_fen for one in new.packages] == [second, first]
    assert new.payments["entry-98"].lines == {"1": second, "2": first}
    assert (new.prepaid_fen, new.due_fen) == (1_463_460, 5)


@pytest.mark.parametrize(
    ("packages", "code"),
    [
        ((carrying(1, 999),), "amendment_outdated"),
        ((carrying(1, 1_001),), "amendment_outdated"),
        ((carrying(1, 1_000, price_fen=999),), "amendment_value_lost"),
        ((carrying(1, 1_000, source=2),), "package_not_found"),
        ((carrying(1, 500), carrying(2, 500, source=1)), "package_not_found"),
        (
            (AmendedPackage(number=1, price_fen=9, paid_lessons=1, list_price_fen=9, carried_fen=9),),
            "package_not_found",
        ),
        ((AmendedPackage(number=1, price_fen=9, paid_lessons=1, list_price_fen=9),), "amendment_outdated"),
        ((), "contract_without_packages"),
        ((carrying(1, 1_000, lessons=0),), "package_lessons_wrong"),
    ],
)
def test_not_a_fen_is_lost_or_made_up(packages: tuple[AmendedPackage, ...], code: str) -> None:
    paid_contract().refuses(code, c.ProposeAmendment, terms=terms(*packages))


def test_a_package_costs_at_least_what_it_takes_over() -> None:
    dear = terms(carrying(1, 1_000, price_fen=999))
    refusal = paid_contract().refuses("amendment_value_lost", c.ProposeAmendment, terms=dear)
    assert refusal.figures == {"package": 1, "price_fen": 999, "carried_fen": 1_000}
    unknown = terms(carrying(1, 1_000, source=2))
    paid_contract().refuses("package_not_found", c.ProposeAmendment, terms=unknown)


def test_exactly_the_price_and_more_may_be_carried() -> None:
    for price_fen in (1_000, 1_001):
        assert amend(paid_contract(), carrying(1, 1_000, price_fen=price_fen)).amount_fen == 1_000


def test_a_proposal_from_before_a_lesson_is_out_of_date() -> None:
    scenario = paid_contract(1_000, 10)
    scenario.do(c.ProposeAmendment, terms=terms(carrying(1, 1_000)))
    scenario.teach("lesson-1", "c1")
    figures = scenario.refuses("amendment_outdated", c.AcceptAmendment).figures
    assert figures == {"package": 1, "left_fen": 900, "carried_fen": 1_000}


def test_a_contract_with_a_waiting_lesson_or_an_open_refund_is_not_amended() -> None:
    scenario = paid_contract()
    scenario.do(c.ProposeAmendment, terms=terms(carrying(1, 1_000)))
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.refuses("contract_refund_open", c.AcceptAmendment)
    scenario.do(c.WithdrawRefund)
    scenario.do(c.AssignPolicy, pack="asked")
    scenario.teach("lesson-1", "c1")
    scenario.refuses("contract_lessons_open", c.AcceptAmendment)


def test_nothing_new_happens_on_an_amended_contract() -> None:
    scenario = paid_contract()
    amend(scenario, carrying(1, 1_000))
    scenario.refuses("contract_amended", c.DeliverLesson, lesson_id="lesson-1", contracts=("c1",))
    scenario.refuses("contract_amended", c.ProposeAmendment, terms=terms(carrying(1, 1), contract_id="c3"))
    scenario.refuses("contract_amended", c.ReportCash, amount_fen=1)
    scenario.refuses("contract_amended", c.RecordLeave, lesson_id="lesson-1", lesson_on=MONDAY)
    scenario.pay("", 5)
    match = {"suspense_id": "suspense-2", "contract_id": "c1", "amount_fen": 5}
    scenario.refuses("contract_amended", c.MatchSuspense, **match)
    scenario.refuses("refund_nothing_left", c.RequestRefund, contract_id="c1")
    scenario.later(31).do(c.EndContract, contract_id="c1")
    assert set(scenario.account.contracts) == {"c2"}
    assert scenario.account.contracts_of == {"student-1": ["c2"]}


def test_a_payer_may_go_on_naming_the_first_contract() -> None:
    scenario = paid_contract()
    amend(scenario, carrying(1, 1_000, price_fen=1_500))
    for reference in ("c1", "no-c1", "no-c2"):
        [event] = scenario.pay(reference, 100)
        assert isinstance(event, FeePaid)
        assert event.contract_id == "c2"


def test_a_number_or_id_in_use_is_refused() -> None:
    scenario = paid_contract()
    scenario.sign("other")
    scenario.refuses("contract_no_taken", c.ProposeAmendment, terms=terms(carrying(1, 1_000), contract_no="no-other"))
    scenario.refuses("contract_exists", c.ProposeAmendment, terms=terms(carrying(1, 1_000), contract_id="other"))
    wrong = terms(carrying(1, 1_000), ends_on=MONDAY - timedelta(days=1))
    scenario.refuses("contract_dates_reversed", c.ProposeAmendment, terms=wrong)


def test_a_contract_paid_after_its_lessons_has_nothing_to_take_over() -> None:
    scenario = Scenario()
    scenario.sign("c1", billing="after_lesson")
    scenario.refuses("amendment_of_bills", c.ProposeAmendment, terms=terms(carrying(1, 1_000)))


def test_caps_are_counted_from_the_first_contracts_dates_and_lessons() -> None:
    scenario = under(fee_cap_months=3, fee_cap_lessons=60)
    first = {"starts_on": date(2025, 3, 1), "ends_on": date(2025, 4, 30)}
    scenario.sign("c1", package(1, 6_000, 60), **first)
    scenario.pay("c1", 6_000)
    scenario.teach_many("c1", 10)
    later = {"starts_on": date(2025, 4, 1), "ends_on": date(2025, 6, 1)}
    scenario.refuses("fee_cap_months", c.ProposeAmendment, terms=terms(carrying(1, 5_000, lessons=50), **later))
    within = later | {"ends_on": date(2025, 5, 31)}
    scenario.refuses("fee_cap_lessons", c.ProposeAmendment, terms=terms(carrying(1, 5_000, lessons=51), **within))
    amend(scenario, carrying(1, 5_000, lessons=50), **within)
    new = scenario.account.contracts["c2"]
    assert (new.signed_on, new.charged_from) == (MONDAY, date(2025, 3, 1))
    again = terms(carrying(1, 5_000, lessons=51), contract_id="c3", contract_no="no-c3", **within)
    scenario.refuses("fee_cap_lessons", c.ProposeAmendment, contract_id="c2", terms=again)


def test_the_law_of_the_day_of_acceptance_decides() -> None:
    scenario = under()
    scenario.sign("c1")
    scenario.pay("c1", 1_000)
    scenario.do(c.ProposeAmendment, terms=terms(carrying(1, 1_000, lessons=9)))
    switch(scenario, fee_cap_lessons=8)
    scenario.refuses("fee_cap_lessons", c.AcceptAmendment)
    switch(scenario, fee_cap_lessons=8, enforcement={"fee.cap_lessons": "alert"})
    event = scenario.one(ContractAmended, c.AcceptAmendment)
    assert event.findings == (ChargeFinding(rule="fee.cap_lessons", value=9, limit=8),)
    assert event.rules == ("refund.original_route", "fee.cap_lessons")


def test_a_later_refund_goes_back_to_who_paid_newest_first() -> None:
    scenario = Scenario()
    scenario.sign("c1", package(1, 1_000, 10))
    scenario.pay("c1", 600, payer_route="mother")
    scenario.pay("c1", 400, payer_route="father")
    scenario.teach_many("c1", 3)
    event = amend(scenario, carrying(1, 700))
    assert [(one.payer_route, one.amount_fen) for one in event.payments] == [("mother", 300), ("father", 400)]
    scenario.do(c.RequestRefund, contract_id="c2")
    events = scenario.do(c.AnswerRefund)
    [instructed] = [one for one in events if isinstance(one, RefundInstructed)]
    assert [(leg.route, leg.amount_fen) for leg in instructed.legs] == [("father", 400), ("mother", 300)]
    old = scenario.account.contracts["c1"].payments
    assert [(one.route, one.amount_fen) for one in old.values()] == [("mother", 300), ("father", 0)]


def test_a_lesson_taken_back_later_is_owed_on_the_first_contract_by_who_paid_it() -> None:
    scenario = paid_contract(1_000, 10)
    scenario.teach_many("c1", 3)
    amend(scenario, carrying(1, 700))
    scenario.do(c.CorrectLesson, lesson_id="lesson-2", contracts=("c1",))
    assert scenario.account.contracts["c1"].prepaid_fen == 100
    scenario.do(c.RequestRefund, contract_id="c1")
    events = scenario.do(c.AnswerRefund)
    assert sum(leg.amount_fen for one in events if isinstance(one, RefundInstructed) for leg in one.legs) == 100


def test_what_the_institution_keeps_of_a_payment_goes_on_as_kept() -> None:
    scenario = under(custody="risk_deposit")
    scenario.sign("c1")
    scenario.do(c.ReportKeptFee, contract_id="c1", amount_fen=1_000)
    scenario.teach("lesson-1", "c1")
    event = amend(scenario, carrying(1, 900))
    assert [(one.amount_fen, one.kept_fen) for one in event.payments] == [(900, 900)]
    scenario.do(c.RequestRefund, contract_id="c2")
    scenario.do(c.AnswerRefund)
    scenario.do(c.RecordInstitutionRefund, amount_fen=900)
    assert scenario.account.contracts["c2"].prepaid_fen == 0


PAYMENTS = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 2_000)), min_size=1, max_size=5)


@given(
    prices=st.lists(st.integers(10, 5_000), min_size=1, max_size=3),
    payments=PAYMENTS,
    lessons=st.integers(0, 20),
    refund=st.booleans(),
    swap=st.booleans(),
)
@settings(max_examples=200)
def test_money_is_conserved_and_every_route_gets_back_at_most_what_it_paid(
    prices: list[int], payments: list[tuple[int, int]], lessons: int, refund: bool, swap: bool
) -> None:
    """Whatever was paid, taught and refunded before: after an amendment each fen is where it was, by the same payer."""
    scenario = Scenario()
    scenario.sign("c1", *(package(number, price, 7) for number, price in enumerate(prices, 1)))
    given_fen: dict[str, int] = {}
    for payer, amount_fen in payments:
        paid = [e for e in scenario.pay("c1", amount_fen, payer_route=f"route-{payer}") if isinstance(e, FeePaid)]
        given_fen[f"route-{payer}"] = given_fen.get(f"route-{payer}", 0) + sum(e.amount_fen for e in paid)
    for number in range(lessons):
        contract = scenario.account.contracts["c1"]
        is_paid = all(p.paid_fen == p.price_fen for p in contract.packages)
        if is_paid and any(p.upcoming_lesson() for p in contract.packages):
            scenario.teach(f"lesson-{number}", "c1")
    contract = scenario.account.contracts["c1"]
    if refund and contract.prepaid_fen > 1:
        scenario.do(c.RequestRefund, contract_id="c1")
        scenario.do(c.AnswerRefund, agree=False, offered_fen=contract.prepaid_fen // 2)
        scenario.do(c.OrderRefund, amount_fen=scenario.account.refunds["refund-1"].agreed_fen or 1)
        for leg in scenario.pending():
            scenario.settle(leg)
    left = remaining_lines(contract)
    if not left:
        return
    order = list(reversed(left)) if swap else list(left)
    before = scenario.account.copy()
    event = amend(
        scenario,
        *(carrying(number, line.amount_fen, source=line.package) for number, line in enumerate(order, 1)),
    )
    old, new = scenario.account.contracts["c1"], scenario.account.contracts["c2"]
    assert old.prepaid_fen == 0
    assert new.prepaid_fen == before.contracts["c1"].prepaid_fen == event.amount_fen
    assert scenario.account.buckets == before.buckets
    assert sum(one.amount_fen for one in event.payments) == event.amount_fen
    for line in left:
        parts = (part.amount_fen for one in event.payments for part in one.lines if part.package == line.package)
        assert sum(parts) == line.amount_fen
    assert _routes(old, new) == _routes(before.contracts["c1"])
    scenario.do(c.RequestRefund, refund_id="refund-2", contract_id="c2")
    scenario.do(c.AnswerRefund, refund_id="refund-2")
    back: dict[str, int] = {}
    for one in scenario.history:
        for leg in one.legs if isinstance(one, RefundInstructed) else ():
            back[leg.route] = back.get(leg.route, 0) + leg.amount_fen
    assert all(amount_fen <= given_fen[route] for route, amount_fen in back.items())
    assert scenario.account.contracts["c2"].prepaid_fen == 0


def _routes(*contracts: Contract) -> dict[str, int]:
    """What each route has paid and not got back, over the contracts."""
    sums: dict[str, int] = {}
    for contract in contracts:
        for payment in contract.payments.values():
            sums[payment.route] = sums.get(payment.route, 0) + payment.amount_fen - payment.refunded_fen
    return sums


def test_a_payment_that_was_refunded_in_part_carries_what_it_has_left() -> None:
    scenario = Scenario()
    scenario.sign("c1", package(1, 1_000, 10), package(2, 500, 5))
    scenario.pay("c1", 1_200)
    scenario.pay("c1", 300)
    contract = scenario.account.contracts["c1"]
    contract.payments["entry-97"].refunded_fen = 250
    contract.packages[0].refunded_fen = 250
    lines = remaining_lines(contract)
    assert lines == (PackageAmount(package=1, amount_fen=750), PackageAmount(package=2, amount_fen=500))
    first, second = carried_payments(contract, lines)
    assert (first.amount_fen, second.amount_fen) == (1_200, 50)
    assert second.lines == (PackageAmount(package=2, amount_fen=50),)
    assert sum(line.amount_fen for line in first.lines) == 1_200
    assert isinstance(first, CarriedPayment)
