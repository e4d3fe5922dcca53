"""Maker and checker: which orders to the bank need a second person (rule payment.dual_control)."""

from ledger.domain.events import InstructionKind
from ledger.domain.policy import Policy

DUAL_CONTROL = "payment.dual_control"
TO_INSTITUTION: frozenset[InstructionKind] = frozenset({"payout", "advance"})
"""Orders that pay the institution itself; the others pay families and unknown payers back."""


def needs_approval(policy: Policy, kind: InstructionKind) -> bool:
    """Whether an order made under the policy waits for a second person."""
    match policy.payment_dual_control:
        case "none":
            return False
        case "payouts":
            return kind in TO_INSTITUTION
        case "all":
            return True


def control_rules(policy: Policy, kind: InstructionKind) -> tuple[str, ...]:
    """The rule, where it decided."""
    return (DUAL_CONTROL,) if needs_approval(policy, kind) else ()
