"""What a family is owed: worked out per package, never pooled, with its arithmetic line by line."""

from ledger.domain.account import Contract
from ledger.domain.events import PackageAmount, QuoteLine, RefundBasis


def quote(contract: Contract) -> tuple[RefundBasis, tuple[QuoteLine, ...]]:
    """The unconsumed share of every package (rule refund.after_start), or all of it when no lesson was drawn
    (rule refund.before_start). Lesson by lesson what was drawn stays drawn; every other fen comes back."""
    lines = tuple(
        QuoteLine(
            package=package.number,
            price_fen=package.price_fen,
            lessons=package.lessons,
            paid_fen=package.paid_fen,
            drawn_lessons=package.drawn_lessons,
            drawn_fen=package.drawn_fen,
            refunded_fen=package.refunded_fen,
            refund_fen=package.prepaid_fen,
        )
        for package in contract.packages
    )
    started = any(package.drawn_lessons for package in contract.packages)
    return ("unconsumed" if started else "not_started"), lines


def spread_over_packages(contract: Contract, amount_fen: int) -> tuple[PackageAmount, ...]:
    """Take an amount (at most the contract's prepaid) out of its packages, first package first."""
    lines: list[PackageAmount] = []
    for package in contract.packages:
        part = min(amount_fen, package.prepaid_fen)
        if part > 0:
            lines.append(PackageAmount(package=package.number, amount_fen=part))
            amount_fen -= part
    return tuple(lines)
