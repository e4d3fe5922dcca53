"""Commands that let money out of the account, and those that keep it in."""

from typing import Literal

from ledger.domain.commands.base import Command
from ledger.domain.events import RefundGround

SettlementOutcome = Literal["settled", "rejected", "returned"]


class RequestPayout(Command, frozen=True, kw_only=True, gc=False):
    """Ask for earned money."""

    instruction_id: str
    amount_fen: int


class AnnouncePayout(Command, frozen=True, kw_only=True, gc=False):
    """Announce a large withdrawal of up to so much; a new announcement replaces an open one."""

    amount_fen: int


class RequestAdvance(Command, frozen=True, kw_only=True, gc=False):
    """Ask for a cost advance out of unconsumed fees."""

    instruction_id: str
    amount_fen: int


class SettleInstruction(Command, frozen=True, kw_only=True, gc=False):
    """The bank's word on an instruction.

    `settled`: paid, under `bank_reference`; `rejected`: never left; `returned`: a paid refund came back, under the
    `bank_reference` of the credit. `digest` covers the whole entry of a settlement or a return.
    """

    bank: str
    instruction_id: str
    outcome: SettlementOutcome
    amount_fen: int
    bank_reference: str = ""
    digest: str = ""
    reason: str = ""


class RequestRefund(Command, frozen=True, kw_only=True, gc=False):
    """The family asks for what is left of a contract: for its own reasons, or since the institution moved or closes.

    `same_service_before`: the student had a lesson of the same course or subject here, on a contract that ended.
    """

    refund_id: str
    contract_id: str
    reason: str
    ground: RefundGround = "own"
    same_service_before: bool = False


class AnswerRefund(Command, frozen=True, kw_only=True, gc=False):
    """The institution agrees to the quote, or contests it and offers less."""

    refund_id: str
    agree: bool
    offered_fen: int = 0
    reason: str = ""


class OrderRefund(Command, frozen=True, kw_only=True, gc=False):
    """The regulator decides an open refund: `amount_fen` in all, what was agreed before included, for a case if any."""

    refund_id: str
    amount_fen: int
    reason: str
    case_id: str = ""


class InstructRefund(Command, frozen=True, kw_only=True, gc=False):
    """Ask the bank again for what of an agreed refund is not on its way (after returns, or for want of cash)."""

    refund_id: str


class WithdrawRefund(Command, frozen=True, kw_only=True, gc=False):
    """The family takes its request back."""

    refund_id: str
    reason: str


class SetMinimumBalance(Command, frozen=True, kw_only=True, gc=False):
    """The regulator fixes the minimum balance."""

    amount_fen: int
    reason: str


class HoldFunds(Command, frozen=True, kw_only=True, gc=False):
    """Keep part of the earned money from being paid out."""

    hold_id: str
    amount_fen: int
    reason: str


class ReleaseHold(Command, frozen=True, kw_only=True, gc=False):
    """End a hold."""

    hold_id: str
    reason: str
