"""What families, institutions and regulators see of a lesson: its state, its dates, and only their own."""

from datetime import timedelta
from typing import Any

import pytest

from ledger.domain.calendar import WorkingCalendar
from ledger.domain.commands import (
    AssignPolicy,
    CloseDay,
    Command,
    ConfirmLesson,
    CorrectLesson,
    DeliverLesson,
    DisputeLesson,
    RecordAbsence,
    RecordLeave,
    ResolveDispute,
    ResumeAccount,
    SuspendAccount,
)
from ledger.projections import lessons
from ledger.projections.lessons import FamilyLesson
from ledger.projections.paging import Cursor, Scope
from tests.projections.log_writer import DAY, LogWriter, account_id, writing
from tests.projections.stored import followed

pytestmark = pytest.mark.anyio
ACCOUNT = account_id(1)
LAST_DAY = DAY + timedelta(days=3)
CONTRACTS = ("c1", "c2", "c3")
NOBODY: set[tuple[str, str]] = set()


def do(writer: LogWriter, kind: type[Command], *, days: int = 0, **said: Any) -> None:
    writer.do(kind(account_id=ACCOUNT, effective_on=DAY + timedelta(days=days), **said))


def teach(writer: LogWriter, lesson_id: str, *contracts: str, **said: Any) -> None:
    do(writer, DeliverLesson, lesson_id=lesson_id, course_id="piano", minutes=45, contracts=contracts, **said)


def open_account(writer: LogWriter) -> None:
    """Three paid contracts of three families, at whose school families are asked for three days."""
    writer.open(ACCOUNT)
    do(writer, AssignPolicy, pack="asked", reason="new law")
    for contract_id in CONTRACTS:
        writer.sign(ACCOUNT, contract_id, family=f"family-of-{contract_id}")
        writer.deposit(ACCOUNT, f"r-{contract_id}", 100_000, contract=contract_id)


async def seen(connection: Any, **filters: Any) -> dict[tuple[str, str], FamilyLesson]:
    rows = await lessons.list_page(connection, **filters)
    return {(row.lesson_id, row.contract_id): row for row in rows}


async def test_each_state_of_a_lesson_is_shown_with_its_dates(database_url: str) -> None:
    with writing(database_url) as writer:
        open_account(writer)
        teach(writer, "l1", *CONTRACTS, teacher_id="t1")
        told_at = writer.now
        do(writer, ConfirmLesson, lesson_id="l1", contract_id="c2", how="code")
        do(writer, DisputeLesson, lesson_id="l1", contract_id="c3", reason="not taught")
        async with followed(database_url) as connection:
            rows = await seen(connection)
        waiting, confirmed, disputed = (rows["l1", contract_id] for contract_id in CONTRACTS)
        assert (waiting.state, waiting.deemed_on, waiting.told_at) == ("pending", LAST_DAY, told_at)
        assert (waiting.lesson, waiting.amount_fen, waiting.teacher_id, waiting.policy) == (1, 10_000, "t1", "asked@1")
        assert (confirmed.state, confirmed.drawn_on, confirmed.how) == ("confirmed", DAY, "code")
        assert (disputed.state, disputed.reason, disputed.drawn_on) == ("disputed", "not taught", None)

        do(writer, CloseDay, days=4)
        do(writer, ResolveDispute, lesson_id="l1", contract_id="c3", outcome="dropped", by="order", case_id="case-7",
           reason="nobody came")  # fmt: skip
        do(writer, RecordLeave, lesson_id="l2", contract_id="c3", lesson_on=DAY + timedelta(days=1), reason="ill")
        do(writer, RecordAbsence, lesson_id="l3", lesson_on=DAY, absent="teacher", contracts=("c2", "c3"), reason="ill")
        teach(writer, "l4", "c2", makes_up="l3")
        do(writer, CorrectLesson, lesson_id="l4", contracts=("c2",), reason="wrong class")
    async with followed(database_url) as connection:
        rows = await seen(connection)
        assert {key: row.state for key, row in rows.items()} == {
            ("l1", "c1"): "deemed",
            ("l1", "c2"): "confirmed",
            ("l1", "c3"): "dropped",
            ("l2", "c3"): "leave",
            ("l3", "c2"): "teacher_absent",
            ("l3", "c3"): "teacher_absent",
            ("l4", "c2"): "withdrawn",
        }
        deemed, dropped, made_up = rows["l1", "c1"], rows["l1", "c3"], rows["l4", "c2"]
        assert (deemed.drawn_on, deemed.releasable_on) == (LAST_DAY + timedelta(days=1), DAY + timedelta(days=8))
        assert (dropped.resolved_by, dropped.case_id, dropped.reason) == ("order", "case-7", "nobody came")
        assert (made_up.makes_up, made_up.reason) == ("l3", "wrong class")


