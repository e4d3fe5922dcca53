"""A ledger with views, an account with a refund that is asked for, and a case about it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from ledger.application.caller import Caller
from ledger.application.cases import find_case
from ledger.application.ledger import Ledger, Request
from ledger.application.reading import Reader
from ledger.domain import commands as c
from ledger.domain.commands import Command
from ledger.domain.commands.cases import CaseCommand, OpenCase
from ledger.domain.events import Package
from ledger.domain.policy import FixedPolicies, Policy
from ledger.projections.case_rows import CaseRow
from ledger.projections.paging import EVERYTHING
from ledger.projections.runner import Runner
from ledger.storage.mapper import decode_event
from tests.conftest import PARTITIONS
from tests.domain.case_scenario import DEFAULTS

ACCOUNT = UUID("01890000-0000-7000-8000-000000000001")
CASE = UUID("01890000-0000-7000-8000-00000000ca5e")
DAY = date(2026, 3, 2)
OFFICE = "330702/education"
CALLER = Caller(f"regulator:office@{OFFICE}", UUID(int=7), b"asked")
POLICIES = FixedPolicies(
    {
        "default": Policy(),
        "alerting": Policy(pack="alerting", case_from_alerts=("balance.below_minimum",)),
        "capped": Policy(
            pack="capped",
            enforcement=dict.fromkeys(("fee.cap_lessons", "fee.cap_amount"), "alert"),
            fee_cap_lessons=40,
            fee_cap_amount_fen=5_000,
        ),
    }
)


class Clock:
    """An instant that the test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Books(NamedTuple):
    """One process over the store."""

    ledger: Ledger
    reader: Reader
    clock: Clock

    async def do(self, kind: type[Command], /, **said: Any) -> None:
        """Record a command without a key; a case's with what is not said taken from the scenario."""
        if issubclass(kind, CaseCommand):
            said = {"account_id": CASE, "acting": ("*",)} | DEFAULTS[kind] | said
        whole: dict[str, Any] = {"account_id": ACCOUNT, "effective_on": DAY} | said
        await self.ledger.execute(Request(kind(**whole), "regulator:x"))

    async def case(self) -> CaseRow:
        """The case, as the view has it now."""
        await self.reader.catch_up()
        return await find_case(self.reader, str(CASE), EVERYTHING)

    async def topics(self, stream: UUID) -> list[str]:
        """The recorded topics of one stream."""
        query = "SELECT topic FROM escrow.events WHERE account_id = %s ORDER BY version"
        async with self.reader.pool.connection() as connection:
            return [row[0] for row in await (await connection.execute(query, [stream])).fetchall()]

    async def set_up(self, *, pack: str = "default") -> None:
        """An account with a paid contract and an unanswered refund of 900 fen, and a complaint about it."""
        await self.do(
            c.OpenAccount,
            institution_id="school-1",
            bank="ICBK",
            account_no="6222-1",
            district="330702",
            authorities=("education", "sports"),
            pack=pack,
        )
        await self.do(
            c.SignContract,
            contract_id="c1",
            contract_no="C1",
            family_id="family-1",
            student_id="student-1",
            course_id="course-1",
            subject="piano",
            category="arts",
            starts_on=DAY,
            ends_on=date(2026, 9, 2),
            lesson_minutes=45,
            packages=(Package(number=1, price_fen=900, paid_lessons=9, list_price_fen=900),),
        )
        await self.do(
            c.PostDeposit,
            bank="ICBK",
            bank_reference="E1",
            amount_fen=900,
            contract_reference="c1",
            payer_route="route-1",
            suspense_id="s1",
            digest="d",
        )
        await self.do(c.RequestRefund, refund_id="refund-1", contract_id="c1", reason="moved away")
        await self.do(OpenCase, about_account_id=str(ACCOUNT), pack=pack)


@asynccontextmanager
async def books_over(url: str, clock: Clock | None = None) -> AsyncGenerator[Books]:
    """A process of its own over the database: nothing is in memory but what it reads."""
    clock = clock or Clock()
    runner = Runner(url, decode_event, poll_interval_s=0.01)
    pool = AsyncConnectionPool[AsyncConnection[Any]](url, min_size=1, max_size=4, open=False)
    ledger = Ledger(url, PARTITIONS, clock=clock, policies=POLICIES, on_commit=runner.wake)
    async with pool, ledger, runner:
        yield Books(ledger, Reader(pool, runner), clock)
