"""Commands about fees: published prices, contracts amended, cash taken."""

from datetime import date

from ledger.domain.commands.base import Command
from ledger.domain.events import AmendedTerms, Category, NoticePeriod


class PublishFeeNotice(Command, frozen=True, kw_only=True, gc=False):
    """Publish what a course costs: a lesson of `minutes`, a month begun, or the whole course (fen)."""

    course_id: str
    category: Category
    unit_price_fen: int
    period: NoticePeriod
    minutes: int
    valid_from: date
    valid_until: date | None = None


class ProposeAmendment(Command, frozen=True, kw_only=True, gc=False):
    """Propose that a contract of these terms takes the place of this one; it replaces an earlier proposal."""

    contract_id: str
    amendment_id: str
    terms: AmendedTerms
    reason: str


class AcceptAmendment(Command, frozen=True, kw_only=True, gc=False):
    """The family accepts the proposal that it saw."""

    contract_id: str
    amendment_id: str


class DeclineAmendment(Command, frozen=True, kw_only=True, gc=False):
    """The family turns the proposal down that it saw; it need not say why."""

    contract_id: str
    amendment_id: str
    reason: str = ""


class WithdrawAmendment(Command, frozen=True, kw_only=True, gc=False):
    """The institution takes its proposal back."""

    contract_id: str
    amendment_id: str
    reason: str


class ReportCash(Command, frozen=True, kw_only=True, gc=False):
    """The institution took cash on `effective_on`; `cash_id` is its receipt."""

    cash_id: str
    contract_id: str
    amount_fen: int


class CloseCashReport(Command, frozen=True, kw_only=True, gc=False):
    """Say that reported cash does not come into the account, and why."""

    cash_id: str
    reason: str
