"""The built-in packs at their limits: what each jurisdiction refuses, holds back or raises an alert about."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from ledger.domain import commands as c
from ledger.domain.account import EscrowAccount
from ledger.domain.decisions import decide
from ledger.domain.errors import LedgerError
from ledger.domain.events import CashSweepOverdue, CashTaken, DepositHeldInSuspense, FeePaid, OffbookLimitExceeded
from ledger.domain.policy import FixedPolicies
from ledger.rulebook.rulebook import Rulebook, load_rulebook
from tests.domain.scenario import Scenario, package
from tests.domain.test_fee_caps import refuses, sign
from tests.domain.test_fee_cash import report

NOW = date(2026, 9, 1)
TERM = {"starts_on": date(2026, 9, 15), "ends_on": date(2026, 12, 14)}
RULEBOOK: Rulebook = load_rulebook()
NATIONAL = ("national", "beijing", "chengdu", "guangzhou", "jinhua", "wuhu", "zhejiang", "zigong")


def of(pack: str, *, unit_price_fen: int = 5_000, **changed: Any) -> Scenario:
    """An account of a pack as it is on `NOW`, with a published price of the course; `changed` is set locally."""
    scenario = Scenario(opened=False)
    scenario.today = NOW
    policy = msgspec.structs.replace(RULEBOOK.of(pack, NOW), **changed)
    scenario.policies = FixedPolicies({pack: policy})
    scenario.do(c.OpenAccount, pack=pack)
    scenario.do(c.PublishFeeNotice, unit_price_fen=unit_price_fen, valid_from=NOW)
    return scenario


@pytest.mark.parametrize("pack", NATIONAL)
def test_the_national_caps_hold_everywhere(pack: str) -> None:
    scenario = of(pack, unit_price_fen=10_000)
    refuses("fee_cap_months", scenario, "c1", package(1, 1_000, 10), **TERM | {"ends_on": date(2026, 12, 15)})
    refuses("fee_cap_lessons", scenario, "c1", package(1, 1_000, 61), **TERM)
    refuses("fee_cap_amount", scenario, "c1", package(1, 500_001, 60), **TERM)
    sign(scenario, "c1", package(1, 500_000, 60), **TERM)


@pytest.mark.parametrize("pack", NATIONAL)
def test_no_pack_signs_above_the_published_price_or_takes_a_loan(pack: str) -> None:
    scenario = of(pack)
    refuses("fee_not_published", scenario, "c1", package(1, 1_000, 10), course_id="course-2", **TERM)
    refuses("fee_above_notice", scenario, "c1", package(1, 50_001, 10), **TERM)
    sign(scenario, "c1", package(1, 50_000, 10), **TERM)
    [loan] = scenario.pay("c1", 50_000, payment_source="loan")
    assert isinstance(loan, DepositHeldInSuspense)
    [paid] = scenario.pay("c1", 50_000, payment_source="account")
    assert isinstance(paid, FeePaid)


@pytest.mark.parametrize("pack", ["national", "beijing"])
def test_a_fee_of_a_hundredth_raises_an_alert_and_is_taken(pack: str) -> None:
    scenario = of(pack)
    sign(scenario, "c1", package(1, 50_000, 10), **TERM)
    [paid] = scenario.pay("c1", 500)
    assert isinstance(paid, FeePaid)
    assert [finding.rule for finding in paid.findings] == ["fee.unit_slip"]


@pytest.mark.parametrize(("starts_on", "early"), [(date(2026, 10, 1), False), (date(2026, 10, 2), True)])
def test_beijing_takes_no_fee_earlier_than_a_month_before(starts_on: date, early: bool) -> None:
    scenario = of("beijing")
    sign(scenario, "c1", package(1, 50_000, 10), starts_on=starts_on, ends_on=date(2026, 12, 1))
    [event] = scenario.pay("c1", 50_000)
    assert isinstance(event, DepositHeldInSuspense if early else FeePaid)


def test_beijing_takes_no_fee_while_more_than_twenty_lessons_are_left() -> None:
    scenario = of("beijing", confirmation="immediate", lesson_latest_end=None)
    sign(scenario, "c1", package(1, 150_000, 30), starts_on=NOW, ends_on=date(2026, 10, 31))
    scenario.pay("c1", 150_000)
    scenario.later(35)
    sign(scenario, "c2", package(1, 50_000, 10), starts_on=date(2026, 11, 1), ends_on=date(2026, 12, 1))
    scenario.teach_many("c1", 9)
    [early] = scenario.pay("c2", 50_000)
    assert isinstance(early, DepositHeldInSuspense)
    scenario.teach("lesson-10", "c1")
    [in_time] = scenario.pay("c2", 50_000)
    assert isinstance(in_time, FeePaid)


def test_beijing_has_cash_in_the_account_within_five_days_and_others_have_no_rule() -> None:
    scenario = of("beijing")
    sign(scenario, "c1", package(1, 50_000, 10), **TERM)
    scenario.do(c.ReportCash, amount_fen=50_000)
    on_time = scenario.later(5).do(c.CloseDay)
    late = scenario.later(1).do(c.CloseDay)
    assert [isinstance(event, CashSweepOverdue) for event in on_time + late if "cash" in event.topic] == [True]
    other = of("zhejiang")
    sign(other, "c1", package(1, 50_000, 10), **TERM)
    assert other.one(CashTaken, c.ReportCash, amount_fen=1).due_on is None


@pytest.mark.parametrize(("pack", "limit_fen"), [("zhejiang", 40_000), ("jinhua", 40_000), ("chengdu", 44_000)])
def test_a_guide_price_binds_academic_courses_with_the_ceiling_of_the_place(pack: str, limit_fen: int) -> None:
    """The prices are set locally: here 3000 fen a standard lesson of 45 minutes, for 10 lessons of 60."""
    scenario = of(pack, fee_guide_price_fen=3_000)
    said = TERM | {"category": "academic", "lesson_minutes": 60}
    figures = refuses("fee_above_guide_price", scenario, "c1", package(1, limit_fen + 1, 10), **said)
    assert figures["limit_fen"] == limit_fen
    sign(scenario, "c1", package(1, limit_fen, 10), **said)


@pytest.mark.parametrize(("pack", "beyond"), [("wuhu", 1), ("national", 0)])
def test_wuhu_adds_up_what_was_paid_past_the_account(pack: str, beyond: int) -> None:
    scenario = of(pack)
    assert sum(isinstance(event, OffbookLimitExceeded) for event in report(scenario, 1, 1_000_000)) == 0
    assert sum(isinstance(event, OffbookLimitExceeded) for event in report(scenario, 2, 1)) == beyond


@pytest.mark.parametrize(("version", "found"), [("2021", []), ("", ["contract.model"]), ("2014", ["contract.model"])])
def test_kaizhou_raises_an_alert_about_another_contract_than_the_model(version: str, found: list[str]) -> None:
    signed = sign(of("chongqing-kaizhou"), "c1", package(1, 50_000, 10), model_version=version, **TERM)
    assert [finding.rule for finding in signed.findings] == found


def test_the_default_pack_judges_nothing() -> None:
    scenario = of("default")
    assert not RULEBOOK.of("default", NOW).judges_receipts
    sign(scenario, "c1", package(1, 10**10, 2_000), starts_on=NOW + timedelta(days=400), ends_on=date(2030, 1, 1))
    [paid] = scenario.pay("c1", 10**8, payment_source="loan")
    assert isinstance(paid, FeePaid)
    assert (paid.findings, paid.rules) == ((), ())


def test_an_account_finds_a_childs_contracts_among_five_thousand_without_looking_at_the_others() -> None:
    scenario = of("national")
    sign(scenario, "c1", package(1, 50_000, 60), **TERM)
    account: EscrowAccount = scenario.account
    contract = account.contracts["c1"]
    for number in range(5_000):
        account.contracts[f"o{number}"] = contract
    account.contracts = _OnlyByName(account.contracts)
    with pytest.raises(AssertionError, match="looked at all"):
        list(account.contracts.values())
    command = scenario.command(
        c.SignContract, contract_id="c2", contract_no="no-c2", packages=(package(1, 1, 1),), **TERM
    )
    with pytest.raises(LedgerError, match="fee_cap_lessons"):
        decide(account, command, scenario.context())


class _OnlyByName(dict[str, Any]):
    """Contracts that can be found by their ids and not looked through."""

    def values(self) -> Any:
        raise AssertionError("looked at all contracts")

    items = __iter__ = values
