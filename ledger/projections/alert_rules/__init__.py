"""The rules that raise alerts: each is data with its sentences, and small pure functions from figures to a verdict."""

from ledger.projections.alert_rules.balance import BANK_BREAK, BELOW_MINIMUM, SHORTFALL, TOP_UP_OVERDUE
from ledger.projections.alert_rules.fees import (
    ABOVE_NOTICE,
    CAP_AMOUNT,
    CAP_LESSONS,
    CAP_MONTHS,
    CASH_SWEEP,
    CONTRACT_DEVIATION,
    GUIDE_PRICE,
    OFF_BOOK,
    OFFBOOK_REVOCATION,
    TOO_EARLY,
    TRAINING_LOAN,
    UNIT_SLIP,
)
from ledger.projections.alert_rules.institution import RUNAWAY
from ledger.projections.alert_rules.lessons import IMPOSSIBLE, SILENT
from ledger.projections.alert_rules.movement import LARGE_MOVEMENT, ROUND_TRIP
from ledger.projections.alert_rules.refunds import REFUND_LOWBALL, REFUND_OVERDUE
from ledger.projections.alert_rules.rule import AlertRule, Figures, Severity

RULES: tuple[AlertRule, ...] = (
    BELOW_MINIMUM,
    SHORTFALL,
    REFUND_OVERDUE,
    LARGE_MOVEMENT,
    BANK_BREAK,
    TOP_UP_OVERDUE,
    REFUND_LOWBALL,
    ROUND_TRIP,
    ABOVE_NOTICE,
    CAP_MONTHS,
    CAP_LESSONS,
    CAP_AMOUNT,
    GUIDE_PRICE,
    TOO_EARLY,
    TRAINING_LOAN,
    UNIT_SLIP,
    CASH_SWEEP,
    CONTRACT_DEVIATION,
    OFF_BOOK,
    IMPOSSIBLE,
    SILENT,
    RUNAWAY,
    OFFBOOK_REVOCATION,
)
"""All rules."""
BY_ID = {rule.id: rule for rule in RULES}

__all__ = ["BY_ID", "RULES", "AlertRule", "Figures", "Severity"]
