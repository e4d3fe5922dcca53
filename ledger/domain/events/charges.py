"""What a charge was found to break, as events of contracts and receipts carry it."""

from typing import Literal

from ledger.domain.events.base import Value

ChargeRule = Literal[
    "fee.cap_months",
    "fee.cap_lessons",
    "fee.cap_amount",
    "fee.too_early",
    "fee.notice",
    "fee.guide_price",
    "fee.training_loan",
    "fee.unit_slip",
    "contract.model",
]
Billing = Literal["prepaid", "after_lesson"]
PaymentSource = Literal["", "account", "cash", "loan"]


class ChargeFinding(Value, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A rule that a charge goes beyond: what was found, and the limit. Fen, counts, or days and texts."""

    rule: ChargeRule
    value: int | str
    limit: int | str
