"""The working state of fees: published prices, amendments that wait for a family, cash not yet in the account."""

from datetime import date

import msgspec

from ledger.domain.events import AmendedTerms, NoticePeriod


class FeeNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A published price (fen): of a lesson of so many minutes, of a month begun, or of the whole course."""

    version: int
    unit_price_fen: int
    period: NoticePeriod
    minutes: int
    valid_from: date
    valid_until: date | None = None

    def covers(self, on: date) -> bool:
        """Whether it is in force on that day."""
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)


class ProposedAmendment(msgspec.Struct, frozen=True, kw_only=True):
    """What a family may accept: the new terms, which say what each package takes over."""

    amendment_id: str
    terms: AmendedTerms


class CashReport(msgspec.Struct, kw_only=True):
    """Cash that was taken for a contract (fen), what of it is not in the account yet, and until when it has to be."""

    contract_id: str
    amount_fen: int
    left_fen: int
    taken_on: date
    due_on: date | None = None
    overdue: bool = False


class FeeState(msgspec.Struct, kw_only=True):
    """What an account knows of fees beside its contracts."""

    notices: dict[str, list[FeeNotice]] = {}
    """Published prices by course, the latest last; those that ran out are dropped."""
    notice_version: int = 0
    """The last version given to a published price."""
    cash_reports: dict[str, CashReport] = {}
    """Cash that the institution took and that is not in the account yet."""
    paid_elsewhere: dict[str, int] = {}
    """Fees that families report to have paid past the account (fen), by the report."""
