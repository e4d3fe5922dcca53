"""A year of a small city under the built-in law, day by day: the bank's word, one request of each account, the close.

Everything follows from the seed and from the accounts as the day finds them. A day has three phases; each may be begun
again after a kill and comes to the same: who asks writes down what is to be asked before asking, asks for all of it
again under the same keys, and the next phase has not begun.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import UUID, uuid5

import msgspec
import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from ledger.application.caller import Caller
from ledger.application.daily_close import daily_close
from ledger.application.ledger import Ledger
from ledger.application.reading import Reader
from ledger.domain import commands as c
from ledger.domain.account import EscrowAccount
from ledger.domain.cost_advance import cost_advance
from ledger.domain.events import FreezeScope, Package
from ledger.domain.free_for_payout import free_for_payout
from ledger.projections.paging import EVERYTHING
from ledger.projections.runner import Runner
from ledger.rulebook.calendars import load_calendar
from ledger.rulebook.rulebook import load_rulebook
from ledger.storage.mapper import decode_event
from ledger.storage.requests import Request
from tests.conftest import PARTITIONS

FIRST_DAY: Final = date(2025, 7, 1)
BANK: Final = "ICBC"
CITY: Final = UUID("01890000-0000-7000-8000-0000000c1740")
PACKS: Final = ("default", "jinhua", "zigong", "xiamen", "wuhu", "rongcheng", "zhejiang", "beijing")
PRICE_FEN: Final = 64_000
LESSONS: Final = 8
CLOCK: Final = Caller("clock:close-day")


class City:
    """So many institutions, and one process that serves them."""

    def __init__(self, ledger: Ledger, reader: Reader, seed: int, institutions: int) -> None:
        self.ledger, self.reader, self.seed = ledger, reader, seed
        self.accounts = [uuid5(CITY, f"{seed}/{number}") for number in range(institutions)]
        self.today = FIRST_DAY

    def account(self, account_id: UUID) -> EscrowAccount:
        """The account as the writer has it, or as it is stored."""
        return self.ledger.writer.in_memory(account_id) or self.ledger.account_at_version(account_id)

    async def ask(self, phase: str, make: Callable[[], list[c.Command]], kept: Path | None) -> None:
        """Record what is accepted of a phase, each under the key of its day, phase and place.

        With `kept`, what is asked is in that file first: a part of it may be recorded when the process is killed, and
        then the accounts are not any more as the phase had found them.
        """
        if kept is None:
            commands = make()
        elif kept.exists():
            written = msgspec.json.decode(kept.read_bytes(), type=list[tuple[str, msgspec.Raw]])
            commands = [msgspec.json.decode(command, type=getattr(c, name)) for name, command in written]
        else:
            commands = make()
            _put(kept, msgspec.json.encode([(type(command).__name__, command) for command in commands]))
        requests = [
            Request(command, f"{phase}:city", uuid5(CITY, f"{self.today}/{phase}/{_name(command)}"), b"city")
            for command in commands
        ]
        for start in range(0, len(requests), 1_000):
            await self.ledger.execute_all(requests[start : start + 1_000])

    def bank(self) -> list[c.Command]:
        """The bank pays, or refuses, every order of the days before."""
        words: list[c.Command] = []
        for account_id in self.accounts:
            account = self.account(account_id)
            for instruction_id, order in account.instructions.items():
                if order.state != "paid":
                    fails = Random(f"{self.seed}/{instruction_id}").random() < 0.1
                    reference = f"settled-{instruction_id}"
                    words.append(
                        c.SettleInstruction(
                            account_id=account_id,
                            effective_on=self.today,
                            bank=BANK,
                            instruction_id=instruction_id,
                            outcome="rejected" if fails else "settled",
                            amount_fen=order.amount_fen,
                            bank_reference="" if fails else reference,
                            digest="" if fails else reference,
                            reason="closed account" if fails else "",
                        )
                    )
        return words

    def people(self) -> list[c.Command]:
        """One request of each account."""
        asked: list[c.Command] = []
        for number, account_id in enumerate(self.accounts):
            random = Random(f"{self.seed}/{number}/{self.today}")
            asked.append(self._request(number, self.account(account_id), random))
        return asked

    async def close(self) -> None:
        """All steps of the daily close."""
        await daily_close(self.ledger, self.reader, CLOCK, scope=EVERYTHING, on=self.today)

    async def live(self, days: int, done: Path | None = None) -> None:
        """So many days, from where the file of phases that are done says; it is kept up to date."""
        skip = int(done.read_text()) if done is not None and done.exists() else 0
        for number in range(skip, days * 3):
            day, phase = divmod(number, 3)
            self.today = FIRST_DAY + timedelta(days=day)
            kept = None if done is None else done.with_name(f"{done.name}-{number}")
            match phase:
                case 0:
                    await self.ask("bank", self.bank, kept)
                case 1:
                    await self.ask("people", self.people, kept)
                case _:
                    await self.close()
            if done is not None:
                _put(done, str(number + 1).encode())

    def _request(self, number: int, account: EscrowAccount, random: Random) -> c.Command:
        at: dict[str, Any] = {"account_id": self.accounts[number], "effective_on": self.today}
        day = (self.today - FIRST_DAY).days
        if day == 0:
            return c.OpenAccount(
                **at,
                institution_id=f"institution-{number}",
                bank=BANK,
                account_no=str(number),
                district=f"33070{number % 4 + 1}",
                authorities=("education",),
                pack=PACKS[number % len(PACKS)],
            )
        if day == 1:
            return c.PublishFeeNotice(
                **at,
                course_id="course",
                category="arts",
                unit_price_fen=PRICE_FEN // LESSONS,
                period="lesson",
                minutes=45,
                valid_from=self.today,
            )
        fitting = [make for weight, make in _REQUESTS for _ in range(weight)]
        return random.choice(fitting)(account, at, random) or _quiet(account, at, random)


def _put(path: Path, content: bytes) -> None:
    """The file has all of it or is as it was, whenever the process is killed."""
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.rename(path)


def _name(command: c.Command) -> str:
    return f"{command.account_id}/{command.cause}/{getattr(command, 'instruction_id', '')}"


def _some(names: Sequence[str], random: Random) -> str:
    return random.choice(sorted(names)) if names else "none"


def _sign(account: EscrowAccount, at: dict[str, Any], random: Random) -> c.Command:
    name = f"{account.institution_id}-{at['effective_on']}"
    package = Package(number=1, price_fen=PRICE_FEN, paid_lessons=LESSONS, gift_lessons=1, list_price_fen=PRICE_FEN)
    return c.SignContract(
        **at,
        contract_id=name,
        contract_no=f"no-{name}",
        family_id=f"family-{name}",
        student_id=f"student-{name}",
        course_id="course",
        subject="piano",
        category="arts",
        starts_on=at["effective_on"],
        ends_on=at["effective_on"] + timedelta(days=random.choice([40, 80])),
        lesson_minutes=45,
        packages=(package,),
        model_version="2021",
    )


def _pay(account: EscrowAccount, at: dict[str, Any], random: Random) -> c.Command:
    due = [contract.contract_id for contract in account.contracts.values() if contract.due_fen]
    contract_id = _some(due, random) if random.random() < 0.9 else "nobody's"
    contract = account.contracts.get(contract_id)
    entry = f"fee-{account.institution_id}-{at['effective_on']}"
    return c.PostDeposit(
        **at,
        bank=BANK,
        bank_reference=entry,
        amount_fen=contract.due_fen if contract else random.randrange(1, 5_000),
        contract_reference=contract_id,
        payer_route=f"route-{entry}",
        suspense_id=f"suspense-{entry}",
        digest=entry,
    )


def _teach(account: EscrowAccount, at: dict[str, Any], _: Random) -> c.Command | None:
    ready = [
        contract.contract_id
        for contract in account.contracts.values()
        if contract.unreserved_fen >= PRICE_FEN // LESSONS
        and not contract.open_refund
        and contract.ends_on >= at["effective_on"]
    ]
    if not ready:
        return None
    on = at["effective_on"]
    return c.DeliverLesson(
        **at,
        lesson_id=f"lesson-{account.institution_id}-{on}",
        course_id="course",
        starts_at=datetime(on.year, on.month, on.day, 8, tzinfo=UTC),
        minutes=45,
        contracts=tuple(sorted(ready)),
    )


def _speak(account: EscrowAccount, at: dict[str, Any], random: Random) -> c.Command | None:
    """A family confirms or disputes, or a dispute is decided."""
    waiting = sorted((i, one.contract_id) for one in account.contracts.values() for i in one.pending)
    if not waiting:
        return None
    lesson_id, contract_id = random.choice(waiting)
    about: dict[str, Any] = {**at, "lesson_id": lesson_id, "contract_id": contract_id}
    if account.contracts[contract_id].pending[lesson_id].disputed:
        return c.ResolveDispute(**about, outcome=random.choice(["drawn", "dropped"]), by="order", reason="heard")
    if random.random() < 0.3:
        return c.DisputeLesson(**about, reason="not taught")
    return c.ConfirmLesson(**about)


def _refund(account: EscrowAccount, at: dict[str, Any], random: Random) -> c.Command:
    asked = [i for i in account.unpaid_refunds if account.refunds[i].state == "requested"]
    if asked and random.random() < 0.5:
        offer: dict[str, Any] = {"agree": True}
        if random.random() < 0.2:
            offer = {"agree": False, "offered_fen": 1, "reason": "costs"}
        return c.AnswerRefund(**at, refund_id=_some(asked, random), **offer)
    contested = [i for i in account.unpaid_refunds if account.refunds[i].state == "contested"]
    if contested:
        refund_id = _some(contested, random)
        amount_fen = account.refunds[refund_id].quoted_fen
        return c.OrderRefund(**at, refund_id=refund_id, amount_fen=amount_fen, reason="case")
    refund_id = f"refund-{account.institution_id}-{at['effective_on']}"
    return c.RequestRefund(
        **at, refund_id=refund_id, contract_id=_some(list(account.contracts), random), reason="moves"
    )


def _take_out(account: EscrowAccount, at: dict[str, Any], random: Random) -> c.Command:
    on = at["effective_on"]
    instruction_id = f"order-{account.institution_id}-{on}"
    if random.random() < 0.3:
        amount_fen = cost_advance(account, LAW.of(account.pack, on), on).available_fen
        return c.RequestAdvance(**at, instruction_id=instruction_id, amount_fen=amount_fen)
    amount_fen = free_for_payout(account, on).free_fen
    return c.RequestPayout(**at, instruction_id=instruction_id, amount_fen=amount_fen)


def _regulate(account: EscrowAccount, at: dict[str, Any], random: Random) -> c.Command:
    if account.frozen:
        scope: Any = account.frozen[0]
        return c.UnfreezeAccount(**at, scope=scope, reason="order")
    if account.suspended_on is not None:
        return c.ResumeAccount(**at, reason="dry")
    match random.randrange(8):
        case 0:
            scopes: tuple[FreezeScope, ...] = ("payouts", "contracts")
            return c.FreezeAccount(**at, scope=random.choice(scopes), reason="order")
        case 1:
            return c.SuspendAccount(**at, reason="flood")
        case 2:
            return c.AssignPolicy(**at, pack=random.choice(PACKS), reason="moved")
        case 3:
            return c.RateInstitution(**at, rating=random.choice("ABC"), reason="annual check")
        case 4 | 5:
            return c.SetMinimumBalance(**at, amount_fen=random.randrange(50_000), reason="size")
        case 6 if random.random() < 0.2:
            return c.StartWindDown(**at, reason="order")
        case _:
            hold_id = f"hold-{account.institution_id}-{at['effective_on']}"
            if account.holds:
                return c.ReleaseHold(**at, hold_id=min(account.holds), reason="settled")
            return c.HoldFunds(**at, hold_id=hold_id, amount_fen=random.randrange(1, 9_000), reason="complaint")


def _bank_truth(account: EscrowAccount, at: dict[str, Any], random: Random) -> c.Command:
    entry = f"truth-{account.institution_id}-{at['effective_on']}"
    said: dict[str, Any] = {**at, "bank": BANK, "bank_reference": entry, "digest": entry}
    if account.buckets.shortage:
        return c.RestoreUnexplainedDebit(**said, amount_fen=account.buckets.shortage)
    if random.random() < 0.2:
        return c.RecordUnexplainedDebit(**said, amount_fen=random.randrange(1, 3_000), kind="seizure")
    return c.ReportBankBalance(
        **at, bank=BANK, statement_id=entry, balance_fen=account.buckets.cash - (random.random() < 0.1)
    )


def _quiet(_: EscrowAccount, at: dict[str, Any], random: Random) -> c.Command:
    return c.RecordInstitutionFact(**at, kind="head_count", value=random.randrange(30), source="inspection")


LAW: Final = load_rulebook()
_REQUESTS: Final[tuple[tuple[int, Callable[[EscrowAccount, dict[str, Any], Random], c.Command | None]], ...]] = (
    (3, _sign),
    (6, _pay),
    (8, _teach),
    (2, _speak),
    (2, _refund),
    (3, _take_out),
    (1, _regulate),
    (1, _bank_truth),
    (1, _quiet),
)


@asynccontextmanager
async def city_over(url: str, seed: int, institutions: int) -> AsyncGenerator[City]:
    """A process of its own over the database; its clock stands at the evening of the city's day."""

    def now() -> datetime:
        today = city.today
        return datetime(today.year, today.month, today.day, 12, tzinfo=UTC)

    runner = Runner(url, decode_event, poll_interval_s=0.01)
    pool = AsyncConnectionPool[AsyncConnection[Any]](url, min_size=1, max_size=4, open=False)
    ledger = Ledger(url, PARTITIONS, clock=now, policies=LAW, calendar=load_calendar(), on_commit=runner.wake)
    city = City(ledger, Reader(pool, runner), seed, institutions)
    async with pool, ledger, runner:
        yield city
        await city.reader.catch_up()


def everything_in(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every event in its place, and every row of every view."""
    found: dict[str, list[tuple[object, ...]]] = {}
    with psycopg.connect(url) as connection:
        found["events"] = connection.execute(
            "SELECT partition, position, account_id, version, topic, state, recorded_at"
            " FROM escrow.events ORDER BY partition, position"
        ).fetchall()
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'escrow_views'"
            " AND table_type = 'BASE TABLE' AND table_name NOT IN ('positions', 'views_version') ORDER BY 1"
        ).fetchall()
        for (table,) in tables:
            rows = connection.execute(f'SELECT t::text FROM escrow_views."{table}" t ORDER BY 1'.encode()).fetchall()
            found[table] = rows
    return found
