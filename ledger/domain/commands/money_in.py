"""Commands that bring money into the account, and those that explain or return what is in suspense."""

from datetime import date
from typing import Literal

from ledger.domain.commands.base import Command
from ledger.domain.events import DebitKind, PaymentSource, StatementEntry

Purpose = Literal["fee", "reserve"]


class PostDeposit(Command, frozen=True, kw_only=True, gc=False):
    """Record one receipt of the bank's books.

    `contract_reference` is the contract's id or number when the payer gave one. What no contract explains,
    and what exceeds the contract's price, goes to suspense under `suspense_id`. `digest` covers the whole entry.
    `payment_source` is how it was paid, if the bank can tell.
    """

    bank: str
    bank_reference: str
    amount_fen: int
    contract_reference: str = ""
    payer_route: str = ""
    purpose: Purpose = "fee"
    payment_source: PaymentSource = ""
    suspense_id: str
    digest: str


class MatchSuspense(Command, frozen=True, kw_only=True, gc=False):
    """Say that (part of) a receipt in suspense pays a contract, and why.

    With `transfer_id` the whole receipt is the money of that transfer to the contract, whose value is there already.
    """

    suspense_id: str
    contract_id: str
    amount_fen: int
    reason: str
    transfer_id: str = ""


class ReturnSuspense(Command, frozen=True, kw_only=True, gc=False):
    """Ask the bank to send a receipt in suspense back."""

    suspense_id: str
    instruction_id: str
    reason: str


class ReleaseReserve(Command, frozen=True, kw_only=True, gc=False):
    """Let the institution have part of its reserve."""

    amount_fen: int
    reason: str


class ReportBankBalance(Command, frozen=True, kw_only=True, gc=False):
    """Record the bank's closing book balance of the day."""

    bank: str
    statement_id: str
    balance_fen: int


class RecordBankStatement(Command, frozen=True, kw_only=True, gc=False):
    """Record a statement, or one part of it. `effective_on` is its last day; the same part again changes nothing."""

    bank: str
    statement_id: str
    from_on: date
    to_on: date
    opening_fen: int
    closing_fen: int
    entries: tuple[StatementEntry, ...]
    part: int = 1
    parts: int = 1


class RecordUnexplainedDebit(Command, frozen=True, kw_only=True, gc=False):
    """Record money that left without an instruction."""

    bank: str
    bank_reference: str
    amount_fen: int
    kind: DebitKind
    digest: str


class RestoreUnexplainedDebit(Command, frozen=True, kw_only=True, gc=False):
    """Record that such money came back."""

    bank: str
    bank_reference: str
    amount_fen: int
    digest: str