async def test_what_was_taken_back_after_its_draw_is_shown_so(database_url: str) -> None:
    with writing(database_url) as writer:
        open_account(writer)
        teach(writer, "l1", *CONTRACTS)
        do(writer, ConfirmLesson, lesson_id="l1", contract_id="c1")
        do(writer, CorrectLesson, lesson_id="l1", contracts=("c1",), reason="wrong class")
        do(writer, CloseDay, days=4)
        do(writer, DisputeLesson, days=4, lesson_id="l1", contract_id="c2", reason="not taught")
        do(
            writer,
            RecordAbsence,
            days=4,
            lesson_id="l1",
            lesson_on=DAY,
            absent="pupil",
            contracts=("c3",),
            reason="ill",
        )
        do(writer, AssignPolicy, pack="default", reason="old law")
        teach(writer, "at-once", "c1")
        do(writer, CorrectLesson, lesson_id="at-once", contracts=("c1",), reason="wrong class")
    async with followed(database_url) as connection:
        rows = await seen(connection)
        assert {key: (row.state, row.drawn_on) for key, row in rows.items()} == {
            ("l1", "c1"): ("reversed", None),
            ("l1", "c2"): ("disputed", None),
            ("l1", "c3"): ("pupil_absent", None),
        }


async def test_a_countdown_moves_with_the_suspension_of_the_clocks(database_url: str) -> None:
    with writing(database_url) as writer:
        open_account(writer)
        teach(writer, "l1", "c1", "c2")
        do(writer, DisputeLesson, lesson_id="l1", contract_id="c2", reason="not taught")
        do(writer, SuspendAccount, days=1, reason="flood")
        do(writer, ResumeAccount, days=11, reason="flood over")
    assert WorkingCalendar().is_working_day(DAY)
    async with followed(database_url) as connection:
        rows = await seen(connection)
        assert rows["l1", "c1"].deemed_on == LAST_DAY + timedelta(days=10)
        assert rows["l1", "c2"].state == "disputed"


async def test_lists_are_filtered_paged_and_show_each_reader_its_own(database_url: str) -> None:
    with writing(database_url) as writer:
        open_account(writer)
        for number in (1, 2):
            teach(writer, f"l{number}", *CONTRACTS)
        do(writer, ConfirmLesson, lesson_id="l1", contract_id="c1")
    async with followed(database_url) as connection:
        whole = await lessons.list_page(connection)
        assert [(row.lesson_id, row.contract_id) for row in whole] == [
            (f"l{number}", contract_id) for number in (1, 2) for contract_id in CONTRACTS
        ]
        first = await lessons.list_page(connection, limit=2)
        after = Cursor(first[-1].partition, first[-1].position, first[-1].ordinal)
        assert first + await lessons.list_page(connection, after=after) == whole
        for filters, found in [
            ({"state": "confirmed"}, {("l1", "c1")}),
            ({"contract_id": "c1", "state": "pending"}, {("l2", "c1")}),
            ({"lesson_id": "l2", "account_id": ACCOUNT, "due_by": LAST_DAY}, {("l2", c) for c in CONTRACTS}),
            ({"due_by": LAST_DAY - timedelta(days=1)}, NOBODY),
            ({"scope": Scope(family_ids=("family-of-c2",))}, {("l1", "c2"), ("l2", "c2")}),
            ({"scope": Scope(family_ids=())}, NOBODY),
            ({"scope": Scope(institution_ids=("inst-2",))}, NOBODY),
            ({"scope": Scope(districts=("310115",)), "contract_id": "c3"}, {("l1", "c3"), ("l2", "c3")}),
            ({"account_id": account_id(2)}, NOBODY),
        ]:
            assert set(await seen(connection, **filters)) == found
