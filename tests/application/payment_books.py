"""A ledger with views, and accounts at one bank that have orders waiting: payouts, refunds and returns of suspense."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from ledger.application.caller import Caller, key_of
from ledger.application.ledger import Ledger, Request
from ledger.application.payment_content import MessageContent, read_content
from ledger.application.reading import Reader
from ledger.domain import commands as c
from ledger.domain.events import Package
from ledger.domain.policy import FixedPolicies, Policy
from ledger.projections import instructions
from ledger.projections.instructions import InstructionRecord
from ledger.projections.runner import Runner
from ledger.storage.mapper import decode_event
from tests.conftest import PARTITIONS

DAY = date(2026, 3, 2)
BANK = "ICBK"
POLICIES = FixedPolicies(
    {
        "default": Policy(),
        "controlled": Policy(pack="controlled", payment_dual_control="payouts"),
        "all": Policy(pack="all", payment_dual_control="all"),
    }
)


class Clock:
    """An instant that moves on a little each time it is asked."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


class Books(NamedTuple):
    """One process over the store."""

    ledger: Ledger
    reader: Reader
    clock: Clock

    async def do(self, account_id: UUID, kind: type[c.Command], /, actor: str = "institution:erp", **said: Any) -> None:
        """Record a command without a key."""
        whole: dict[str, Any] = {"account_id": account_id, "effective_on": DAY} | said
        await self.ledger.execute(Request(kind(**whole), actor))

    async def open(self, number: int, *, bank: str = BANK, pack: str = "default", paid_fen: int = 10_000) -> UUID:
        """The `number`-th account: one paid contract of ten lessons, of which three are taught."""
        account_id = account_of(number)
        await self.do(
            account_id,
            c.OpenAccount,
            institution_id=f"school-{number}",
            bank=bank,
            account_no=f"6222-{number:04}",
            district="330702",
            authorities=("330702",),
            pack=pack,
        )
        await self.sign(account_id, number, paid_fen)
        await self.pay(account_id, f"entry-{number}", paid_fen, f"c{number}", bank=bank)
        for lesson in range(3):
            said: dict[str, Any] = {
                "lesson_id": f"l{lesson}",
                "course_id": "piano",
                "minutes": 45,
                "contracts": (f"c{number}",),
            }
            await self.do(account_id, c.DeliverLesson, **said)
        return account_id

    async def sign(self, account_id: UUID, number: int, price_fen: int) -> None:
        package = Package(number=1, price_fen=price_fen, paid_lessons=10, list_price_fen=price_fen)
        await self.do(
            account_id,
            c.SignContract,
            contract_id=f"c{number}",
            contract_no=f"no-{number}",
            family_id="family",
            student_id="student",
            course_id="piano",
            subject="piano",
            category="arts",
            starts_on=DAY,
            ends_on=DAY + timedelta(days=300),
            lesson_minutes=45,
            packages=(package,),
        )

    async def pay(
        self, account_id: UUID, reference: str, amount_fen: int, contract: str = "", *, bank: str = BANK
    ) -> None:
        await self.do(
            account_id,
            c.PostDeposit,
            bank=bank,
            bank_reference=reference,
            amount_fen=amount_fen,
            contract_reference=contract,
            payer_route=f"route-{reference}",
            suspense_id=f"s-{reference}",
            digest="d",
        )

    async def payout(self, account_id: UUID, instruction_id: str, amount_fen: int = 1_000) -> str:
        """An order to pay the institution."""
        await self.do(account_id, c.RequestPayout, instruction_id=instruction_id, amount_fen=amount_fen)
        return instruction_id

    async def refund(self, account_id: UUID, contract_id: str) -> None:
        """An order to refund what is left of the contract."""
        said = {"refund_id": f"r-{contract_id}", "contract_id": contract_id, "reason": "moves"}
        await self.do(account_id, c.RequestRefund, **said)
        await self.do(account_id, c.AnswerRefund, refund_id=f"r-{contract_id}", agree=True)

    async def settle(self, account_id: UUID, instruction_id: str, amount_fen: int, outcome: str = "settled") -> None:
        await self.do(
            account_id,
            c.SettleInstruction,
            bank=BANK,
            instruction_id=instruction_id,
            outcome=outcome,
            amount_fen=amount_fen,
            bank_reference=f"paid-{instruction_id}",
            digest="d",
            reason="by the bank",
        )

    async def orders(self) -> dict[str, InstructionRecord]:
        """Every order as the view has it now, by id."""
        await self.reader.catch_up()
        async with self.reader.pool.connection() as connection:
            rows = await instructions.list_page(connection, limit=10_000)
        return {row.instruction_id: row for row in rows}

    async def states(self) -> dict[str, str]:
        return {name: row.state for name, row in (await self.orders()).items()}

    async def content(self, message_id: str, bank: str = BANK) -> MessageContent:
        found = await read_content(self.reader.pool, bank, message_id)
        assert found is not None
        return found

    async def events(self) -> int:
        return sum((await self.reader.heads()).values())


def account_of(number: int) -> UUID:
    """The id of the `number`-th account."""
    return UUID(f"01890000-0000-7000-8000-{number:012}")


def caller(key: str = "", actor: str = "bank:icbk") -> Caller:
    """A caller; with a key, its requests are recognised."""
    return Caller(actor, key_of(actor, key), key.encode()) if key else Caller(actor)


@asynccontextmanager
async def books_over(url: str) -> AsyncGenerator[Books]:
    """A ledger beside whatever else is open over the same store."""
    clock = Clock()
    runner = Runner(url, decode_event)
    pool = AsyncConnectionPool[AsyncConnection[Any]](url, min_size=1, max_size=6, open=False)
    ledger = Ledger(url, PARTITIONS, clock=clock, policies=POLICIES, on_commit=runner.wake)
    async with pool, ledger, runner:
        for partition, position in ledger.writer.heads.items():
            await runner.wait_for(partition, position, 60.0)
        yield Books(ledger, Reader(pool, runner), clock)
