"""The one table from rule ids to fields of the policy, with the units that a value may have.

Where two rules set one field, the later of this table decides.
"""

from typing import Final, Literal, NamedTuple

Unit = Literal[
    "basis_points",
    "by_name",
    "choice",
    "choices",
    "count",
    "days",
    "fen",
    "lessons",
    "minutes",
    "months",
    "names",
    "periods",
    "points",
    "seconds",
    "switch",
    "time",
    "times",
    "working_days",
]
"""`names` is a list of ids; `by_name` maps names to basis points, `points` to plain numbers; `time` is HH:MM.

All others are whole numbers, words or true/false.
"""

SPAN: Final[tuple[Unit, ...]] = ("days", "working_days")


class Part(NamedTuple):
    """One value of a rule: the policy's field that it sets (None: the ledger acts on the rule without a parameter)."""

    field: str | None
    units: tuple[Unit, ...]
    choices: tuple[str, ...] = ()
    optional: bool = False


Shape = dict[str, Part]
"""The parts of a rule by name; a rule of one plain value has the one part of the empty name."""


def _one(field: str | None, *units: Unit, choices: tuple[str, ...] = ()) -> Shape:
    return {"": Part(field, units, choices)}


_IMPOSSIBLE: Final = ("teacher_twice", "room_twice", "outside_hours", "over_capacity", "too_late", "barred_day")

RULES: Final[dict[str, Shape]] = {
    "custody.mode": _one("custody", "choice", choices=("bank", "risk_deposit")),
    "custody.no_bank_fee": _one(None, "switch"),
    "fee.cap_months": _one("fee_cap_months", "months"),
    "fee.cap_lessons": _one("fee_cap_lessons", "lessons"),
    "fee.cap_amount": _one("fee_cap_amount_fen", "fen"),
    "fee.cap_splitting": _one("fee_split_days", "days"),
    "fee.too_early": {
        "months": Part("fee_earliest_months", ("months",)),
        "lessons": Part("fee_earliest_lessons", ("lessons",)),
    },
    "fee.notice": _one("fee_notice", "switch"),
    "fee.guide_price": {
        "price": Part("fee_guide_price_fen", ("fen",), optional=True),
        "ceiling": Part("fee_guide_ceiling_bp", ("basis_points",), optional=True),
        "standard_lesson": Part("fee_standard_minutes", ("minutes",), optional=True),
    },
    "fee.training_loan": _one("fee_loans_refused", "switch"),
    "fee.off_book": {
        "share": Part("offbook_share_bp", ("basis_points",)),
        "periods": Part("offbook_periods", ("periods",)),
    },
    "fee.unit_slip": _one("fee_unit_slip", "times"),
    "contract.model": _one("contract_models", "names"),
    "cash.sweep": _one("cash_sweep_days", "days"),
    "offbook.revocation": _one("offbook_limit_fen", "fen"),
    "reserve.one_cycle": _one("minimum_months", "months"),
    "minimum.fixed": _one(None, "switch"),
    "minimum.rolling_share": {
        "share": Part("minimum_share_bp", ("basis_points",)),
        "months": Part("minimum_months", ("months",)),
    },
    "minimum.rating_factor": _one("minimum_rating_bp", "by_name"),
    "minimum.listing_factor": _one("minimum_listing_bp", "by_name"),
    "shortfall.top_up": {
        "due": Part("top_up", SPAN),
        "cover": Part("top_up_cover", ("switch",), optional=True),
    },
    "payout.multiple_of_minimum": _one("payout_minimum_multiple", "times"),
    "payout.schedule": {
        "schedule": Part(
            "payout_schedule", ("choice",), ("on_request", "per_lesson", "weekly", "monthly", "after_order")
        ),
        "within": Part("payout_within", SPAN, optional=True),
    },
    "payment.dual_control": _one("payment_dual_control", "choice", choices=("none", "payouts", "all")),
    "suspense.return_after": {
        "after": Part("suspense_return_after_days", ("days",)),
        "notice": Part("suspense_return_notice_days", ("days",), optional=True),
    },
    "advance.share": {
        "share": Part("advance_share_bp", ("basis_points",)),
        "cap": Part("advance_cap_fen", ("fen",), optional=True),
    },
    "lesson.deemed_after": {
        "confirmation": Part("confirmation", ("choice",), ("immediate", "confirmed")),
        "silence": Part("deemed_after", SPAN, optional=True),
    },
    "lesson.deemed_holding": _one("holding_days", "working_days"),
    "lesson.leave": _one("leave_notice_days", "days"),
    "lesson.latest_end": _one("lesson_latest_end", "time"),
    "lesson.barred_days": _one(
        "lesson_barred_days", "choices", choices=("weekend", "public_holiday", "school_holiday")
    ),
    "lesson.impossible": _one(None, "choices", choices=_IMPOSSIBLE),
    "lesson.silent": {
        "share": Part("silent_share_bp", ("basis_points",)),
        "days": Part("silent_days", ("days",)),
        "quick": Part("quick_confirmation_s", ("seconds",)),
        "least": Part("silent_least", ("count",), optional=True),
        "families": Part("device_families", ("count",), optional=True),
    },
    "refund.cooling_off": _one("cooling_off_days", "days"),
    "refund.before_start": _one("refund_before_start", *SPAN),
    "refund.after_start": _one("refund_after_start", *SPAN),
    "refund.deemed_agreed_after": _one("refund_answer", *SPAN),
    "refund.decision": _one("refund_decision", *SPAN),
    "refund.original_route": _one(None, "switch"),
    "refund.discount": _one("discount_kept", "switch"),
    "refund.unlimited_card": _one("time_cards_by_time", "switch"),
    "refund.gift": _one("gift_valuation", "choice", choices=("ratio", "last")),
    "refund.lowball": _one("refund_lowball_fen", "fen"),
    "movement.large": {
        "share": Part("large_movement_bp", ("basis_points",)),
        "days": Part(None, ("days",)),
    },
    "movement.large_share": _one("large_movement_bp", "basis_points"),
    "movement.notice": _one("movement_notice_days", "working_days"),
    "movement.round_trip": _one("round_trip_days", "days"),
    "institution.runaway": _one("runaway_days", "days"),
    "closure.notice": _one("closure_notice_months", "months"),
    "bank.break": _one("break_due", *SPAN),
    "alert.response": _one("alert_response", *SPAN),
    "alert.silence": _one("alert_silence_days", "days"),
    "clock.suspension": _one(None, "switch"),
    "case.first_receiver": _one(None, "switch"),
    "case.from_alert": _one("case_from_alerts", "names"),
    "case.acceptance": _one("case_acceptance", *SPAN),
    "case.investigation": _one("case_investigation", *SPAN),
    "case.inspection": _one("case_inspection", *SPAN),
    "case.mediation": _one("case_mediation", *SPAN),
    "case.decision": _one("case_decision", *SPAN),
    "case.rectification": _one("case_rectification", *SPAN),
    "case.recheck": _one("case_recheck", *SPAN),
    "inspection.weights": _one("inspection_weights", "points"),
}

NOT_LAW: Final = frozenset(
    {
        "pack",
        "version",
        "enforcement",
        "minimum_formula",
        "max_packages",
        "max_lessons",
        "max_class",
        "contract_retention_days",
    }
)
"""Fields of the policy without a rule of their own: what the rulebook works out, and limits of the service itself."""
