"""The law that the machine of a whole life lives under: packs made to meet each mechanism, and the built-in ones."""

from datetime import date
from typing import Final

from ledger.domain.policy import Period, Policies, Policy
from ledger.rulebook.rulebook import Rulebook, load_rulebook

NEW_LAW_ON: Final = date(2025, 3, 24)
"""From this day on each pack of `OWN` says what the next one said before."""

OWN: Final[dict[str, Policy]] = {
    pack.pack: pack
    for pack in (
        Policy(pack="plain"),
        Policy(pack="asked", confirmation="confirmed", deemed_after=Period(3), holding_days=2, cooling_off_days=7),
        Policy(pack="advanced", advance_share_bp=5_000, advance_cap_fen=700, payout_schedule="weekly"),
        Policy(pack="watched", payment_dual_control="all", holding_days=3, suspense_return_after_days=9),
        Policy(
            pack="rolling",
            minimum_formula="rolling_share",
            minimum_share_bp=2_000,
            minimum_rating_bp={"A": 5_000, "C": 15_000},
            minimum_listing_bp={"watch": 20_000},
            advance_share_bp=3_000,
            top_up_cover=True,
        ),
        Policy(pack="kept", custody="risk_deposit", minimum_formula="one_cycle", advance_share_bp=2_000),
        Policy(pack="whole-order", payout_schedule="after_order", payout_within=Period(2), advance_share_bp=10_000),
        Policy(
            pack="limited",
            payout_minimum_multiple=2,
            movement_notice_days=2,
            advance_share_bp=2_000,
            discount_kept=False,
            time_cards_by_time=True,
            gift_valuation="last",
            cash_sweep_days=5,
            refund_decision=Period(3),
        ),
        Policy(
            pack="priced",
            fee_notice=True,
            fee_unit_slip=100,
            fee_cap_amount_fen=500,
            suspense_return_after_days=20,
            suspense_return_notice_days=5,
            confirmation="confirmed",
            payout_schedule="per_lesson",
            closure_notice_months=1,
        ),
    )
}
_NEXT: Final = dict(zip(OWN, [*list(OWN)[1:], next(iter(OWN))], strict=True))
BUILT_IN: Final = ("national", "national-deposit", "jinhua", "zigong", "xiamen", "wuhu", "rongcheng", "guangzhou")
PACKS: Final = (*OWN, *BUILT_IN)


class ChangingLaw(Policies):
    """The packs of both kinds; those of `OWN` change on a day in the middle of contracts' lives."""

    def __init__(self) -> None:
        self._rulebook: Rulebook = load_rulebook()

    def of(self, pack: str, on: date) -> Policy:
        if pack not in OWN:
            return self._rulebook.of(pack, on)
        return OWN[pack] if on < NEW_LAW_ON else OWN[_NEXT[pack]]
