"""Accounts of one institution with alerts, and what the clock does about them day by day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from ledger.application.alert_clock import AlertsClosed, close_alerts
from ledger.application.alerts import act_on_alert
from ledger.application.caller import Caller
from ledger.domain import commands as c
from ledger.domain.events import Package
from ledger.projections import alert_queries
from ledger.projections.alert_records import Alert
from ledger.projections.paging import EVERYTHING, Scope
from tests.application.case_books import DAY, Books

CLOCK = Caller("clock:close-day")
OFFICER = Caller("regulator:officer")
RULE = "balance.below_minimum"


def account_of(number: int) -> UUID:
    return UUID(int=(number << 64) + number % 4)


def on(days: int) -> date:
    """A day after `DAY`, a Monday."""
    return DAY + timedelta(days=days)


async def open_account(books: Books, number: int, *, pack: str = "default", district: str = "330702") -> UUID:
    """An account of the institution `school-1`."""
    account_id = account_of(number)
    await books.do(
        c.OpenAccount,
        account_id=account_id,
        institution_id="school-1",
        bank="ICBK",
        account_no=f"6222-{number}",
        district=district,
        authorities=("education", "sports"),
        pack=pack,
    )
    return account_id


async def raise_alert(books: Books, account_id: UUID) -> Alert:
    """The alert of an account that has no cash and a minimum balance."""
    day = books.clock.now.date()
    await books.do(c.SetMinimumBalance, account_id=account_id, effective_on=day, amount_fen=5, reason="size")
    return await the_alert(books, account_id)


async def the_alert(books: Books, account_id: UUID, rule: str = RULE) -> Alert:
    await books.reader.catch_up()
    async with books.reader.pool.connection() as connection:
        return (await alert_queries.list_page(connection, account_id=account_id, rule=rule))[-1]


async def act(books: Books, kind: type[c.AlertCommand], alert: Alert, **said: Any) -> None:
    await act_on_alert(books.ledger, books.reader, OFFICER, kind, alert_id=alert.alert_id, scope=EVERYTHING, **said)
    await books.reader.catch_up()


async def close(books: Books, days: int, *, scope: Scope = EVERYTHING, page: int = 500) -> AlertsClosed:
    """The morning's close of the day that is so many days after `DAY`."""
    day = on(days)
    books.clock.now = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    await books.reader.catch_up()
    closed = await close_alerts(books.ledger, books.reader, CLOCK, scope=scope, on=day, page=page)
    await books.reader.catch_up()
    return closed


async def sign(books: Books, account_id: UUID, contract_id: str, **said: Any) -> None:
    """A contract of the same child for piano: 20 lessons for 2,000 fen in two months."""
    lessons, price_fen = said.pop("lessons", 20), said.pop("price_fen", 2_000)
    terms: dict[str, Any] = {
        "contract_id": contract_id,
        "contract_no": f"no-{contract_id}",
        "family_id": "family-1",
        "student_id": "student-1",
        "course_id": "course-1",
        "subject": "piano",
        "category": "arts",
        "starts_on": DAY,
        "ends_on": date(2026, 5, 1),
        "lesson_minutes": 45,
    }
    package = Package(number=1, price_fen=price_fen, paid_lessons=lessons, list_price_fen=price_fen)
    await books.do(c.SignContract, account_id=account_id, packages=(package,), **terms | said)
