"""The policy of an account: the choices that law and regulator leave open, as one typed argument of decisions."""

from typing import Literal

import msgspec

from ledger.domain.events import GiftValuation

MinimumFormula = Literal["fixed"]


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy pack decides. Days are working days unless named otherwise; shares are in basis points.

    `pack` and `version` go into every event that a rule decided.
    """

    pack: str = "default"
    version: str = "1"
    confirmation: Literal["immediate"] = "immediate"
    """`immediate`: a delivered lesson is drawn at once (rule lesson.deemed_after with 0 days)."""
    holding_days: int = 0
    """Working days that a draw stays reversible before it may be paid out (rule lesson.deemed_holding)."""
    refund_answer_days: int = 5
    """Working days of the institution's silence after which a refund is agreed (rule refund.deemed_agreed_after)."""
    refund_payment_days: int = 10
    """Working days from agreement to payment (rule refund.after_start)."""
    gift_valuation: GiftValuation = "ratio"
    """How gift lessons share the price (rule refund.gift)."""
    max_packages: int = 20
    max_lessons: int = 2_000
    max_class: int = 500
    contract_retention_days: int = 30
    """Calendar days for which an empty contract is kept: after its last movement, since what was paid may come back
    from the bank and a lesson may be corrected, and for the daily close after its last day too."""
    large_movement_bp: int = 1_000
    """A movement above this share of the balance raises `movement.large` (rule movement.large_share)."""

    @property
    def name(self) -> str:
        """Pack and version as recorded in events, e.g. `default@1`."""
        return f"{self.pack}@{self.version}"


DEFAULT_POLICY = Policy()
