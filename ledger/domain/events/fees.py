"""Events of fees: published prices, contracts amended, cash taken, fees that went past the account."""

from datetime import date
from typing import Literal

from ledger.domain.events.base import Event, Value, topic
from ledger.domain.events.charges import ChargeFinding
from ledger.domain.events.contracts import Category, GiftValuation, Package
from ledger.domain.events.money_in import PackageAmount

NoticePeriod = Literal["lesson", "month", "course"]


@topic("account.fee_notice_published")
class FeeNoticePublished(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The institution publishes what a course costs (收费公示): `unit_price_fen` for a lesson of `minutes`, for a month
    begun, or for the whole course.

    Versions count over all courses of the account; from its first day on it takes the place of version `supersedes`.
    """

    course_id: str
    category: Category
    unit_price_fen: int
    period: NoticePeriod
    minutes: int
    version: int
    supersedes: int = 0
    valid_from: date
    valid_until: date | None = None


class AmendedPackage(Package, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A package of the amended contract: of its price, `carried_fen` are what package `from_package` has left."""

    from_package: int = 0
    carried_fen: int = 0


class AmendedTerms(Value, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The contract that takes the place of another one: another course, other dates, other packages."""

    contract_id: str
    contract_no: str
    course_id: str
    subject: str
    category: Category
    starts_on: date
    ends_on: date
    lesson_minutes: int
    packages: tuple[AmendedPackage, ...]
    model_version: str = ""
    document_sha256: str = ""


class CarriedPayment(Value, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What of a payment goes on to another contract, and of which packages of the old one it is (`lines`).

    A refund of it goes back to `payer_route`, as one of the rest of the payment does. `kept_fen` of it are with the
    institution (risk-deposit mode).
    """

    payment_reference: str
    payer_route: str
    amount_fen: int
    kept_fen: int = 0
    paid_on: date | None = None
    lines: tuple[PackageAmount, ...]


@topic("account.contract_amendment_proposed")
class ContractAmendmentProposed(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The institution proposes that another contract takes this one's place (转课); the family may accept it."""

    contract_id: str
    amendment_id: str
    terms: AmendedTerms
    reason: str


@topic("account.contract_amendment_declined")
class ContractAmendmentDeclined(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The family turned the proposal down: its contract goes on as it is."""

    contract_id: str
    amendment_id: str
    reason: str = ""


@topic("account.contract_amendment_withdrawn")
class ContractAmendmentWithdrawn(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The institution took its proposal back before the family answered."""

    contract_id: str
    amendment_id: str
    reason: str


@topic("account.contract_amended")
class ContractAmended(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The family accepted: what contract `contract_id` has left, `amount_fen`, is in the new contract of the terms.

    `lines` say what left each old package; `payments` what of each payment went on, oldest first. `signed_on` and
    `charged_from` are the first contract's, by which caps are counted; `charged_lessons` and `charged_fen` are what was
    taught of the charge before.
    """

    contract_id: str
    amendment_id: str
    terms: AmendedTerms
    amount_fen: int
    lines: tuple[PackageAmount, ...]
    payments: tuple[CarriedPayment, ...]
    family_id: str
    student_id: str
    gift_valuation: GiftValuation
    signed_on: date | None
    charged_from: date | None
    charged_lessons: int
    charged_fen: int
    findings: tuple[ChargeFinding, ...] = ()


@topic("account.cash_taken")
class CashTaken(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The institution took cash for a contract, to be in the account by `due_on`; None where no rule says when."""

    cash_id: str
    contract_id: str
    amount_fen: int
    due_on: date | None = None


@topic("account.cash_swept")
class CashSwept(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """`amount_fen` of the cash came into the account with the receipt `bank_reference`; `left_fen` are still out."""

    cash_id: str
    contract_id: str
    amount_fen: int
    left_fen: int
    bank_reference: str


@topic("account.cash_sweep_overdue")
class CashSweepOverdue(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The cash was not in the account by `due_on`; `amount_fen` of it are still out."""

    cash_id: str
    contract_id: str
    amount_fen: int
    due_on: date


@topic("account.cash_report_closed")
class CashReportClosed(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The cash does not come into the account any more: it was given back, or was never taken."""

    cash_id: str
    contract_id: str
    amount_fen: int
    reason: str


@topic("account.offbook_limit_exceeded")
class OffbookLimitExceeded(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Fees that families reported to have paid past the account add up to more than what costs the licence (fen)."""

    amount_fen: int
    limit_fen: int
    reports: int
