"""Exact amounts: decimal yuan text to integer fen and back, never through a binary fraction."""

import re

from ledger.bank.findings import EntryProblem
from ledger.domain.money import MAX_FEN

_DECIMAL = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?", re.ASCII)
_LONGEST = 40
_SCALE_DIGITS = 5


def yuan_to_fen(text: str, *, limit_fen: int = MAX_FEN, field: str = "amount") -> int:
    """Fen of a decimal yuan text such as `1280`, `1280.5`, `1280.50` or `1280.50000`.

    Zeros beyond the fen are exact and accepted. No grouping, exponent, sign of currency or full-width digit is.
    Raises `EntryProblem` `entry_amount_missing`, `entry_amount_unreadable`, `entry_beyond_fen`,
    `entry_amount_not_positive` or `entry_amount_too_large`, in this order.
    """
    text = text.strip()
    if not text:
        raise EntryProblem("entry_amount_missing", field)
    match = _DECIMAL.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None or not (match[2] or match[3]):
        raise EntryProblem("entry_amount_unreadable", field)
    fraction = match[3] or ""
    if fraction[2:].strip("0"):
        raise EntryProblem("entry_beyond_fen", field, amount=text)
    amount_fen = int((match[2] or "0") + fraction[:2].ljust(2, "0"))
    return _within(-amount_fen if match[1] == "-" else amount_fen, text, limit_fen=limit_fen, field=field)


def fen_text_to_fen(text: str, *, limit_fen: int = MAX_FEN, field: str = "amount_fen") -> int:
    """Fen of an integer text; a decimal point is refused as `entry_beyond_fen`, otherwise as `yuan_to_fen`."""
    text = text.strip()
    if not text:
        raise EntryProblem("entry_amount_missing", field)
    match = _DECIMAL.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None or not match[2]:
        raise EntryProblem("entry_amount_unreadable", field)
    if match[3] is not None:
        raise EntryProblem("entry_beyond_fen", field, amount=text)
    return _within(int(text), text, limit_fen=limit_fen, field=field)


def _within(amount_fen: int, text: str, *, limit_fen: int, field: str) -> int:
    if amount_fen < 1:
        raise EntryProblem("entry_amount_not_positive", field, amount=text)
    if amount_fen > limit_fen:
        raise EntryProblem("entry_amount_too_large", field, amount=text, limit_fen=limit_fen)
    return amount_fen


def fen_to_yuan(amount_fen: int) -> str:
    """Decimal yuan text with two decimals: 128050 -> `1280.50`."""
    sign = "-" if amount_fen < 0 else ""
    yuan, fen = divmod(abs(amount_fen), 100)
    return f"{sign}{yuan}.{fen:02d}"


def scaled(text: str) -> int | None:
    """A decimal text in units of 0.00001, for control sums in any currency; None when it has finer parts."""
    match = _DECIMAL.fullmatch(text.strip())
    if match is None or not (match[2] or match[3]):
        return None
    fraction = (match[3] or "").rstrip("0")
    if len(fraction) > _SCALE_DIGITS:
        return None
    value = int((match[2] or "0") + fraction.ljust(_SCALE_DIGITS, "0"))
    return -value if match[1] == "-" else value


def unscaled(value: int) -> str:
    """Plain text of a number in units of 0.00001: 12850000 -> `128.50`."""
    whole, fraction = divmod(abs(value), 10**_SCALE_DIGITS)
    digits = f"{fraction:0{_SCALE_DIGITS}d}".rstrip("0").ljust(2, "0")
    return f"{'-' if value < 0 else ''}{whole}.{digits}"
