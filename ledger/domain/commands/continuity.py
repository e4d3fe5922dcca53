"""Commands of continuity: an offer, a family's choice, and the two halves of a transfer."""

from datetime import date

from ledger.domain.commands.base import Command
from ledger.domain.events import CarriedPayment, Category, GiftValuation, Package, PackageAmount, RefundPart


class OfferContinuity(Command, frozen=True, kw_only=True, gc=False):
    """The institution is willing to go on for families of another account."""

    offer_id: str
    from_account_id: str
    course_id: str
    lesson_minutes: int
    ends_on: date
    until_on: date


class AcceptContinuity(Command, frozen=True, kw_only=True, gc=False):
    """The family chooses to go on with its contract in the account that offers it."""

    contract_id: str
    offer_id: str
    to_account_id: str


class RevokeContinuity(Command, frozen=True, kw_only=True, gc=False):
    """Take the choice back: the family has a refund instead."""

    contract_id: str
    reason: str


class TransferContinuity(Command, frozen=True, kw_only=True, gc=False):
    """Let the contract's value go, exactly as it was planned: recorded with the other account's half, or not at all."""

    transfer_id: str
    contract_id: str
    offer_id: str
    to_account_id: str
    to_contract_id: str
    route: str
    lines: tuple[PackageAmount, ...]
    refunds: tuple[RefundPart, ...]
    payments: tuple[CarriedPayment, ...]


class ReceiveContinuity(Command, frozen=True, kw_only=True, gc=False):
    """Take the family over: a contract at the remaining value, whose money is on its way."""

    transfer_id: str
    contract_id: str
    contract_no: str
    offer_id: str
    from_account_id: str
    from_contract_id: str
    family_id: str
    student_id: str
    subject: str
    category: Category
    gift_valuation: GiftValuation
    packages: tuple[Package, ...]
    lines: tuple[PackageAmount, ...]
    payments: tuple[CarriedPayment, ...]


class InstructTransfer(Command, frozen=True, kw_only=True, gc=False):
    """Ask the bank again to send a transfer that it could not send."""

    transfer_id: str
