"""Equations 2 to 4, of the ledger alone: assets = liabilities, families = prepaid, prepaid = what the lessons imply."""

from datetime import date

from ledger.domain.account import EscrowAccount
from ledger.domain.events import BreakKind
from ledger.domain.reconciliation.findings import BookFigures, Difference


def book_figures(account: EscrowAccount) -> BookFigures:
    """The sums of the working state, each added up from its own parts (fen)."""
    contracts = account.contracts.values()
    return BookFigures(
        assets_fen=account.buckets.assets_fen,
        liabilities_fen=account.buckets.liabilities_fen,
        prepaid_fen=account.buckets.prepaid,
        families_fen=sum(contract.prepaid_fen for contract in contracts),
        lessons_fen=sum(package.prepaid_fen for contract in contracts for package in contract.packages),
    )


def internal_differences(own: BookFigures, views: BookFigures | None, on: date) -> list[Difference]:
    """What does not add up in the working state, or in the views, which are added up from other rows (fen).

    `bank_fen` is here the sum that is checked, `ledger_fen` what it is checked against.
    """
    found: list[Difference] = []
    for subject, books in (("account", own), ("views", views)):
        if books is None:
            continue
        equations: tuple[tuple[BreakKind, int, int], ...] = (
            ("books_unbalanced", books.assets_fen, books.liabilities_fen),
            ("families_differ", books.families_fen, books.prepaid_fen),
            ("lessons_differ", books.lessons_fen, books.prepaid_fen),
        )
        found += [
            Difference(
                kind=kind,
                subject=subject,
                since_on=on,
                difference_fen=sum_fen - against_fen,
                bank_fen=sum_fen,
                ledger_fen=against_fen,
            )
            for kind, sum_fen, against_fen in equations
            if sum_fen != against_fen
        ]
    return found
