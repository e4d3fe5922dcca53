"""The head of a camt.053 statement: account, days, balances, page; and what of it can be recorded."""

import re
from datetime import date, timedelta

import msgspec

from ledger.bank.amounts import scaled
from ledger.bank.camt_dates import day_of
from ledger.bank.entries import Statement
from ledger.bank.findings import StatementProblem, StatementRefused
from ledger.bank.xml_document import Node

_CURRENCY = "CNY"
_UNITS_PER_FEN = 1000
"""`scaled` counts in 0.00001 yuan."""
_TRUE = ("true", "1")
_OPENING, _PREVIOUS, _CLOSING, _INTERIM = "OPBD", "PRCD", "CLBD", "ITBD"
_BOOKED = re.compile(f"{_OPENING}|{_PREVIOUS}|{_CLOSING}|{_INTERIM}")


class Page(msgspec.Struct, frozen=True):
    """Which message of several this is."""

    number: int
    last: bool

    @property
    def whole(self) -> bool:
        """Whether it is the only one."""
        return self.number == 1 and self.last


def page_of(holder: Node, name: str) -> Page | None:
    """The pagination at a path such as `GrpHdr/MsgPgntn`."""
    pages = holder.first(name)
    if pages is None:
        return None
    number = pages.text("PgNb") or ""
    return Page(int(number) if number.isdigit() else 0, pages.text("LastPgInd") in _TRUE)


class Head(msgspec.Struct, kw_only=True):
    """What stands before the entries of a statement or a notification, and their sums in 0.00001 yuan."""

    number: int
    line: int | None
    id: str
    account_no: str | None
    page: Page | None
    count: int = 0
    credits: int = 0
    debits: int = 0
    credit_units: int = 0
    debit_units: int = 0
    booked_units: int = 0
    booked: int = 0
    """Entries whose status is BOOK."""

    @property
    def page_id(self) -> str:
        """The statement's id, with the page of a statement in several messages."""
        return self.id if self.page is None or self.page.whole else f"{self.id}#{self.page.number}"

    def add(self, *, units: int, credit: bool, booked: bool) -> None:
        """Count one entry."""
        self.count += 1
        if credit:
            self.credits += 1
            self.credit_units += units
        else:
            self.debits += 1
            self.debit_units += units
        if booked:
            self.booked += 1
            self.booked_units += units if credit else -units


class Balance(msgspec.Struct, frozen=True):
    """One booked balance: its type, its amount in fen, the day it is of."""

    type: str
    amount_fen: int
    on: date


def statement_of(head: Head, node: Node) -> Statement | StatementRefused:
    """The statement, once its entries are counted, or why it cannot be recorded; `node` is its element.

    Refuses, in this order: `statement_account_missing`, `statement_currency_not_cny`, `statement_balance_beyond_fen`,
    `statement_date_unreadable`, `statement_page_unplaced`, `statement_balance_missing`.
    """
    try:
        return _statement(head, node)
    except StatementProblem as problem:
        return StatementRefused(
            code=problem.code,
            figures=problem.figures,
            number=head.number,
            line=head.line,
            statement_id=head.page_id,
            account_no=head.account_no or "",
        )


def _statement(head: Head, node: Node) -> Statement:
    if head.account_no is None:
        raise StatementProblem("statement_account_missing")
    balances = [_balance(found) for found in node.all("Bal") if _BOOKED.fullmatch(_type(found))]
    opening = _first(balances, _OPENING) or _first(balances, _PREVIOUS)
    closing = _first(balances, _CLOSING)
    interim = [balance for balance in balances if balance.type == _INTERIM]
    if opening is None and (closing is not None or len(interim) > 1) and interim:
        opening = interim.pop(0)
    if closing is None and interim:
        closing = interim.pop()
    booked_fen, rest = divmod(head.booked_units, _UNITS_PER_FEN)
    if head.page is not None and not head.page.whole:
        opening, closing = _of_page(head.page, opening, closing, booked_fen)
    if opening is None:
        raise StatementProblem("statement_balance_missing", balance=_OPENING)
    if closing is None:
        raise StatementProblem("statement_balance_missing", balance=_CLOSING)
    difference_fen = closing.amount_fen - opening.amount_fen - booked_fen
    if rest:  # an entry beyond the fen is refused: what it is worth is part of the difference
        difference_fen -= 1
    from_on, to_on = _days(node, opening, closing)
    return Statement(
        number=head.number,
        line=head.line,
        statement_id=head.page_id,
        account_no=head.account_no,
        from_on=from_on,
        to_on=to_on,
        opening_fen=opening.amount_fen,
        closing_fen=closing.amount_fen,
        difference_fen=difference_fen,
    )


def _of_page(page: Page, opening: Balance | None, closing: Balance | None, booked_fen: int) -> tuple[Balance, Balance]:
    """A page begins and ends with its own balances; the one that it leaves out follows from the other.

    Balances of the whole statement on every page, or none at all, cannot place it.
    """
    if opening is not None and closing is None:
        closing = Balance(_INTERIM, opening.amount_fen + booked_fen, opening.on)
    elif closing is not None and opening is None:
        opening = Balance(_INTERIM, closing.amount_fen - booked_fen, closing.on)
    if opening is None or closing is None or closing.amount_fen - opening.amount_fen != booked_fen:
        raise StatementProblem("statement_page_unplaced", page=page.number)
    return opening, closing


def _first(balances: list[Balance], type_: str) -> Balance | None:
    return next((balance for balance in balances if balance.type == type_), None)


def _type(balance: Node) -> str:
    return balance.text("Tp/CdOrPrtry/Cd") or ""


def _balance(found: Node) -> Balance:
    amount = found.first("Amt")
    assert amount is not None, "the schema requires the amount"
    currency = amount.attribute("Ccy") or ""
    if currency != _CURRENCY:
        raise StatementProblem("statement_currency_not_cny", currency=currency)
    units = scaled(amount.content)
    if units is None or units % _UNITS_PER_FEN:
        raise StatementProblem("statement_balance_beyond_fen", amount=amount.content[:40])
    amount_fen = units // _UNITS_PER_FEN
    on = _day(found, "Dt/Dt", "Dt/DtTm", field="Bal/Dt")
    assert on is not None, "the schema requires the balance's day"
    return Balance(_type(found), amount_fen if found.text("CdtDbtInd") == "CRDT" else -amount_fen, on)


def _days(node: Node, opening: Balance, closing: Balance) -> tuple[date, date]:
    """The first and the last day: that of the closing balance, since some banks end a day at the next one's 0:00."""
    to_on = closing.on
    from_on = _day(node, "FrToDt/FrDt", "FrToDt/FrDtTm", field="FrToDt")
    if from_on is None:
        # The balance closed before is of the day before.
        from_on = opening.on if opening.type != _PREVIOUS else opening.on + timedelta(days=1)
    return min(from_on, to_on), to_on


def _day(node: Node, on: str, at: str, *, field: str) -> date | None:
    try:
        return day_of(node.text(on), node.text(at))
    except ValueError:
        raise StatementProblem("statement_date_unreadable", field=field) from None
