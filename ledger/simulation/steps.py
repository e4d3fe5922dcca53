"""What a story asks of the API: steps of a day, in phases whose steps do not depend on one another.

Texts of a step may name what an earlier step made, as `@kind:name` (`@account:inst-0001`); the player puts the id that
the API gave in its place.
"""

from datetime import date
from typing import Any

import msgspec


class Post(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One POST. `keeps` maps a field of the answer to the name under which later steps mention it."""

    client: str
    path: str
    body: dict[str, Any]
    keeps: dict[str, str] = {}


class BankFileUpload(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A bank's file, with how many of its entries are to be recorded and how many are known already."""

    client: str
    name: str
    content: bytes
    accepted: int
    replayed: int


class Payout(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The institution asks what is free for payout, and for all of it."""

    client: str
    account: str


class SettleAll(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The bank pays every instruction that waits, except those of the refunds named here, which it forgets."""

    client: str
    bank: str
    forgotten_refunds: tuple[str, ...] = ()


class ReportBalances(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The bank reports the closing balances of its accounts, which agree with the ledger's."""

    client: str
    bank: str


class DebitAndReport(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Money leaves an account without an instruction: a share of its cash, in basis points."""

    client: str
    bank: str
    account: str
    account_no: str
    bank_reference: str
    share_bp: int


class RaiseMinimum(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The regulator sets a minimum balance of a share of the account's cash, in basis points."""

    client: str
    account: str
    share_bp: int


Step = Post | BankFileUpload | Payout | SettleAll | ReportBalances | DebitAndReport | RaiseMinimum


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """Steps that may be taken at once, after those of the phase before. `title` is for the progress bar."""

    day: date
    title: str
    title_zh: str
    steps: tuple[Step, ...]


class ApiClient(msgspec.Struct, frozen=True, kw_only=True):
    """A machine client that the story needs: its role and what it is bound to."""

    client_id: str
    role: str
    bank: str | None = None
    institutions: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
