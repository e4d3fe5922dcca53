"""A ledger with views, one account that is paid into, and a bank that sends statements of what it booked."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger, Request
from ledger.application.reading import Reader
from ledger.application.reconciliation import Reconciled, reconcile_day
from ledger.domain import commands as c
from ledger.domain.account import EscrowAccount
from ledger.domain.commands import Command
from ledger.domain.events import Event, Package, StatementEntry, StatementEntryKind
from ledger.domain.instruction_ids import end_to_end_id
from ledger.domain.policy import FixedPolicies, Period, Policy
from ledger.projections import alert_queries, reconciliation_queries
from ledger.projections.alert_records import Alert
from ledger.projections.paging import EVERYTHING, Scope
from ledger.projections.reconciliation_rows import BreakRecord
from ledger.projections.runner import Runner
from ledger.storage.mapper import decode_event
from tests.conftest import PARTITIONS

ACCOUNT = UUID("01890000-0000-7000-8000-000000000001")
BANK = "ICBK"
MONDAY = date(2026, 3, 2)
DAY = timedelta(days=1)
PRICE_FEN = 100_000
CLOCK = Caller("clock:close-day")
POLICIES = FixedPolicies(
    {
        "default": Policy(top_up_cover=True),
        "controlled": Policy(pack="controlled", payment_dual_control="all"),
        "patient": Policy(pack="patient", break_due=Period(3)),
    }
)


class Clock:
    """An instant that the test moves: in the evening of its day in China."""

    def __init__(self) -> None:
        self.day = MONDAY

    def __call__(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, 12, tzinfo=UTC)


def entry(
    reference: str,
    amount_fen: int,
    *,
    on: date,
    kind: StatementEntryKind | None = None,
    end_to_end: str = "",
) -> StatementEntry:
    """An entry of a statement; a credit is a receipt and a debit a payment unless it is said to be something else."""
    said: StatementEntryKind = kind or ("receipt" if amount_fen > 0 else "payment")
    return StatementEntry(
        entry_reference=reference, amount_fen=amount_fen, booked_on=on, kind=said, end_to_end_id=end_to_end
    )


class BankTown:
    """One process over the store. The bank remembers the closing balance of its last statement."""

    def __init__(self, ledger: Ledger, reader: Reader, clock: Clock) -> None:
        self.ledger = ledger
        self.reader = reader
        self.clock = clock
        self.closing_fen = 0
        self._statements = 0

    @property
    def today(self) -> date:
        return self.clock.day

    async def do(self, kind: type[Command], /, **said: Any) -> tuple[Event, ...]:
        """Record a command of the account."""
        spoken: dict[str, Any] = {"account_id": ACCOUNT, "effective_on": self.today}
        outcome = await self.ledger.execute(Request(kind(**(spoken | said)), "regulator:x"))
        return outcome.events

    async def set_up(self, *, pack: str = "default", contract: bool = True) -> None:
        """An account with a signed contract of ten lessons, without money."""
        await self.do(
            c.OpenAccount,
            institution_id="school-1",
            bank=BANK,
            account_no="6222-1",
            district="330702",
            authorities=("education",),
            pack=pack,
        )
        if contract:
            await self.sign("c1")

    async def sign(self, contract_id: str, *, family: str = "family-1") -> None:
        await self.do(
            c.SignContract,
            contract_id=contract_id,
            contract_no=contract_id.upper(),
            family_id=family,
            student_id=f"student-of-{family}",
            course_id="course-1",
            subject="piano",
            category="arts",
            starts_on=self.today,
            ends_on=self.today + 400 * DAY,
            lesson_minutes=45,
            packages=(Package(number=1, price_fen=PRICE_FEN, paid_lessons=10, list_price_fen=PRICE_FEN),),
        )

    async def pay(self, reference: str, amount_fen: int, *, contract: str = "c1", on: date | None = None) -> None:
        """The ledger records a receipt."""
        await self.do(
            c.PostDeposit,
            effective_on=on or self.today,
            bank=BANK,
            bank_reference=reference,
            amount_fen=amount_fen,
            contract_reference=contract,
            payer_route="route-1",
            suspense_id=f"suspense-{reference}",
            digest=reference,
        )

    async def teach(self, lesson_id: str, *contracts: str) -> None:
        """A lesson, drawn at once."""
        await self.do(
            c.DeliverLesson,
            lesson_id=lesson_id,
            course_id="course-1",
            teacher_id="teacher-1",
            minutes=45,
            contracts=contracts or ("c1",),
        )

    async def ask_payout(self, instruction_id: str, amount_fen: int) -> str:
        """An order to pay the institution; its end-to-end id."""
        await self.do(c.RequestPayout, instruction_id=instruction_id, amount_fen=amount_fen)
        return end_to_end_id(instruction_id)

    async def settle(
        self, instruction_id: str, amount_fen: int, *, reference: str = "", outcome: str = "settled"
    ) -> None:
        """The bank's own report on an instruction."""
        await self.do(
            c.SettleInstruction,
            bank=BANK,
            instruction_id=instruction_id,
            outcome=outcome,
            amount_fen=amount_fen,
            bank_reference=reference,
            digest=reference,
            reason="" if outcome == "settled" else "by the bank",
        )

    async def debit(self, reference: str, amount_fen: int, kind: str) -> None:
        """The ledger records money that left without an instruction."""
        await self.do(
            c.RecordUnexplainedDebit,
            bank=BANK,
            bank_reference=reference,
            amount_fen=amount_fen,
            kind=kind,
            digest=reference,
        )

    async def statement(
        self,
        *entries: StatementEntry,
        statement_id: str = "",
        from_on: date | None = None,
        on: date | None = None,
        opening_fen: int | None = None,
        closing_fen: int | None = None,
        part: int = 1,
        parts: int = 1,
    ) -> str:
        """The bank's statement of a day: it continues the one before and adds up, unless it is said otherwise."""
        self._statements += 1
        said_id = statement_id or f"statement-{self._statements}"
        opening = self.closing_fen if opening_fen is None else opening_fen
        closing = opening + sum(one.amount_fen for one in entries) if closing_fen is None else closing_fen
        last = on or self.today
        await self.do(
            c.RecordBankStatement,
            effective_on=last,
            bank=BANK,
            statement_id=said_id,
            from_on=from_on or last,
            to_on=last,
            opening_fen=opening,
            closing_fen=closing,
            entries=entries,
            part=part,
            parts=parts,
        )
        self.closing_fen = closing
        return said_id

    async def report(self, balance_fen: int, *, on: date | None = None) -> None:
        """The bank's closing balance alone."""
        await self.do(
            c.ReportBankBalance, effective_on=on or self.today, bank=BANK, statement_id="b", balance_fen=balance_fen
        )

    async def close(self, on: date | None = None, *, scope: Scope = EVERYTHING) -> Reconciled:
        """The daily close of the account, and its reconciliation."""
        await self.do(c.CloseDay, effective_on=on or self.today)
        return await self.reconcile(on, scope=scope)

    async def reconcile(self, on: date | None = None, *, scope: Scope = EVERYTHING) -> Reconciled:
        return await reconcile_day(self.ledger, self.reader, CLOCK, scope=scope, on=on or self.today)

    async def breaks(self, *, state: Any = "open") -> list[BreakRecord]:
        """The breaks of the account."""
        await self.reader.catch_up()
        async with self.reader.pool.connection() as connection:
            return await reconciliation_queries.list_breaks(connection, account_id=ACCOUNT, state=state)

    async def alerts(self, rule: str) -> list[Alert]:
        """The account's alerts of a rule."""
        await self.reader.catch_up()
        async with self.reader.pool.connection() as connection:
            return await alert_queries.list_page(connection, account_id=ACCOUNT, rule=rule)

    async def only_break(self) -> BreakRecord:
        """The one open break."""
        found = await self.breaks()
        assert len(found) == 1, [(one.kind, one.subject, one.difference_fen) for one in found]
        return found[0]

    async def day(self, on: date | None = None) -> reconciliation_queries.AccountDay:
        """The account's day, as the view has it."""
        await self.reader.catch_up()
        async with self.reader.pool.connection() as connection:
            [(_, found)] = await reconciliation_queries.list_days(connection, day=on or self.today, account_id=ACCOUNT)
        return found

    async def account(self) -> EscrowAccount:
        """The working state, as recorded."""
        return await asyncio.to_thread(self.ledger.account_at_version, ACCOUNT)

    async def execute(self, query: str, values: Sequence[object] = ()) -> None:
        """Change a view's rows behind its back."""
        await self.reader.catch_up()
        async with self.reader.pool.connection() as connection:
            await connection.execute(query.encode(), values)

    async def topics(self) -> list[str]:
        """The recorded topics of the account."""
        query = "SELECT topic FROM escrow.events WHERE account_id = %s ORDER BY version"
        async with self.reader.pool.connection() as connection:
            return [row[0] for row in await (await connection.execute(query, [ACCOUNT])).fetchall()]

    def tomorrow(self) -> None:
        self.clock.day += DAY


@asynccontextmanager
async def bank_town(url: str, clock: Clock | None = None) -> AsyncGenerator[BankTown]:
    """A process of its own over the database."""
    clock = clock or Clock()
    runner = Runner(url, decode_event, poll_interval_s=0.01)
    pool = AsyncConnectionPool[AsyncConnection[Any]](url, min_size=1, max_size=4, open=False)
    ledger = Ledger(url, PARTITIONS, clock=clock, policies=POLICIES, on_commit=runner.wake)
    async with pool, ledger, runner:
        yield BankTown(ledger, Reader(pool, runner), clock)
