"""Events of reconciliation: days that agree with the bank or not, and breaks found, assigned, resolved."""

from datetime import date
from typing import Literal

from ledger.domain.events.base import Event, topic
from ledger.domain.events.clocks import Term

BreakKind = Literal[
    "missing_at_bank",
    "missing_in_ledger",
    "amount_differs",
    "date_differs",
    "wrong_direction",
    "duplicate_entry",
    "entry_outside_period",
    "unexplained_debit",
    "bank_fee",
    "seizure",
    "returned_unknown",
    "settlement_missing",
    "transfer_missing",
    "paid_twice",
    "paid_after_rejection",
    "settled_without_approval",
    "opening_differs",
    "closing_differs",
    "statement_arithmetic",
    "statement_missing",
    "statement_incomplete",
    "statement_repeated",
    "reported_balance_differs",
    "negative_balance",
    "books_unbalanced",
    "families_differ",
    "lessons_differ",
]
BreakOwner = Literal["bank", "institution", "regulator", "operator"]
BreakEnd = Literal["agreed", "explained"]
DayState = Literal["reconciled", "broken"]


@topic("account.break_found")
class BreakFound(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The bank's word and the ledger differ, since `since_on`; its owner has until `due_on` to make it good.

    `subject` is the bank's entry, the statement or the day that it is about. `difference_fen` is what the bank has
    more (signed, fen): its figure `bank_fen` less ours, `ledger_fen`, where there are such. `short_fen` is money that
    the ledger counts on and the bank does not have. The same break found again with other figures keeps its day.
    `term` says how the day was counted.
    """

    break_id: str
    kind: BreakKind
    owner: BreakOwner
    subject: str
    since_on: date
    due_on: date
    difference_fen: int = 0
    bank_fen: int | None = None
    ledger_fen: int | None = None
    bank_on: date | None = None
    ledger_on: date | None = None
    end_to_end_id: str = ""
    short_fen: int = 0
    term: Term | None = None


@topic("account.break_assigned")
class BreakAssigned(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Somebody is to see to the break."""

    break_id: str
    kind: BreakKind
    assignee: str
    note: str


@topic("account.break_resolved")
class BreakResolved(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The break is over: both sides agree by now, or a person explained it, with a reason and a link to the proof."""

    break_id: str
    kind: BreakKind
    how: BreakEnd
    reason: str = ""
    link: str = ""


@topic("account.day_reconciled")
class DayReconciled(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The effective day was compared with the bank's closing balance of it: four equations, in fen.

    `bank_fen` against `cash_fen`, and `assets_fen` against `liabilities_fen`, are of that day's end.
    `families_fen` (the sum of all contracts) and `lessons_fen` (what their packages were paid, less drawn, refunded and
    charged) against `prepaid_fen` are of the books as they stood when this was recorded. `open_breaks` are those that
    touch the day; a day without any is reconciled, also where people explained what differs.
    """

    state: DayState
    statement_id: str
    bank_fen: int
    cash_fen: int
    assets_fen: int
    liabilities_fen: int
    prepaid_fen: int
    families_fen: int
    lessons_fen: int
    open_breaks: int = 0
