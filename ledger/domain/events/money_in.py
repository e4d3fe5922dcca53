"""Events of money coming in: fees, suspense, reserve."""

from datetime import date
from typing import ClassVar, Literal

from ledger.domain.events.base import BankEntryEvent, Event, Value, topic
from ledger.domain.events.charges import ChargeFinding, PaymentSource

SuspenseReason = Literal[
    "no_reference",
    "unknown_contract",
    "overpayment",
    "blacklisted",
    "opening_balance",
    "wind_down",
    "training_loan",
    "too_early",
    "above_cap",
    "above_notice",
    "above_guide_price",
    "unit_slip",
]


class PackageAmount(Value, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """An amount that belongs to one package of the event's contract."""

    package: int
    amount_fen: int


@topic("account.fee_paid", version=2)
class FeePaid(BankEntryEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A family's fee arrived in the supervised account; `lines` say which packages it pays.

    `payer_route` is the opaque token of the account that paid, to which a refund goes back.
    Version 1 had no `lines`: the whole amount paid package 1. With `pays_bill` it pays lessons that were taught already
    and is the institution's at once. `findings` are what the charge goes beyond where the policy raises an alert.
    """

    contract_id: str
    amount_fen: int
    lines: tuple[PackageAmount, ...]
    payer_route: str
    payment_source: PaymentSource = ""
    pays_bill: bool = False
    findings: tuple[ChargeFinding, ...] = ()


@topic("account.deposit_held_in_suspense")
class DepositHeldInSuspense(BankEntryEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A receipt, or the part of it, that no contract explains yet, or that its contract may not be paid with.

    `findings` are what the charge goes beyond where the policy refuses it.
    """

    suspense_id: str
    amount_fen: int
    reason: SuspenseReason
    contract_reference: str = ""
    payer_route: str
    payment_source: PaymentSource = ""
    findings: tuple[ChargeFinding, ...] = ()


@topic("account.suspense_matched")
class SuspenseMatched(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A receipt in suspense was found to pay a contract."""

    suspense_id: str
    contract_id: str
    amount_fen: int
    lines: tuple[PackageAmount, ...]
    payment_reference: str
    payer_route: str
    reason: str
    pays_bill: bool = False
    findings: tuple[ChargeFinding, ...] = ()


@topic("account.suspense_return_announced")
class SuspenseReturnAnnounced(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Nobody has claimed a receipt for long: unless somebody does, it is sent back from `return_on` on."""

    suspense_id: str
    amount_fen: int
    received_on: date
    return_on: date


@topic("account.suspense_return_instructed")
class SuspenseReturnInstructed(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The bank is asked to send a receipt in suspense back to where it came from."""

    suspense_id: str
    instruction_id: str
    end_to_end_id: str
    route: str
    amount_fen: int
    reason: str
    needs_approval: bool = False


@topic("account.suspense_returned")
class SuspenseReturned(BankEntryEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The bank sent the receipt back; `unapproved`: though a second person should have approved it first."""

    credit: ClassVar[bool] = False

    suspense_id: str
    instruction_id: str
    amount_fen: int
    unapproved: bool = False


@topic("account.suspense_return_failed")
class SuspenseReturnFailed(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The receipt could not be sent back, or somebody declined to; it stays in suspense."""

    suspense_id: str
    instruction_id: str
    amount_fen: int
    reason: str


@topic("account.reserve_deposited")
class ReserveDeposited(BankEntryEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The institution's own money came in: risk deposit or top-up."""

    amount_fen: int
    payer_route: str


@topic("account.reserve_released")
class ReserveReleased(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The regulator released part of the reserve; it becomes earned and leaves by an ordinary payout."""

    amount_fen: int
    reason: str
