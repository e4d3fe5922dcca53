"""An institution that ran off: families with lessons left, a refund under way, a seizure, and a little cash."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger
from ledger.domain import commands as c
from ledger.domain.commands import Command
from ledger.domain.events import Package
from tests.conftest import PARTITIONS

ACCOUNT = UUID("01890000-0000-7000-8000-0000000000a7")
DAY = date(2026, 3, 2)
BANK = "ICBC"
BEGIN = datetime(2026, 3, 2, 1, tzinfo=UTC)
Commands = list[Command]


class Steps:
    """Commands on the account, each a second later than the one before."""

    def __init__(self) -> None:
        self.now = BEGIN
        self.at: dict[str, Any] = {"account_id": ACCOUNT, "effective_on": DAY}

    def clock(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def opened(self) -> Commands:
        return [
            c.OpenAccount(
                **self.at, institution_id="i-1", bank=BANK, account_no="110", district="310104", authorities=("310104",)
            )
        ]

    def contract(self, number: int, *packages: tuple[int, int], family: str = "") -> Commands:
        """A contract of family f-<number> with packages of so many fen for so many lessons, paid package by package."""
        contract_id = f"c-{number}"
        signed = c.SignContract(
            **self.at,
            contract_id=contract_id,
            contract_no=f"=HT-{number}",
            family_id=family or f"f-{number}",
            student_id=f"s-{number}",
            course_id="piano",
            subject="钢琴",
            category="arts",
            starts_on=DAY,
            ends_on=date(2027, 3, 1),
            lesson_minutes=45,
            packages=tuple(
                Package(number=index, price_fen=price_fen, paid_lessons=lessons, list_price_fen=price_fen)
                for index, (price_fen, lessons) in enumerate(packages, start=1)
            ),
        )
        return [signed, *(self.paid(contract_id, index, price_fen) for index, (price_fen, _) in enumerate(packages, 1))]

    def paid(self, contract_id: str, index: int, amount_fen: int) -> Command:
        reference = f"{contract_id}/{index}"
        return c.PostDeposit(
            **self.at,
            bank=BANK,
            bank_reference=reference,
            amount_fen=amount_fen,
            contract_reference=contract_id,
            payer_route=f"route-{reference}",
            suspense_id=f"suspense-{reference}",
            digest=reference,
        )

    def taught(self, times: int, *contracts: str) -> Commands:
        return [
            c.DeliverLesson(
                **self.at, lesson_id=f"{contracts[0]}-{n}", course_id="piano", minutes=45, contracts=contracts
            )
            for n in range(times)
        ]

    def seized(self, amount_fen: int) -> Command:
        return c.RecordUnexplainedDebit(
            **self.at, bank=BANK, bank_reference="seizure", amount_fen=amount_fen, kind="seizure", digest="seizure"
        )


def story(steps: Steps) -> Commands:
    """Three families: one of the Wuhan judgment, one with two children, one with an agreed refund that the bank has."""
    return [
        *steps.opened(),
        *steps.contract(1, (600_800, 40), (1_118_000, 80)),
        *steps.contract(2, (10_000, 3)),
        *steps.contract(3, (90_000, 9), family="f-2"),
        *steps.contract(4, (50_000, 5)),
        *steps.contract(5, (70_000, 7)),
        *steps.taught(17, "c-1"),
        *steps.taught(1, "c-2", "c-3"),
        *steps.taught(2, "c-4"),
        c.RequestRefund(**steps.at, refund_id="r-4", contract_id="c-4", reason="moved away"),
        c.AnswerRefund(**steps.at, refund_id="r-4", agree=True),
        c.RequestRefund(**steps.at, refund_id="r-5", contract_id="c-5", reason="ill"),
        steps.seized(900_001),
    ]


async def record(url: str, commands: Callable[[Steps], Commands] = story, *, steps: Steps | None = None) -> Steps:
    """Record the commands through the ledger itself; returns the steps, to go on from."""
    steps = steps or Steps()
    async with Ledger(url, PARTITIONS, clock=steps.clock) as ledger:
        for command in commands(steps):
            await ledger.execute(Caller("regulator:test").request(command))
    return steps
