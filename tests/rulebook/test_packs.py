"""The built-in packs: what the law says in each, on each day."""

import re
from datetime import date, time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ledger.domain.errors import LedgerError
from ledger.domain.events import TOPICS
from ledger.domain.policy import DEFAULT_POLICY, Period, Policy
from ledger.rulebook.rule_table import NOT_LAW, RULES
from ledger.rulebook.rulebook import Rulebook

NOW = date(2026, 9, 1)
DAYS = [date(2000, 1, 1), date(2021, 6, 1), date(2022, 12, 29), NOW, date(2100, 1, 1)]


@pytest.mark.parametrize("on", DAYS)
def test_the_default_pack_is_the_default_policy_on_every_day(rulebook: Rulebook, on: date) -> None:
    policy = rulebook.of("default", on)
    assert msgspec.structs.replace(policy, version=DEFAULT_POLICY.version) == DEFAULT_POLICY


def test_every_field_of_the_policy_has_its_rule() -> None:
    mapped = {part.field for shape in RULES.values() for part in shape.values() if part.field is not None}
    assert mapped | NOT_LAW == {field.name for field in msgspec.structs.fields(Policy)}
    assert not mapped & NOT_LAW


SAID: list[tuple[str, dict[str, Any]]] = [
    (
        "national",
        {
            "custody": "bank",
            "fee_cap_months": 3,
            "fee_cap_lessons": 60,
            "fee_cap_amount_fen": 500_000,
            "fee_split_days": 30,
            "fee_earliest_months": 1,
            "fee_earliest_lessons": 20,
            "fee_notice": True,
            "fee_loans_refused": True,
            "confirmation": "confirmed",
            "deemed_after": Period(15),
            "holding_days": 5,
            "lesson_latest_end": time(20, 30),
            "lesson_barred_days": ("weekend", "public_holiday", "school_holiday"),
            "cooling_off_days": 7,
            "refund_answer": Period(5),
            "discount_kept": True,
            "time_cards_by_time": True,
            "gift_valuation": "ratio",
            "minimum_formula": "fixed",
            "top_up": Period(0, "days"),
            "top_up_cover": True,
            "large_movement_bp": 1_000,
            "offbook_share_bp": 7_000,
            "offbook_periods": 2,
            "silent_share_bp": 4_000,
            "silent_days": 30,
            "quick_confirmation_s": 60,
            "runaway_days": 90,
            "refund_lowball_fen": 1,
        },
    ),
    (
        "beijing",
        {
            "cash_sweep_days": 5,
            "refund_before_start": Period(5, "days"),
            "refund_after_start": Period(15, "days"),
            "fee_earliest_months": 1,
            "fee_cap_months": 3,
        },
    ),
    ("zhejiang", {"fee_standard_minutes": 45, "deemed_after": Period(7), "confirmation": "confirmed"}),
    ("jinhua", {"advance_share_bp": 2_000, "deemed_after": Period(7), "fee_cap_lessons": 60}),
    ("national-deposit", {"custody": "risk_deposit", "minimum_formula": "one_cycle", "minimum_months": 3}),
    ("chongqing-kaizhou", {"minimum_formula": "fixed"}),
    ("hefei", {"minimum_formula": "fixed"}),
    ("zigong", {"minimum_formula": "rolling_share", "minimum_share_bp": 2_000, "minimum_months": 3}),
    ("rongcheng", {"payout_minimum_multiple": 2}),
    ("xiamen", {"payout_schedule": "weekly", "payout_within": Period(7, "days")}),
    (
        "wuhu",
        {"payout_schedule": "after_order", "payout_within": Period(15), "offbook_limit_fen": 1_000_000},
    ),
    ("chengdu", {"fee_guide_ceiling_bp": 1_000, "closure_notice_months": 1}),
    ("guangdong", {"large_movement_bp": 1_000}),
    (
        "guangzhou",
        {
            "refund_before_start": Period(5),
            "refund_after_start": Period(10),
            "movement_notice_days": 5,
            "large_movement_bp": 1_000,
        },
    ),
]


@pytest.mark.parametrize(("pack", "said"), SAID, ids=[pack for pack, _ in SAID])
def test_what_each_pack_says_now(rulebook: Rulebook, pack: str, said: dict[str, Any]) -> None:
    policy = rulebook.of(pack, NOW)
    assert {name: getattr(policy, name) for name in said} == said


def test_no_other_pack_is_built_in(rulebook: Rulebook) -> None:
    assert set(rulebook.packs) == {pack for pack, _ in SAID} | {"default"}


@pytest.mark.parametrize(
    ("on", "months", "amount_fen", "cooling_off"),
    [
        (date(2020, 12, 31), 0, 0, 0),
        (date(2021, 1, 1), 3, 0, 0),
        (date(2022, 12, 28), 3, 0, 0),
        (date(2022, 12, 29), 3, 500_000, 0),
        (date(2025, 4, 30), 3, 500_000, 0),
        (date(2025, 5, 1), 3, 500_000, 7),
    ],
)
def test_the_law_of_a_day_is_what_was_in_force_then(
    rulebook: Rulebook, on: date, months: int, amount_fen: int, cooling_off: int
) -> None:
    policy = rulebook.of("jinhua", on)
    assert (policy.fee_cap_months, policy.fee_cap_amount_fen, policy.cooling_off_days) == (
        months,
        amount_fen,
        cooling_off,
    )


def test_our_own_defaults_and_drafts_are_told_from_law(rulebook: Rulebook) -> None:
    values = {value.rule: value for pack in rulebook.packs for value in rulebook.values(pack) if pack != "default"}
    assert {rule for rule, value in values.items() if value.sure == "C"} == {
        "refund.gift",
        "refund.before_start",
        "refund.after_start",
        "movement.notice",
    }
    own = {"advance.share", "lesson.deemed_holding", "shortfall.top_up", "fee.cap_splitting", "movement.large"}
    assert own <= {rule for rule, value in values.items() if value.sure == "D"}
    assert {value.sure for value in rulebook.values("default")} == {"D"}


def test_every_rule_of_the_table_has_a_value_or_waits_for_one(rulebook: Rulebook) -> None:
    valued = {value.rule for pack in rulebook.packs for value in rulebook.values(pack)}
    assert RULES.keys() - valued <= {"refund.decision"}


def test_every_rule_that_decides_is_in_the_table() -> None:
    """Ids of rules are text in decisions: whatever looks like one is a rule, a topic, or the name of a clock."""
    clocks = {"lesson.deemed", "refund.answer", "refund.payment"}
    domain = Path(__file__).parents[2] / "ledger" / "domain"
    said = {
        found
        for folder in ("", "decisions", "refund_solver")
        for path in (domain / folder).glob("*.py")
        for found in re.findall(r'"([a-z_]+\.[a-z_]+)"', path.read_text(encoding="utf-8"))
    }
    assert len(said & RULES.keys()) > 20
    assert said - RULES.keys() - TOPICS.keys() <= clocks


def test_an_unknown_pack_is_refused(rulebook: Rulebook) -> None:
    for ask in (lambda: rulebook.of("nowhere", NOW), lambda: rulebook.spans("nowhere")):
        with pytest.raises(LedgerError) as refusal:
            ask()
        assert refusal.value.code == "policy_unknown"
