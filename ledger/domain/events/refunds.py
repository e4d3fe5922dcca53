"""Events of refunds, from the family's request to the bank's payment along the original route."""

from datetime import date
from typing import ClassVar, Literal

from ledger.domain.events.base import BankEntryEvent, Event, Value, topic
from ledger.domain.events.clocks import Term
from ledger.domain.events.money_in import PackageAmount

RefundBasis = Literal["unconsumed", "not_started", "cooling_off", "relocation", "closure", "ordered"]
AgreedBy = Literal["institution", "silence", "order"]
RefundStep = Literal["payment", "decision"]
RefundGround = Literal["own", "relocation", "closure"]


class QuoteLine(Value, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The arithmetic of one package on one basis: of `price_fen` for `lessons`, `drawn_lessons` were drawn.

    `refund_fen = paid_fen - used_fen - pending_fen - refunded_fen` (and less what an earlier refund charged), never
    less than 0. `used_fen` is what counts as used on this basis: what was drawn (also where it is None: quotes before
    bases were recorded), the lessons at `list_price_fen`, `days_used` of `days`, or what older payments paid.
    `pending_fen` is kept for delivered lessons that wait for the family's word.
    """

    package: int
    price_fen: int
    lessons: int
    paid_fen: int
    drawn_lessons: int
    drawn_fen: int
    refunded_fen: int
    refund_fen: int
    basis: RefundBasis | None = None
    rules: tuple[str, ...] = ()
    used_fen: int | None = None
    pending_fen: int = 0
    list_price_fen: int = 0
    days: int = 0
    days_used: int = 0


class RefundLeg(Value, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The part of a refund that goes back along the route of one payment, which arrived on `paid_on` if known."""

    instruction_id: str
    end_to_end_id: str
    payment_reference: str
    route: str
    amount_fen: int
    paid_on: date | None = None


@topic("account.refund_requested")
class RefundRequested(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The family asked for a refund, and on what ground; the institution has until `answer_due_on`."""

    refund_id: str
    contract_id: str
    reason: str
    answer_due_on: date
    answer_term: Term | None = None
    ground: RefundGround = "own"


@topic("account.refund_quoted")
class RefundQuoted(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What the family is owed, worked out at once, package by package.

    `lines` are the best of each package, `bases` all lines of all lawful bases; `same_service_before` says that the
    student had the service here before, which leaves no cooling-off.
    """

    refund_id: str
    basis: RefundBasis
    amount_fen: int
    lines: tuple[QuoteLine, ...]
    bases: tuple[QuoteLine, ...] = ()
    same_service_before: bool = False


@topic("account.refund_contested")
class RefundContested(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The institution offers less than the quote and says why; `offered_fen` is undisputed and goes at once.

    The regulator has until `decision_due_on`, where the policy gives it a clock. An offer too far below `quoted_fen`
    names the rule `refund.lowball`.
    """

    refund_id: str
    offered_fen: int
    reason: str
    quoted_fen: int = 0
    decision_due_on: date | None = None
    decision_term: Term | None = None


@topic("account.refund_agreed")
class RefundAgreed(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """An amount became owed for payment until `pay_due_on`; `final` ends the question of how much.

    `charged` is what a full agreement leaves to the institution beyond the lessons drawn (days of a card, a discount
    taken back): it is earned. `case_id` is the case whose order it is.
    """

    refund_id: str
    contract_id: str
    amount_fen: int
    lines: tuple[PackageAmount, ...]
    by: AgreedBy
    pay_due_on: date
    final: bool
    pay_term: Term | None = None
    charged: tuple[PackageAmount, ...] = ()
    case_id: str = ""


@topic("account.refund_instructed")
class RefundInstructed(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The bank is asked to pay, one leg for each original payment."""

    refund_id: str
    legs: tuple[RefundLeg, ...]
    needs_approval: bool = False


@topic("account.refund_paid")
class RefundPaid(BankEntryEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The bank paid one leg of the refund; `unapproved`: though a second person should have approved it first."""

    credit: ClassVar[bool] = False

    refund_id: str
    instruction_id: str
    amount_fen: int
    unapproved: bool = False


@topic("account.refund_rejected")
class RefundRejected(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One leg of the refund was refused or declined before it left; the money is still in the account."""

    refund_id: str
    instruction_id: str
    amount_fen: int
    reason: str


@topic("account.refund_returned")
class RefundReturned(BankEntryEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One paid leg was sent back by the other bank: a credit of the bank's books, owed to the family again."""

    refund_id: str
    instruction_id: str
    amount_fen: int
    reason: str


@topic("account.refund_withdrawn")
class RefundWithdrawn(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The family took its request back; what was agreed already is still paid."""

    refund_id: str
    reason: str


@topic("account.refund_overdue")
class RefundOverdue(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The clock found a step of the refund past its day."""

    refund_id: str
    step: RefundStep
    due_on: date
