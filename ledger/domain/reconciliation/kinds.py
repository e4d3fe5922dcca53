"""The kinds of breaks: who has to make one good, and which of them touch the books of a day."""

from hashlib import blake2b
from typing import Final
from uuid import UUID

from ledger.domain.events import BreakKind, BreakOwner

_OWNED: Final[dict[BreakOwner, tuple[BreakKind, ...]]] = {
    "bank": (
        "missing_at_bank",
        "missing_in_ledger",
        "amount_differs",
        "date_differs",
        "wrong_direction",
        "duplicate_entry",
        "entry_outside_period",
        "unexplained_debit",
        "bank_fee",
        "returned_unknown",
        "settlement_missing",
        "transfer_missing",
        "paid_twice",
        "paid_after_rejection",
        "opening_differs",
        "closing_differs",
        "statement_arithmetic",
        "statement_missing",
        "statement_incomplete",
        "statement_repeated",
        "reported_balance_differs",
        "negative_balance",
    ),
    "institution": ("seizure",),
    "regulator": ("settled_without_approval",),
    "operator": ("books_unbalanced", "families_differ", "lessons_differ"),
}
OWNERS: Final[dict[BreakKind, BreakOwner]] = {kind: owner for owner, kinds in _OWNED.items() for kind in kinds}
"""Who has to make a break of the kind good: the bank its books, the institution what was seized for its debts, the
regulator money that nobody approved, the operator the ledger's own sums."""
INTERNAL: Final[frozenset[BreakKind]] = frozenset(_OWNED["operator"])
"""Kinds about the ledger alone: equations 2 to 4."""


def debit_subject(reference: str) -> str:
    """What a break is about where a credit of the account has the debit's reference too: each has breaks of its own."""
    return f"{reference} (-)"


def break_id(account_id: UUID, kind: BreakKind, subject: str) -> str:
    """32 hex characters, always the same for the same kind and subject of an account."""
    return blake2b(f"{account_id.hex}\0{kind}\0{subject}".encode(), digest_size=16).hexdigest()
