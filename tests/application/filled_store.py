"""A small store with a bit of everything, written through the ledger itself: two accounts, views, a snapshot."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from ledger.application.ledger import Ledger, Request
from ledger.domain import commands as c
from ledger.domain.commands import Command
from ledger.domain.events import Package
from ledger.projections.runner import Runner
from ledger.storage.mapper import decode_event
from tests.conftest import PARTITIONS

FIRST = UUID("01890000-0000-7000-8000-000000000001")
SECOND = UUID("01890000-0000-7000-8000-000000000002")
DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
BANK = "ICBK"


def _story(account_id: UUID, number: int) -> list[Command]:
    at: dict[str, Any] = {"account_id": account_id, "effective_on": DAY}
    entry: dict[str, Any] = {**at, "bank": BANK, "digest": "d"}
    package = Package(number=1, price_fen=90_000, paid_lessons=7, list_price_fen=90_000)
    contract: dict[str, Any] = {
        "family_id": "family-1",
        "student_id": "student-1",
        "course_id": "course-1",
        "subject": "piano",
        "category": "arts",
        "starts_on": DAY,
        "ends_on": date(2026, 9, 2),
        "lesson_minutes": 45,
        "packages": (package,),
    }
    return [
        c.OpenAccount(
            **at,
            institution_id=f"institution-{number}",
            bank=BANK,
            account_no=f"6222-{number}",
            district="330702",
            authorities=("330702",),
        ),
        c.SignContract(**at, **contract, contract_id=f"contract-{number}-1", contract_no="C1"),
        c.SignContract(**at, **contract, contract_id=f"contract-{number}-2", contract_no="C2"),
        c.PostDeposit(
            **entry, bank_reference=f"E{number}1", amount_fen=90_000, contract_reference="C1", suspense_id="s1"
        ),
        # Paid too much: one entry, two events, one unique key.
        c.PostDeposit(
            **entry, bank_reference=f"E{number}2", amount_fen=100_000, contract_reference="C2", suspense_id="s2"
        ),
        c.DeliverLesson(
            **at,
            lesson_id="lesson-1",
            course_id="course-1",
            minutes=45,
            contracts=(f"contract-{number}-1", f"contract-{number}-2"),
        ),
        c.RequestPayout(**at, instruction_id=f"payout-{number}", amount_fen=20_000),
        c.RequestRefund(**at, refund_id=f"refund-{number}", contract_id=f"contract-{number}-1", reason="moved away"),
        c.AnswerRefund(**at, refund_id=f"refund-{number}", agree=True),
    ]


async def _fill(url: str) -> None:
    runner = Runner(url, decode_event)
    async with Ledger(url, PARTITIONS, clock=lambda: NOW, on_commit=runner.wake) as ledger, runner:
        for number, account_id in enumerate((FIRST, SECOND), 1):
            for command in _story(account_id, number):
                await ledger.execute(Request(command, "regulator:test", UUID(int=hash(command) % 2**128), b"h"))
            ledger.application.keep_snapshot(ledger.account_at_version(account_id, 5))
        for partition, head in ledger.writer.heads.items():
            await runner.wait_for(partition, head, 10)


def fill(url: str) -> None:
    """Write the story of both accounts and let the views follow."""
    asyncio.run(_fill(url))
