"""Institutions that end in a real store: filled with families, seized from, and paid by a bank that bounces some."""

from datetime import date, timedelta
from uuid import UUID, uuid4

from ledger.application.caller import Caller, key_of
from ledger.application.ledger import Ledger
from ledger.domain.commands import (
    AcceptContinuity,
    Command,
    DeliverLesson,
    OfferContinuity,
    OpenAccount,
    PostDeposit,
    RecordUnexplainedDebit,
    SettleInstruction,
    SettlementOutcome,
    SignContract,
)
from ledger.domain.events import Package
from ledger.storage.requests import Request
from tests.conftest import PARTITIONS

BANK = "ICBC"
PRICE_FEN = 10_000
LESSONS = 10
CLASS = 25


def new_ledger(url: str) -> Ledger:
    return Ledger(url, PARTITIONS)


def caller(name: str) -> Caller:
    """The regulator's request of that name: made again, it is the same."""
    return Caller("regulator:test", key_of("test", name), name.encode())


async def open_account(ledger: Ledger, institution: str) -> UUID:
    account_id = uuid4()
    await ledger.execute(
        Request(
            OpenAccount(
                account_id=account_id,
                effective_on=ledger.today(),
                institution_id=institution,
                bank=BANK,
                account_no=account_id.hex,
                district="330702",
                authorities=("education",),
            ),
            "regulator:test",
        )
    )
    return account_id


async def record_all(ledger: Ledger, commands: list[Command], *, at_once: int = 1_000) -> None:
    """Record commands that are all accepted."""
    for start in range(0, len(commands), at_once):
        part = [Request(command, "bank:test") for command in commands[start : start + at_once]]
        for result in await ledger.execute_all(part):
            if isinstance(result, Exception):
                raise result


def contract_ids(families: int) -> list[str]:
    return [f"c{number:05d}" for number in range(families)]


async def fill(ledger: Ledger, account_id: UUID, families: int) -> None:
    """So many families: each with a contract of 10 lessons paid in two parts, and number modulo 4 lessons taught."""
    today = ledger.today()
    ids = contract_ids(families)
    package = Package(number=1, price_fen=PRICE_FEN, paid_lessons=LESSONS, list_price_fen=PRICE_FEN)
    await record_all(
        ledger,
        [
            SignContract(
                account_id=account_id,
                effective_on=today,
                contract_id=contract_id,
                contract_no=f"no-{contract_id}",
                family_id=f"family-{contract_id}",
                student_id=f"student-{contract_id}",
                course_id="piano",
                subject="piano",
                category="arts",
                starts_on=today - timedelta(days=10),
                ends_on=today + timedelta(days=90),
                lesson_minutes=45,
                packages=(package,),
            )
            for contract_id in ids
        ],
    )
    await record_all(
        ledger,
        [
            PostDeposit(
                account_id=account_id,
                effective_on=today,
                bank=BANK,
                bank_reference=f"{account_id.hex}-{contract_id}-{part}",
                amount_fen=amount_fen,
                contract_reference=contract_id,
                payer_route=f"route-{contract_id}-{part}",
                suspense_id=f"s-{account_id.hex}-{contract_id}-{part}",
                digest="d",
            )
            for contract_id in ids
            for part, amount_fen in ((1, 4_000), (2, 6_000))
        ],
    )
    lessons: list[Command] = []
    for round_of in (1, 2, 3):
        taught = [contract_id for number, contract_id in enumerate(ids) if number % 4 >= round_of]
        for start in range(0, len(taught), CLASS):
            lessons.append(
                DeliverLesson(
                    account_id=account_id,
                    effective_on=today,
                    lesson_id=f"l-{round_of}-{start}",
                    course_id="piano",
                    minutes=45,
                    contracts=tuple(taught[start : start + CLASS]),
                )
            )
    await record_all(ledger, lessons)


def owed_fen(families: int) -> int:
    """What all families together are owed: the price less a tenth for each lesson taught."""
    return sum(PRICE_FEN - number % 4 * PRICE_FEN // LESSONS for number in range(families))


async def seize(ledger: Ledger, account_id: UUID, amount_fen: int) -> None:
    await record_all(
        ledger,
        [
            RecordUnexplainedDebit(
                account_id=account_id,
                effective_on=ledger.today(),
                bank=BANK,
                bank_reference=f"{account_id.hex}-seized",
                digest="d",
                kind="seizure",
                amount_fen=amount_fen,
            )
        ],
    )


async def bank_speaks(ledger: Ledger, account_id: UUID, name: str, *, bounces: int = 0) -> int:
    """The bank pays every order that waits for it, but each `bounces`-th: those it rejects. How many it rejected."""
    account = ledger.account_at_version(account_id)
    said: list[Command] = []
    rejected = 0
    for number, (instruction_id, one) in enumerate(sorted(account.instructions.items()), 1):
        if one.state == "paid":
            continue
        bounced = bool(bounces) and number % bounces == 0
        rejected += bounced
        outcome: SettlementOutcome = "rejected" if bounced else "settled"
        said.append(
            SettleInstruction(
                account_id=account_id,
                effective_on=ledger.today(),
                bank=BANK,
                instruction_id=instruction_id,
                outcome=outcome,
                amount_fen=one.amount_fen,
                bank_reference=f"{account_id.hex}-{name}-{number}",
                digest="d",
                reason="account closed" if bounced else "",
            )
        )
    await record_all(ledger, said)
    return rejected


async def bank_returns(ledger: Ledger, account_id: UUID, name: str, *, every: int) -> int:
    """Each `every`-th order that was paid comes back from the other bank. How many did."""
    account = ledger.account_at_version(account_id)
    paid = sorted(i for i, one in account.instructions.items() if one.state == "paid")[::every]
    await record_all(
        ledger,
        [
            SettleInstruction(
                account_id=account_id,
                effective_on=ledger.today(),
                bank=BANK,
                instruction_id=instruction_id,
                outcome="returned",
                amount_fen=account.instructions[instruction_id].amount_fen,
                bank_reference=f"{account_id.hex}-{name}-{number}",
                digest="d",
                reason="no such account",
            )
            for number, instruction_id in enumerate(paid)
        ],
    )
    return len(paid)


async def offer_and_accept(ledger: Ledger, old: UUID, new: UUID, contracts: list[str], until_on: date) -> None:
    """The other institution offers, and these families accept."""
    today = ledger.today()
    await record_all(
        ledger,
        [
            OfferContinuity(
                account_id=new,
                effective_on=today,
                offer_id="offer",
                from_account_id=str(old),
                course_id="piano",
                lesson_minutes=45,
                ends_on=until_on,
                until_on=until_on,
            )
        ],
    )
    await record_all(
        ledger,
        [
            AcceptContinuity(
                account_id=old,
                effective_on=today,
                contract_id=contract_id,
                offer_id="offer",
                to_account_id=str(new),
            )
            for contract_id in contracts
        ],
    )
