"""Events of continuity: a family's remaining value goes on at a willing institution, in that one's account."""

from datetime import date
from typing import ClassVar

from ledger.domain.events.base import BankEntryEvent, Event, Value, topic
from ledger.domain.events.fees import CarriedPayment
from ledger.domain.events.money_in import PackageAmount


@topic("account.continuity_offered")
class ContinuityOffered(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The institution is willing to teach on for families of account `from_account_id`, who accept by `until_on`.

    Their remaining lessons become those of its course, of so many minutes, until `ends_on`.
    """

    offer_id: str
    from_account_id: str
    course_id: str
    lesson_minutes: int
    ends_on: date
    until_on: date


@topic("account.continuity_accepted")
class ContinuityAccepted(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The family chose to go on there instead of a refund; what its contract still gets is kept for that."""

    contract_id: str
    offer_id: str
    to_account_id: str


@topic("account.continuity_revoked")
class ContinuityRevoked(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The family does not go on there after all: what is kept for it is refunded."""

    contract_id: str
    offer_id: str
    reason: str


class RefundPart(Value, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What of a refund that was owed goes on elsewhere."""

    refund_id: str
    amount_fen: int


@topic("account.continuity_transferred")
class ContinuityTransferred(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A contract's value left for another supervised account: its bank is asked to send `amount_fen` there.

    `lines` are what leaves the contract's packages, `refunds` what leaves its refunds (in a wind-down, where everything
    is one); `payments` what of each payment goes along, oldest first. The same unit of the log has the other account's
    event of the same `transfer_id`.
    """

    transfer_id: str
    contract_id: str
    offer_id: str
    to_account_id: str
    to_contract_id: str
    amount_fen: int
    lines: tuple[PackageAmount, ...] = ()
    refunds: tuple[RefundPart, ...] = ()
    payments: tuple[CarriedPayment, ...]
    instruction_id: str
    end_to_end_id: str
    route: str
    needs_approval: bool = False


@topic("account.continuity_received")
class ContinuityReceived(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The new contract's fees are on their way from another supervised account; until they arrive they are in transit.

    `lines` say which packages they pay, `payments` to whom they go back if they are refunded.
    """

    transfer_id: str
    contract_id: str
    offer_id: str
    from_account_id: str
    from_contract_id: str
    amount_fen: int
    lines: tuple[PackageAmount, ...]
    payments: tuple[CarriedPayment, ...]


@topic("account.continuity_arrived")
class ContinuityArrived(BankEntryEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The money of a transfer is in the account."""

    transfer_id: str
    contract_id: str
    amount_fen: int


@topic("account.continuity_matched")
class ContinuityMatched(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A receipt in suspense, which the bank gave without the transfer's text or with a part of it, was found to be the
    money of a transfer. `payment_reference` is the bank's entry that brought it."""

    suspense_id: str
    transfer_id: str
    contract_id: str
    amount_fen: int
    payment_reference: str
    reason: str


@topic("account.transfer_instructed")
class TransferInstructed(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The bank is asked again to send a transfer's money to the other supervised account, opaque `route`."""

    transfer_id: str
    instruction_id: str
    end_to_end_id: str
    route: str
    amount_fen: int
    needs_approval: bool = False


@topic("account.transfer_settled")
class TransferSettled(BankEntryEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The bank sent a transfer's money; `unapproved`: though a second person should have approved it first."""

    credit: ClassVar[bool] = False

    transfer_id: str
    instruction_id: str
    amount_fen: int
    unapproved: bool = False


@topic("account.transfer_returned")
class TransferReturned(BankEntryEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A transfer's money that was sent came back: it is in this account, and still owed to the other one."""

    transfer_id: str
    instruction_id: str
    amount_fen: int
    reason: str


@topic("account.transfer_failed")
class TransferFailed(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A transfer's money could not be sent: it is still in this account, and still owed to the other one."""

    transfer_id: str
    instruction_id: str
    amount_fen: int
    reason: str
