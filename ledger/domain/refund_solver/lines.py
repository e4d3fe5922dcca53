"""One line of a quote: what counts as used of a package on one basis, and what comes back."""

from datetime import date

from ledger.domain.account import PackageState
from ledger.domain.events import GiftValuation, QuoteLine, RefundBasis
from ledger.domain.money import cumulative_floor


def line(
    package: PackageState,
    basis: RefundBasis,
    rules: tuple[str, ...],
    *,
    used_fen: int,
    pending_fen: int | None = None,
    list_price_fen: int = 0,
    days: int = 0,
    days_used: int = 0,
) -> QuoteLine:
    """`refund = paid - used - pending - refunded`, never less than nothing; `pending_fen` is what is kept for
    delivered lessons that wait for the family's word, unless something else is said."""
    pending_fen = package.reserved_fen if pending_fen is None else pending_fen
    return QuoteLine(
        package=package.number,
        basis=basis,
        rules=rules,
        price_fen=package.price_fen,
        lessons=package.lessons,
        paid_fen=package.paid_fen,
        drawn_lessons=package.drawn_lessons,
        drawn_fen=package.drawn_fen,
        used_fen=used_fen,
        pending_fen=pending_fen,
        refunded_fen=package.refunded_fen,
        refund_fen=max(0, package.paid_fen - used_fen - pending_fen - package.refunded_fen - package.charged_fen),
        list_price_fen=list_price_fen,
        days=days,
        days_used=days_used,
    )


def list_price_line(package: PackageState, valuation: GiftValuation, rules: tuple[str, ...]) -> QuoteLine:
    """Where the discount may be taken back (no rule refund.discount): the lessons drawn count at the list price."""
    parts = package.lessons if valuation == "ratio" else package.paid_lessons
    used_fen = cumulative_floor(package.list_price_fen, parts, package.drawn_lessons) - package.charged_fen
    free_fen = package.paid_fen - package.refunded_fen - package.charged_fen - package.reserved_fen
    used_fen = max(package.drawn_fen, min(used_fen, free_fen))
    return line(package, "unconsumed", rules, used_fen=used_fen, list_price_fen=package.list_price_fen)


def time_line(package: PackageState, *, starts_on: date, ends_on: date, on: date) -> QuoteLine:
    """Rule refund.unlimited_card: a card for a time comes back by the days left, the day of the request among them.

    Days that the family did not use for its own reasons count as used.
    """
    days = (ends_on - starts_on).days + 1
    days_used = min(max(0, (on - starts_on).days), days)
    by_time_fen = max(0, cumulative_floor(package.price_fen, days, days_used) - package.charged_fen)
    pending_fen = min(package.reserved_fen, by_time_fen)
    return line(
        package,
        "unconsumed" if days_used else "not_started",
        ("refund.after_start" if days_used else "refund.before_start", "refund.unlimited_card"),
        used_fen=by_time_fen - pending_fen,
        pending_fen=pending_fen,
        days=days,
        days_used=days_used,
    )
