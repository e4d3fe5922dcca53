"""Refunds as readers see them: on every basis, with who has to act until when and why, also when deadlines move."""

from datetime import date, timedelta

import pytest

from ledger.domain.commands import (
    AnswerRefund,
    AssignPolicy,
    CloseDay,
    DeliverLesson,
    OrderRefund,
    RequestRefund,
    ResumeAccount,
    SignContract,
    SuspendAccount,
)
from ledger.domain.events import Package, RefundGround
from ledger.projections import contracts, refunds
from ledger.projections.refund_progress import RefundProgress
from tests.projections.log_writer import DAY, LogWriter, account_id, writing
from tests.projections.stored import followed

pytestmark = pytest.mark.anyio
ACCOUNT = account_id(1)


async def seen(database_url: str) -> RefundProgress:
    async with followed(database_url) as connection:
        found = await refunds.get(connection, "f1")
    assert found is not None
    return found


def teach(writer: LogWriter, lessons: int) -> None:
    for number in range(lessons):
        writer.do(
            DeliverLesson(
                account_id=ACCOUNT,
                effective_on=DAY,
                lesson_id=f"lesson-{number}",
                course_id="course",
                minutes=45,
                contracts=("c1",),
            )
        )


def asked(writer: LogWriter, pack: str = "lawful", *, lessons: int = 0, ground: RefundGround = "own") -> None:
    """A refund of a contract of 100000 fen for 10 lessons, half of it paid today."""
    writer.open(ACCOUNT)
    writer.do(AssignPolicy(account_id=ACCOUNT, effective_on=DAY, pack=pack, reason="law"))
    writer.sign(ACCOUNT, "c1")
    writer.deposit(ACCOUNT, "r1", 50_000, contract="c1")
    teach(writer, lessons)
    writer.do(
        RequestRefund(
            account_id=ACCOUNT, effective_on=DAY, refund_id="f1", contract_id="c1", reason="moved", ground=ground
        )
    )


def acting(found: RefundProgress) -> tuple[str | None, date | None, list[str]]:
    return found.who_acts, found.due_on, found.legal_basis


async def test_every_step_says_who_acts_until_when_and_on_which_rule(database_url: str) -> None:
    with writing(database_url) as writer:
        asked(writer)
        found = await seen(database_url)
        assert acting(found) == ("institution", date(2026, 3, 9), ["refund.deemed_agreed_after"])
        writer.do(AnswerRefund(account_id=ACCOUNT, effective_on=DAY, refund_id="f1", agree=False, reason="no"))
        found = await seen(database_url)
        assert acting(found) == ("regulator", date(2026, 3, 5), ["refund.decision", "refund.lowball"])
        assert not found.overdue
        writer.do(CloseDay(account_id=ACCOUNT, effective_on=date(2026, 3, 6)))
        found = await seen(database_url)
        assert found.overdue
        assert [step.overdue for step in found.steps] == [False, True]
        writer.do(
            OrderRefund(account_id=ACCOUNT, effective_on=DAY, refund_id="f1", amount_fen=1, reason="", case_id="k")
        )
        found = await seen(database_url)
        assert acting(found) == ("bank", date(2026, 3, 16), ["refund.before_start"])
        assert (found.overdue, found.case_id) == (False, "k")


async def test_the_bases_of_the_quote_are_told_with_their_lines(database_url: str) -> None:
    with writing(database_url) as writer:
        asked(writer, lessons=2, ground="closure")
        found = await seen(database_url)
    assert (found.ground, found.basis, found.quoted_fen) == ("closure", "cooling_off", 50_000)
    assert [line.basis for line in found.bases] == ["unconsumed", "cooling_off", "closure"]
    assert [line.basis for line in found.quote] == ["cooling_off"]


async def test_an_answer_that_never_came_was_late(database_url: str) -> None:
    with writing(database_url) as writer:
        asked(writer)
        writer.do(CloseDay(account_id=ACCOUNT, effective_on=date(2026, 3, 10)))
        found = await seen(database_url)
    assert [(step.name, step.overdue, step.done_on) for step in found.steps] == [
        ("answer", True, date(2026, 3, 10)),
        ("payment", False, None),
    ]
    assert found.agreed_by == "silence"


async def test_moved_deadlines_are_told_and_no_day_of_weekends_alone_is_certain(database_url: str) -> None:
    with writing(database_url) as writer:
        asked(writer)
        writer.do(SuspendAccount(account_id=ACCOUNT, effective_on=DAY + timedelta(days=1), reason="flood"))
        writer.do(ResumeAccount(account_id=ACCOUNT, effective_on=DAY + timedelta(days=8), reason="dry"))
        found = await seen(database_url)
    assert found.answer_due_on == found.due_on == found.steps[0].until_on == date(2026, 3, 16)
    assert found.provisional


async def test_what_the_list_price_leaves_to_the_institution_is_charged(database_url: str) -> None:
    with writing(database_url) as writer:
        writer.open(ACCOUNT)
        writer.do(AssignPolicy(account_id=ACCOUNT, effective_on=DAY, pack="lawful", reason="law"))
        writer.do(
            SignContract(
                account_id=ACCOUNT,
                effective_on=DAY,
                contract_id="c1",
                contract_no="no-1",
                family_id="family-1",
                student_id="student-1",
                course_id="course",
                subject="piano",
                category="arts",
                starts_on=DAY,
                ends_on=DAY,
                lesson_minutes=45,
                packages=(Package(number=1, price_fen=50_000, paid_lessons=10, list_price_fen=75_000),),
            )
        )
        writer.deposit(ACCOUNT, "r1", 50_000, contract="c1", on=DAY - timedelta(days=8))
        teach(writer, 2)
        writer.do(RequestRefund(account_id=ACCOUNT, effective_on=DAY, refund_id="f1", contract_id="c1", reason="moved"))
        writer.do(AnswerRefund(account_id=ACCOUNT, effective_on=DAY, refund_id="f1", agree=True))
        async with followed(database_url) as connection:
            (row,) = await contracts.list_page(connection)
        found = await seen(database_url)
    assert (row.drawn_fen, row.refunded_fen, row.charged_fen, row.prepaid_fen) == (10_000, 35_000, 5_000, 0)
    assert [package.charged_fen for package in row.packages] == [5_000]
    assert (found.quoted_fen, found.charged_fen) == (35_000, 5_000)
