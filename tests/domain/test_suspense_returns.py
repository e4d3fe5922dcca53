"""Receipts that nobody claims: announced, sent back by the clock, and which contracts they may pay."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.suspense_suggestions import Suggestion, normal_form, suggest_contracts, typos_between
from tests.domain.scenario import MONDAY, Scenario, package, switch, under
from tests.domain.test_close_day import close

TERMS = {"suspense_return_after_days": 30, "suspense_return_notice_days": 10}


def unclaimed(**terms: Any) -> Scenario:
    """A receipt of 70 fen that names no contract, received on the first Monday."""
    scenario = under(**(TERMS | terms))
    scenario.pay("", 70)
    return scenario


def test_a_policy_without_days_sends_nothing_back() -> None:
    scenario = unclaimed(suspense_return_after_days=0)
    assert close(scenario.later(1_000)) == []


def test_an_unclaimed_receipt_is_announced_and_then_sent_back() -> None:
    scenario = unclaimed()
    assert close(scenario.later(19)) == []
    [announced] = close(scenario.later(1))
    assert isinstance(announced, e.SuspenseReturnAnnounced)
    assert (announced.amount_fen, announced.received_on) == (70, MONDAY)
    assert announced.return_on == MONDAY + timedelta(days=30)
    assert (announced.policy, announced.rules) == ("own@1", ("suspense.return_after",))
    assert close(scenario.later(9)) == []
    [instructed] = close(scenario.later(1))
    assert isinstance(instructed, e.SuspenseReturnInstructed)
    assert (instructed.amount_fen, instructed.route, instructed.reason) == (70, "route-1", "nobody claimed it")
    assert (instructed.rules, instructed.needs_approval) == (("suspense.return_after",), False)
    scenario.settle(instructed.instruction_id)
    assert (scenario.account.suspense, scenario.account.buckets.cash) == ({}, 0)


def test_a_close_made_late_leaves_nobody_a_shorter_notice() -> None:
    scenario = unclaimed().later(100)
    [announced] = close(scenario)
    assert isinstance(announced, e.SuspenseReturnAnnounced)
    assert announced.return_on == scenario.today + timedelta(days=10)
    missed = unclaimed().later(40)
    [caught_up] = close(missed, effective_on=MONDAY + timedelta(days=20))
    assert isinstance(caught_up, e.SuspenseReturnAnnounced)
    assert caught_up.return_on == missed.today + timedelta(days=10)


def test_without_notice_it_is_announced_and_sent_back_at_once() -> None:
    events = close(unclaimed(suspense_return_notice_days=0).later(30))
    assert [type(event) for event in events] == [e.SuspenseReturnAnnounced, e.SuspenseReturnInstructed]


def test_what_was_claimed_in_part_is_sent_back_for_the_rest() -> None:
    scenario = unclaimed()
    scenario.sign("c1", package(1, 50, 5))
    close(scenario.later(25))
    scenario.do(c.MatchSuspense, suspense_id="suspense-1", contract_id="c1", amount_fen=50)
    events = close(scenario.later(10))
    assert [event.amount_fen for event in events if isinstance(event, e.SuspenseReturnInstructed)] == [20]


def test_a_claim_in_time_ends_it() -> None:
    scenario = unclaimed()
    scenario.sign("c1", package(1, 70, 7))
    close(scenario.later(25))
    scenario.do(c.MatchSuspense, suspense_id="suspense-1", contract_id="c1", amount_fen=70)
    assert not [event for event in close(scenario.later(10)) if isinstance(event, e.SuspenseReturnInstructed)]


def test_people_have_to_return_what_has_no_route_or_was_there_before() -> None:
    scenario = under(**TERMS)
    scenario.do(c.ImportOpeningBalance, cash_fen=7, suspense_fen=7)
    scenario.pay("", 70, payer_route="")
    assert len(scenario.account.suspense) == 2
    assert close(scenario.later(100)) == []


def test_a_failed_return_is_left_to_people() -> None:
    scenario = unclaimed(suspense_return_notice_days=0)
    [_, instructed] = close(scenario.later(30))
    assert isinstance(instructed, e.SuspenseReturnInstructed)
    scenario.settle(instructed.instruction_id, "rejected")
    assert close(scenario.later(30)) == []
    scenario.do(c.ReturnSuspense, suspense_id="suspense-1")


def test_nothing_is_announced_or_sent_while_the_clocks_stand_still() -> None:
    scenario = unclaimed()
    scenario.do(c.SuspendAccount)
    assert close(scenario.later(40)) == []
    scenario.later(1).do(c.ResumeAccount)
    assert [type(event) for event in close(scenario)] == [e.SuspenseReturnAnnounced]


def test_what_the_cash_does_not_suffice_for_waits_for_the_next_close() -> None:
    scenario = unclaimed(suspense_return_notice_days=0)
    scenario.do(c.RecordUnexplainedDebit, amount_fen=1)
    events = close(scenario.later(30))
    assert not [event for event in events if isinstance(event, e.SuspenseReturnInstructed)]
    scenario.do(c.RestoreUnexplainedDebit, amount_fen=1)
    assert [event for event in close(scenario.later(1)) if isinstance(event, e.SuspenseReturnInstructed)]


def test_a_return_by_the_clock_waits_for_a_second_person_where_all_orders_do() -> None:
    scenario = unclaimed(suspense_return_notice_days=0, payment_dual_control="all")
    [_, instructed] = close(scenario.later(30))
    assert isinstance(instructed, e.SuspenseReturnInstructed)
    assert instructed.needs_approval
    assert instructed.rules == ("suspense.return_after", "payment.dual_control")


def test_a_later_policy_takes_in_older_receipts() -> None:
    scenario = unclaimed(suspense_return_after_days=0)
    scenario.later(50)
    switch(scenario, **TERMS)
    [announced] = close(scenario)
    assert isinstance(announced, e.SuspenseReturnAnnounced)
    assert announced.return_on == scenario.today + timedelta(days=10)


def suggested(scenario: Scenario, reference: str = "", suspense_id: str = "suspense-1") -> list[Suggestion]:
    return suggest_contracts(scenario.account, suspense_id, reference)


def reasons(suggestion: Suggestion) -> list[str]:
    return [reason.reason for reason in suggestion.reasons]


def town() -> Scenario:
    """Three contracts: one that route-1 paid in part, one that owes exactly 70 fen, one with another number."""
    scenario = Scenario()
    scenario.sign("c1", package(1, 1000, 10), contract_no="HT-2025-0001")
    scenario.pay("c1", 100)
    scenario.sign("c2", package(1, 70, 7), contract_no="HT-2025-0777")
    scenario.sign("c3", package(1, 500, 5), package(2, 200, 2), contract_no="XY-9")
    return scenario


def test_the_same_payers_contract_is_suggested() -> None:
    scenario = town()
    scenario.pay("", 55)
    [one] = suggested(scenario, suspense_id="suspense-2")
    assert (one.contract_id, reasons(one), one.amount_fen, one.due_fen) == ("c1", ["payer_route"], 55, 900)
    assert one.reasons[0].figures == {"payments": 1}
    scenario.pay("", 55, payer_route="route-8")
    assert suggested(scenario, suspense_id="suspense-3") == []


def test_exactly_what_is_owed_counts_and_a_whole_package_counts_less() -> None:
    scenario = town()
    scenario.pay("", 70, payer_route="route-8")
    [due] = suggested(scenario, suspense_id="suspense-2")
    assert (due.contract_id, reasons(due)) == ("c2", ["amount_due"])
    scenario.pay("", 200, payer_route="route-8")
    [whole] = suggested(scenario, suspense_id="suspense-3")
    assert (whole.contract_id, reasons(whole)) == ("c3", ["amount_package"])
    assert due.points > whole.points


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("HT-2025-0777", "reference"),
        ("c2", "reference"),
        ("ht 2025 0777", "reference_form"),
        ("ＨＴ－２０２５－０７７７", "reference_form"),
        ("HT20250777", "reference_form"),
        ("HT-2025-0778", "reference_typo"),
        ("HT-2025-777", "reference_typo"),
        ("HT-2052-0777", "reference_typo"),
    ],
)
def test_a_reference_written_in_another_way_is_found(written: str, reason: str) -> None:
    scenario = town()
    scenario.pay("", 33, payer_route="route-8")
    first = suggested(scenario, written, "suspense-2")[0]
    assert (first.contract_id, reasons(first)) == ("c2", [reason])


def test_a_reference_that_is_too_far_off_is_not_found() -> None:
    scenario = town()
    scenario.pay("", 33, payer_route="route-8")
    assert suggested(scenario, "HT-2031-9999", "suspense-2") == []
    assert suggested(scenario, "XY-27", "suspense-2") == []
    assert [one.contract_id for one in suggested(scenario, "XY-8", "suspense-2")] == ["c3"]
    assert suggested(scenario, "--", "suspense-2") == []


def test_more_reasons_come_first_and_each_is_explained_in_both_languages() -> None:
    scenario = town()
    scenario.pay("", 70)
    listed = suggested(scenario, "HT-2025-0777 ", "suspense-2")
    assert [one.contract_id for one in listed] == ["c2", "c1"]
    assert reasons(listed[0]) == ["reference_form", "amount_due"]
    assert [one.points for one in listed] == sorted((one.points for one in listed), reverse=True)
    for one in listed:
        assert one.points == sum(reason.points for reason in one.reasons)
        for reason in one.reasons:
            assert "{" not in reason.message + reason.message_zh
            assert reason.message.endswith(".")
            assert reason.message_zh.endswith("。")


def test_a_contract_that_owes_nothing_is_not_suggested_and_what_is_suggested_can_be_matched() -> None:
    scenario = town()
    scenario.pay("c2", 70)
    scenario.pay("", 5_000)
    listed = suggested(scenario, "HT-2025-0001", "suspense-3")
    assert [one.contract_id for one in listed] == ["c1"]
    said = {"contract_id": "c1", "amount_fen": listed[0].amount_fen}
    scenario.do(c.MatchSuspense, suspense_id="suspense-3", **said)
    assert scenario.account.contracts["c1"].due_fen == 0


def test_nothing_is_suggested_for_what_is_gone_or_on_its_way_back() -> None:
    scenario = town()
    scenario.pay("", 70)
    scenario.do(c.ReturnSuspense, suspense_id="suspense-2")
    assert suggested(scenario, "c2", "suspense-2") == []
    assert suggested(scenario, "c2", "suspense-9") == []


@pytest.mark.parametrize(
    ("one", "other", "most", "typos"),
    [
        ("", "", 2, 0),
        ("abcdef", "abcdef", 0, 0),
        ("abcdef", "abcde", 1, 1),
        ("abcdef", "abcxef", 1, 1),
        ("abcdef", "abdcef", 1, 1),
        ("abcdef", "badcef", 2, 2),
        ("abcdef", "badcfe", 2, None),
        ("abc", "abcdef", 2, None),
        ("abc", "xyz", 2, None),
    ],
)
def test_typos_are_counted(one: str, other: str, most: int, typos: int | None) -> None:
    assert typos_between(one, other, most) == typos
    assert typos_between(other, one, most) == typos


@given(st.text("ab1", max_size=8), st.text("ab1", max_size=8))
def test_counting_typos_up_to_more_finds_the_same(one: str, other: str) -> None:
    whole = typos_between(one, other, 20)
    assert whole is not None
    assert (whole == 0) == (one == other)
    for most in range(4):
        assert typos_between(one, other, most) == (whole if whole <= most else None)


@given(st.text(st.characters(codec="ascii"), max_size=20))
def test_a_normal_form_keeps_letters_and_digits_in_lower_case(text: str) -> None:
    assert normal_form(text) == "".join(c for c in text.lower() if c.isalnum())
    assert normal_form(f" {text.upper()}-") == normal_form(text)
