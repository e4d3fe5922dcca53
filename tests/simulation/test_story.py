"""A story follows from its seed alone, names only what it made before, and has its failures in it."""

import re
from datetime import date
from typing import Any

import msgspec
import pytest

from ledger.bank.reading import read_bank_file
from ledger.simulation.steps import BankFileUpload, DebitAndReport, Phase, Post, RaiseMinimum, SettleAll
from ledger.simulation.story import FILE_BANK, LEAST_INSTITUTIONS, Story

START = date(2026, 3, 2)
_NAMED = re.compile(rb"@([a-z]+:[A-Za-z0-9-]+)")


def story(seed: int = 1, institutions: int = 12, months: int = 2, start_on: date = START) -> Story:
    return Story(seed=seed, institutions=institutions, months=months, start_on=start_on)


def steps(phases: list[Phase], kind: type[Any]) -> list[Any]:
    return [step for phase in phases for step in phase.steps if isinstance(step, kind)]


def test_the_same_seed_tells_the_same_story() -> None:
    first, second = story(), story()
    assert list(first.phases()) == list(second.phases())
    assert first.clients == second.clients


def test_another_seed_tells_another_story() -> None:
    assert list(story(seed=1).phases()) != list(story(seed=2).phases())


def test_a_city_too_small_for_its_failures_is_refused() -> None:
    with pytest.raises(ValueError, match=str(LEAST_INSTITUTIONS)):
        story(institutions=LEAST_INSTITUTIONS - 1)


@pytest.mark.parametrize("seed", range(5))
def test_steps_name_only_what_earlier_phases_made(seed: int) -> None:
    made: set[str] = set()
    for phase in story(seed=seed).phases():
        for step in phase.steps:
            encoded = msgspec.json.encode(step)
            if isinstance(step, SettleAll):  # what a bank forgets may not have been asked yet
                continue
            assert {name.decode() for name in _NAMED.findall(encoded)} <= made, step
        made.update(name for step in phase.steps if isinstance(step, Post) for name in step.keeps.values())


@pytest.mark.parametrize("seed", range(5))
def test_every_client_of_a_step_exists_and_no_bank_reference_is_used_twice(seed: int) -> None:
    told = story(seed=seed)
    phases = list(told.phases())
    clients = {client.client_id for client in told.clients}
    assert {step.client for phase in phases for step in phase.steps} <= clients
    posted = [
        item["bank_reference"]
        for step in steps(phases, Post)
        if step.path == "/v1/deposits/batch"
        for item in step.body["items"]
    ]
    assert len(posted) == len(set(posted))


def test_days_go_forward_and_stay_within_the_months() -> None:
    days = [phase.day for phase in story(months=1).phases()]
    assert days == sorted(days)
    assert days[0] == START
    assert (days[-1] - START).days == 29


def test_one_bank_file_is_sent_twice() -> None:
    first, second = steps(list(story().phases()), BankFileUpload)
    assert first.content == second.content
    assert (first.replayed, second.accepted) == (0, 0)
    assert first.accepted == second.replayed > 0
    read = read_bank_file(first.content, salt=b"0123456789abcdef", name=first.name)
    assert (len(read.entries), read.refusals) == (first.accepted, ())


def test_money_is_lost_a_minimum_is_raised_and_a_refund_is_forgotten() -> None:
    told = story()
    phases = list(told.phases())
    assert len(steps(phases, DebitAndReport)) == 1
    assert len(steps(phases, RaiseMinimum)) == 1
    forgotten = {name for step in steps(phases, SettleAll) for name in step.forgotten_refunds}
    assert forgotten == {f"@refund:{told.late_refund.contract.contract_no}"}
    assert told.late_refund.contract.institution.bank == FILE_BANK, "its clerk finds the order that was forgotten"
    refunds = [name for step in steps(phases, Post) for name in step.keeps.values() if name.startswith("refund:")]
    assert f"refund:{told.late_refund.contract.contract_no}" in refunds


def test_an_institution_shows_the_signs_of_a_runaway_in_the_last_days() -> None:
    told = story(months=1)
    account = f"@account:{told.runaway.institution_id}"
    facts = [
        (phase.day, step.body["kind"])
        for phase in told.phases()
        for step in phase.steps
        if isinstance(step, Post) and step.path == f"/v1/accounts/{account}/institution-facts"
    ]
    assert [kind for _, kind in facts] == ["legal_person_changed", "promotion_spike", "teachers_left"]
    assert [(told.start_on - day).days + told.days for day, _ in facts] == [6, 4, 2]
    unanswered = [
        plan
        for plan in told.plans
        if plan.contract.institution == told.runaway and plan.refund is not None and plan.refund.course == "silent"
    ]
    assert len(unanswered) >= 3


def test_families_pay_in_every_form() -> None:
    plans = story(institutions=40).plans
    forms = {
        (len(plan.receipts), plan.receipts[0].named, plan.receipts[0].amount_fen >= plan.contract.price_fen)
        for plan in plans
    }
    assert forms == {(1, True, True), (2, True, False), (1, True, False), (1, False, True)}
    assert any(plan.receipts[0].amount_fen > plan.contract.price_fen for plan in plans)


def test_classes_have_up_to_thirty_students() -> None:
    sizes = [len(step.body["contracts"]) for step in steps(list(story().phases()), Post) if step.path == "/v1/lessons"]
    assert max(sizes) <= 30
    assert min(sizes) >= 1
