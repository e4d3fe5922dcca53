"""Open breaks in the working state: what a new comparison is measured against. Resolved ones leave it."""

from datetime import date

import msgspec

from ledger.domain.events import BreakKind, Term


class OpenBreak(msgspec.Struct, kw_only=True):
    """A break as last found (fen, signed); `short_fen` is money that the ledger counts on and the bank does not have.

    `overdue` once nobody made it good by `due_on`.
    """

    kind: BreakKind
    subject: str
    since_on: date
    due_on: date
    term: Term | None = None
    difference_fen: int = 0
    bank_fen: int | None = None
    ledger_fen: int | None = None
    short_fen: int = 0
    overdue: bool = False
