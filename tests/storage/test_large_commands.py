"""A command of more events than one row can count, such as a close after a long freeze, is recorded as any other."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from ledger.application.ledger import Ledger, Request
from ledger.application.verification.verify import verify
from ledger.domain import commands as c
from ledger.domain.commands import Command
from ledger.domain.events import Package
from ledger.domain.policy import FixedPolicies, Period, Policy
from ledger.storage.log import LARGEST_COMMAND
from ledger.storage.requests import Outcome
from tests.conftest import PARTITIONS

pytestmark = pytest.mark.anyio

ACCOUNT = UUID("01890000-0000-7000-8000-000000000001")
DAY = date(2026, 3, 2)
LESSONS = LARGEST_COMMAND + 1
ASKED = Policy(confirmation="confirmed", deemed_after=Period(1, "days"), max_lessons=LESSONS)


class Clock:
    """An instant that the test moves."""

    now = datetime(2026, 3, 2, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def asked(kind: type[Command], /, on: date = DAY, **said: Any) -> Request:
    return Request(kind(account_id=ACCOUNT, effective_on=on, **said), "regulator:test")


async def test_a_close_that_draws_more_lessons_than_a_row_can_count_is_recorded(database_url: str) -> None:
    clock = Clock()
    async with Ledger(database_url, PARTITIONS, clock=clock, policies=FixedPolicies({"default": ASKED})) as ledger:
        package = Package(number=1, price_fen=LESSONS, paid_lessons=LESSONS, list_price_fen=LESSONS)
        terms: dict[str, Any] = {"starts_on": DAY, "ends_on": DAY + timedelta(days=90), "packages": (package,)}
        named: dict[str, Any] = {
            "contract_no": "C1",
            "family_id": "f",
            "student_id": "s",
            "course_id": "k",
            "subject": "piano",
        }
        account: dict[str, Any] = {"institution_id": "i", "bank": "ICBK", "account_no": "6222", "district": "330702"}
        paid: dict[str, Any] = {"bank": "ICBK", "bank_reference": "R1", "suspense_id": "s1", "digest": "d"}
        for request in (
            asked(c.OpenAccount, **account, authorities=("330702",)),
            asked(c.SignContract, contract_id="c1", category="arts", lesson_minutes=45, **named, **terms),
            asked(c.PostDeposit, **paid, contract_reference="c1", amount_fen=LESSONS),
        ):
            await ledger.execute(request)
        lesson: dict[str, Any] = {"course_id": "k", "minutes": 45, "contracts": ("c1",)}
        taught = [asked(c.DeliverLesson, lesson_id=f"l{number}", **lesson) for number in range(LESSONS)]
        for start in range(0, LESSONS, 4_000):
            await ledger.execute_all(taught[start : start + 4_000])
        clock.now += timedelta(days=7)
        last = DAY + timedelta(days=6)
        other: dict[str, Any] = paid | {"bank_reference": "R2", "suspense_id": "s2"}
        deposit = asked(c.PostDeposit, amount_fen=1, **other)
        closed, received = await ledger.execute_all([asked(c.CloseDay, on=last), deposit])
        assert isinstance(closed, Outcome)
        assert isinstance(received, Outcome)
        assert len(closed.events) == LESSONS
        assert (await ledger.execute(asked(c.CloseDay, on=last))).events == ()
        assert ledger.account_at_version(ACCOUNT).buckets.earned == LESSONS
    assert verify(database_url, account_id=ACCOUNT, processes=1).differences == []
