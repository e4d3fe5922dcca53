"""The rules that raise alerts: each a small pure function from figures to what tripped it, or None."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

import msgspec

from ledger.domain.account import Buckets
from ledger.domain.policy import DEFAULT_POLICY

Severity = Literal["yellow", "red"]
Figures = dict[str, int | str]
WINDOW_DAYS = 7


class AlertRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule with its parameters, and its sentences: when it trips, and when the figures have recovered."""

    id: str
    severity: Severity
    source: str
    subject_kind: Literal["account", "refund"]
    parameters: Mapping[str, int] = {}
    en: str
    zh: str
    resolved_en: str
    resolved_zh: str


BELOW_MINIMUM = AlertRule(
    id="balance.below_minimum",
    severity="red",
    source="minimum balance of the account",
    subject_kind="account",
    en="Cash of {cash_fen} fen is {missing_fen} fen below the minimum balance of {minimum_fen} fen.",
    zh="现金{cash_fen}分低于最低余额{minimum_fen}分，差{missing_fen}分。",
    resolved_en="Cash of {cash_fen} fen covers the minimum balance of {minimum_fen} fen.",
    resolved_zh="现金{cash_fen}分已不低于最低余额{minimum_fen}分。",
)
SHORTFALL = AlertRule(
    id="balance.shortfall",
    severity="red",
    source="families' money against cash and bank statement",
    subject_kind="account",
    en="Cash of {cash_fen} fen, {bank_fen} fen by the bank's statement, does not cover the required {required_fen} "
    "fen: {missing_fen} fen are missing.",
    zh="现金{cash_fen}分（按银行对账{bank_fen}分）不足以覆盖应有的{required_fen}分，差{missing_fen}分。",
    resolved_en="Cash of {cash_fen} fen, {bank_fen} fen by the bank's statement, covers the required {required_fen} "
    "fen.",
    resolved_zh="现金{cash_fen}分（按银行对账{bank_fen}分）已覆盖应有的{required_fen}分。",
)
REFUND_OVERDUE = AlertRule(
    id="refund.overdue",
    severity="red",
    source="refund clock",
    subject_kind="refund",
    en="The {step} of refund {refund_id} was due on {due_on}; {payable_fen} fen are agreed and not paid.",
    zh="退费{refund_id}的{step_zh}应于{due_on}前完成，已同意未支付{payable_fen}分。",
    resolved_en="The {step} of refund {refund_id} is done; {payable_fen} fen are agreed and not paid.",
    resolved_zh="退费{refund_id}的{step_zh}已完成，已同意未支付{payable_fen}分。",
)
LARGE_MOVEMENT = AlertRule(
    id="movement.large",
    severity="yellow",
    source="movements of cash against the policy's share",
    subject_kind="account",
    parameters={"share_bp": DEFAULT_POLICY.large_movement_bp, "window_days": WINDOW_DAYS},
    en="{amount_fen} fen moved {direction} in {days} day(s) to {on}: above {share_bp} basis points of the "
    "{before_fen} fen held before.",
    zh="截至{on}的{days}日内资金{direction_zh}{amount_fen}分，超过此前余额{before_fen}分的万分之{share_bp}。",
    resolved_en="No large movement in the {days} days to {on}.",
    resolved_zh="截至{on}的{days}日内无大额变动。",
)
RULES = (BELOW_MINIMUM, SHORTFALL, REFUND_OVERDUE, LARGE_MOVEMENT)
"""All rules; a rule's index is the ordinal of its alerts within an event."""


def required_cash_fen(buckets: Buckets) -> int:
    """What must be in the account: what families are owed and receipts of unknown owners, less what is known to be
    with the institution (advances, fees it may keep)."""
    b = buckets
    return b.prepaid + b.refund_payable + b.suspense - b.advance - b.held_by_institution


def below_minimum(cash_fen: int, minimum_fen: int) -> bool:
    """Cash is below the minimum balance; equal is enough."""
    return cash_fen < minimum_fen


def minimum_figures(cash_fen: int, minimum_fen: int) -> Figures:
    """For the sentences of `balance.below_minimum`."""
    return {"cash_fen": cash_fen, "minimum_fen": minimum_fen, "missing_fen": max(0, minimum_fen - cash_fen)}


def falls_short(cash_fen: int, bank_fen: int, required_fen: int) -> bool:
    """Cash, or what of it the bank's statements confirm, does not cover what is required; equal is enough."""
    return cash_fen < required_fen or bank_fen < required_fen


def shortfall_figures(cash_fen: int, bank_fen: int, required_fen: int) -> Figures:
    """For the sentences of `balance.shortfall`."""
    missing_fen = max(0, required_fen - min(cash_fen, bank_fen))
    return {"cash_fen": cash_fen, "bank_fen": bank_fen, "required_fen": required_fen, "missing_fen": missing_fen}


def exceeds_share(amount_fen: int, before_fen: int, share_bp: int) -> bool:
    """Whether an amount is above `share_bp` basis points of a balance; an empty account has no share."""
    return before_fen > 0 and amount_fen * 10_000 > share_bp * before_fen


def large_movement(
    *, change_fen: int, before_fen: int, earlier_outflows_fen: int, share_bp: int, on: date
) -> Figures | None:
    """What makes one movement of cash large: itself, or the outflows of the days that end with it.

    `change_fen` is signed, `before_fen` the cash before it; `earlier_outflows_fen` left on the same `WINDOW_DAYS`
    effective days before it, and are counted back into the balance that they left.
    """
    direction = "in" if change_fen > 0 else "out"
    if exceeds_share(abs(change_fen), before_fen, share_bp):
        figures = (abs(change_fen), before_fen, 1)
    elif change_fen < 0 and exceeds_share(
        earlier_outflows_fen - change_fen, before_fen + earlier_outflows_fen, share_bp
    ):
        figures = (earlier_outflows_fen - change_fen, before_fen + earlier_outflows_fen, WINDOW_DAYS)
    else:
        return None
    amount_fen, base_fen, days = figures
    return {
        "amount_fen": amount_fen,
        "before_fen": base_fen,
        "direction": direction,
        "direction_zh": "流入" if direction == "in" else "流出",
        "days": days,
        "share_bp": share_bp,
        "on": on.isoformat(),
    }
