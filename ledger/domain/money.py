"""Money is an integer number of fen (1/100 yuan, CNY); each way of rounding has a name."""

from ledger.domain.errors import LedgerError

MAX_FEN = 2**53 - 1
"""The largest amount at any boundary: what every JSON reader keeps exact."""


def require_fen(amount_fen: int) -> int:
    """Return the amount if it is a movement's amount: 1 to `MAX_FEN` fen.

    Raises `LedgerError` `amount_not_positive` or `amount_too_large`.
    """
    if amount_fen < 1:
        raise LedgerError("amount_not_positive", amount_fen=amount_fen)
    if amount_fen > MAX_FEN:
        raise LedgerError("amount_too_large", amount_fen=amount_fen, limit_fen=MAX_FEN)
    return amount_fen


def require_total(total_fen: int) -> None:
    """What an account adds up to stays exact for every reader, as each of its amounts does.

    Raises `LedgerError` `total_too_large`.
    """
    if total_fen > MAX_FEN:
        raise LedgerError("total_too_large", total_fen=total_fen, limit_fen=MAX_FEN)


def cumulative_floor(price_fen: int, parts: int, taken: int) -> int:
    """Fen earned after `taken` of `parts` equal parts of a price: `floor(price * taken / parts)`.

    Differences of successive values add up to exactly the price, whatever the remainder: 10000 fen over
    3 lessons are 3333, 3333 and 3334.
    """
    return price_fen * min(taken, parts) // parts


WHOLE_BP = 10_000
"""A whole in basis points: 10000 is 100 %."""


def share_down(amount_fen: int, *shares_bp: int) -> int:
    """A share of an amount that lets money go, rounded down once: 20 % of 9 fen is 1 fen."""
    for share_bp in shares_bp:
        amount_fen *= share_bp
    return amount_fen // WHOLE_BP ** len(shares_bp)


def share_up(amount_fen: int, *shares_bp: int) -> int:
    """A share of an amount that keeps money, rounded up once, after all shares: 20 % of 9 fen is 2 fen."""
    return -share_down(-amount_fen, *shares_bp)
