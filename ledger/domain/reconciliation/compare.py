"""The comparison of one account with its bank: from both sides to differences and day figures."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from ledger.domain.calendar import WorkingCalendar
from ledger.domain.reconciliation.books import AccountBooks
from ledger.domain.reconciliation.entries import entry_differences
from ledger.domain.reconciliation.findings import DayFigures, Difference
from ledger.domain.reconciliation.statements import bank_days, day_figures, statement_differences
from ledger.domain.reconciliation.transfers import transfer_differences


class Comparison(NamedTuple):
    """What was found, apart from what people explained, and both sides of each day."""

    differences: tuple[Difference, ...]
    days: tuple[DayFigures, ...]


def compare(books: AccountBooks, through: date, calendar: WorkingCalendar) -> Comparison:
    """Compare the account through that day, as its views have it.

    A difference that a person explained is left out as long as its figures are those that were explained.
    """
    days = bank_days(books, through)
    found = [
        *entry_differences(books.entries, through, books.shortage_fen),
        *statement_differences(books, days, through, calendar),
        *transfer_differences(books.sent, through, calendar),
    ]
    account_id = UUID(books.account_id)
    differences = tuple(
        one
        for one in found
        if books.accepted.get(one.id_in(account_id)) != (one.difference_fen, one.bank_fen, one.ledger_fen)
    )
    return Comparison(differences, tuple(day_figures(books, days)))
