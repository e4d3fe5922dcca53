"""The daily close of a city: its time by the number of institutions, and by the length of their histories.

Every institution taught one lesson on the measured day and is paid by the lesson, so that each close decides something
for each of them. What is timed is `close_day` alone: reading which accounts there are, deciding, and committing.
"""

import statistics
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from benchmarks.made_up import BANK, DAY, execute_all, opening
from ledger.application.caller import Caller
from ledger.application.close_day import close_day
from ledger.application.ledger import Ledger
from ledger.application.recording import ReadPool
from ledger.domain.commands import (
    Command,
    DeliverLesson,
    PostDeposit,
    ReportBankBalance,
    SettleInstruction,
    SignContract,
)
from ledger.domain.events import Package
from ledger.domain.policy import FixedPolicies, Policy
from ledger.projections.paging import EVERYTHING
from ledger.storage.requests import Request

PRICE_FEN: Final = 100_000
LESSONS: Final = 1_000
DAYS: Final = 3
_CLOCK: Final = Caller("clock:bench")
_POLICIES: Final = FixedPolicies({"default": Policy(payout_schedule="per_lesson")})


class Town:
    """Institutions with one paid contract each, and the day on which they are."""

    def __init__(self, pool: ReadPool) -> None:
        self.ledger: Ledger
        self.today: date = DAY
        self._pool = pool
        self._accounts: list[UUID] = []

    def now(self) -> datetime:
        """The evening of the day in China."""
        return datetime(self.today.year, self.today.month, self.today.day, 12, tzinfo=UTC)

    async def grow_to(self, institutions: int) -> None:
        """Open so many in all."""
        new = [uuid4() for _ in range(institutions - len(self._accounts))]
        await self._record([opening(account_id) for account_id in new])
        await self._record([_signing(account_id) for account_id in new])
        await self._record([_paying(account_id) for account_id in new])
        self._accounts += new

    async def grow_older(self, events: int) -> None:
        """So many more events in the history of each."""
        for number in range(events):
            await self._record(
                [
                    ReportBankBalance(
                        account_id=account_id,
                        effective_on=self.today,
                        bank=BANK,
                        statement_id=f"{number}",
                        balance_fen=PRICE_FEN,
                    )
                    for account_id in self._accounts
                ]
            )

    async def seconds_of_a_close(self) -> float:
        """The median over some days: each teaches, is closed, and the bank pays what the close instructed."""
        return statistics.median([await self._day() for _ in range(DAYS)])

    async def _day(self) -> float:
        self.today += timedelta(days=1)
        at: dict[str, Any] = {"effective_on": self.today, "course_id": "course", "minutes": 45}
        await self._record(
            [
                DeliverLesson(account_id=one, **at, lesson_id=f"lesson-{self.today}", contracts=(f"c-{one}",))
                for one in self._accounts
            ]
        )
        started = time.perf_counter()
        closed = await close_day(self.ledger, self._pool, _CLOCK, scope=EVERYTHING, on=self.today)
        seconds = time.perf_counter() - started
        assert closed.changed == len(self._accounts)
        await self._record([self._settling(account_id) for account_id in self._accounts])
        return seconds

    def _settling(self, account_id: UUID) -> Command:
        instruction_id = f"{account_id}.payout.{self.today.isoformat()}"
        return SettleInstruction(
            account_id=account_id,
            effective_on=self.today,
            bank=BANK,
            instruction_id=instruction_id,
            outcome="settled",
            amount_fen=PRICE_FEN // LESSONS,
            bank_reference=instruction_id,
            digest="d",
        )

    async def _record(self, commands: Sequence[Command]) -> None:
        for start in range(0, len(commands), 2_000):
            await execute_all(self.ledger, [Request(one, "city:bench") for one in commands[start : start + 2_000]])


def _signing(account_id: UUID) -> SignContract:
    package = Package(number=1, price_fen=PRICE_FEN, paid_lessons=LESSONS, list_price_fen=PRICE_FEN)
    return SignContract(
        account_id=account_id,
        effective_on=DAY,
        contract_id=f"c-{account_id}",
        contract_no="c0",
        family_id="family",
        student_id="student",
        course_id="course",
        subject="music",
        category="arts",
        starts_on=DAY,
        ends_on=DAY + timedelta(days=360),
        lesson_minutes=45,
        packages=(package,),
    )


def _paying(account_id: UUID) -> PostDeposit:
    return PostDeposit(
        account_id=account_id,
        effective_on=DAY,
        bank=BANK,
        bank_reference=f"fee-{account_id}",
        amount_fen=PRICE_FEN,
        contract_reference="c0",
        payer_route="route",
        suspense_id=f"fee-{account_id}",
        digest="d",
    )


@asynccontextmanager
async def town_over(url: str, partitions: int) -> AsyncGenerator[Town]:
    """A town without institutions, in a process of its own."""
    pool = AsyncConnectionPool[AsyncConnection[Any]](url, min_size=1, max_size=4, open=False)
    town = Town(pool)
    town.ledger = Ledger(url, partitions, clock=town.now, policies=_POLICIES)
    async with pool, town.ledger:
        yield town
