"""Fee notices and contracts through their amendments and bills, followed and rebuilt alike."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from psycopg import AsyncConnection

from ledger.domain.commands import CorrectLesson, DeclineAmendment, DeliverLesson, PublishFeeNotice, WithdrawAmendment
from ledger.domain.events import Category
from ledger.projections import contracts, fee_notices
from ledger.projections.contract_parts import EndedProposal
from ledger.projections.rebuild import rebuild
from ledger.projections.runner import Runner
from ledger.storage.mapper import decode_event
from tests.projections.log_writer import DAY, LogWriter, account_id, writing
from tests.projections.stored import PATIENCE_S, contents, followed
from tests.projections.test_fee_alerts import ACCOUNT, AcceptAmendment, Fees, ProposeAmendment, amended

OTHER = account_id(2)


def publish(writer: LogWriter, course_id: str, price_fen: int, *, days: int = 0, until: int | None = None) -> int:
    category: Category = "arts"
    return writer.do(
        PublishFeeNotice(
            account_id=ACCOUNT,
            effective_on=DAY,
            course_id=course_id,
            category=category,
            unit_price_fen=price_fen,
            period="month",
            minutes=60,
            valid_from=DAY + timedelta(days=days),
            valid_until=None if until is None else DAY + timedelta(days=until),
        )
    )


@pytest.mark.anyio
async def test_notices_are_shown_as_in_force_on_a_day(database_url: str) -> None:
    with writing(database_url) as writer:
        writer.open(ACCOUNT)
        writer.open(OTHER, institution="inst-2", district="310104")
        publish(writer, "piano", 100)
        publish(writer, "piano", 200, days=2, until=3)
        publish(writer, "dance", 300, until=0)
        async with followed(database_url) as connection:

            async def shown(days: int, **said: Any) -> list[tuple[str, int]]:
                rows = await fee_notices.list_page(connection, on=DAY + timedelta(days=days), **said)
                return [(row.course_id, row.unit_price_fen) for row in rows]

            assert await shown(-1) == []
            assert await shown(0) == [("piano", 100), ("dance", 300)]
            assert await shown(1) == [("piano", 100)]
            assert await shown(2) == await shown(3) == [("piano", 200)]
            assert await shown(4) == []
            assert await shown(0, course_id="dance") == [("dance", 300)]
            assert await shown(0, institution_id="inst-2") == await shown(0, district="310104") == []
            assert len(await shown(0, institution_id="inst-1", district="310115")) == 2
            every = await fee_notices.list_page(connection)
        assert [(row.version, row.superseded_from) for row in every] == [
            (1, DAY + timedelta(days=2)),
            (2, None),
            (3, None),
        ]


def play(writer: LogWriter) -> int:
    """An amended contract, one that is paid after its lessons, and notices."""
    fees = Fees(writer)
    publish(writer, "course-1", 300_000, days=1)
    fees.sign("c1")
    fees.pay("c1", 90_000)
    about: dict[str, Any] = {"account_id": ACCOUNT, "effective_on": DAY, "contract_id": "c1", "amendment_id": "a1"}
    earlier: dict[str, Any] = about | {"amendment_id": "a0"}
    for ended in (DeclineAmendment(**earlier), WithdrawAmendment(**earlier, reason="full")):
        writer.do(ProposeAmendment(**earlier, terms=amended(9), reason="another level"))
        writer.do(ended)
    writer.do(ProposeAmendment(**about, terms=amended(9), reason="another level"))
    writer.do(AcceptAmendment(**about))
    fees.sign("b1", billing="after_lesson")
    for number in range(3):
        writer.do(
            DeliverLesson(
                account_id=ACCOUNT,
                effective_on=DAY,
                lesson_id=f"lesson-{number}",
                course_id="course-1",
                minutes=45,
                contracts=("b1", "c2"),
            )
        )
    fees.pay("b1", 20_000)
    return writer.do(
        CorrectLesson(
            account_id=ACCOUNT, effective_on=DAY, lesson_id="lesson-0", contracts=("b1", "c2"), reason="absent"
        )
    )


@pytest.mark.anyio
async def test_a_contract_says_how_its_last_proposal_ended_until_there_is_another(database_url: str) -> None:
    with writing(database_url) as writer:
        fees = Fees(writer)
        publish(writer, "course-1", 300_000, days=1)
        fees.sign("c1")
        fees.pay("c1", 90_000)
        about: dict[str, Any] = {"account_id": ACCOUNT, "effective_on": DAY, "contract_id": "c1"}
        propose: dict[str, Any] = about | {"terms": amended(9), "reason": "another level"}
        async with followed(database_url) as connection:
            assert await _proposals(connection) == (None, None)
        writer.do(ProposeAmendment(**propose, amendment_id="a1"))
        writer.do(DeclineAmendment(**about, amendment_id="a1", reason="too far"))
        async with followed(database_url) as connection:
            declined = EndedProposal("a1", "no-c2", DAY, "family", "too far")
            assert await _proposals(connection) == (None, declined)
        writer.do(ProposeAmendment(**propose, amendment_id="a2"))
        async with followed(database_url) as connection:
            assert await _proposals(connection) == ("a2", None)
        writer.do(WithdrawAmendment(**about, amendment_id="a2", reason="full"))
        async with followed(database_url) as connection:
            withdrawn = EndedProposal("a2", "no-c2", DAY, "institution", "full")
            assert await _proposals(connection) == (None, withdrawn)


async def _proposals(connection: AsyncConnection[Any]) -> tuple[str | None, EndedProposal | None]:
    [row] = await contracts.list_page(connection)
    return (None if row.amendment is None else row.amendment.amendment_id), row.last_proposal


@pytest.mark.anyio
async def test_contracts_show_bills_and_what_went_on(database_url: str) -> None:
    with writing(database_url) as writer:
        play(writer)
        async with followed(database_url) as connection:
            rows = {row.contract_id: row for row in await contracts.list_page(connection)}
    old, new, billed = rows["c1"], rows["c2"], rows["b1"]
    assert (old.status, old.moved_fen, old.prepaid_fen, old.amended_to) == ("amended", 90_000, 0, "c2")
    assert (new.amended_from, new.paid_fen, new.prepaid_fen, new.drawn_fen) == ("c1", 90_000, 70_000, 20_000)
    # Three lessons of 9,000 fen, 20,000 paid; one is taken back: 7,000 of it were not paid yet, 2,000 are owed.
    assert (billed.billing, billed.billed_fen, billed.paid_fen) == ("after_lesson", 0, 20_000)
    assert (billed.drawn_fen, billed.prepaid_fen, billed.packages[0].billed_fen) == (18_000, 2_000, 0)


@pytest.mark.parametrize("batch", [1, 1_000])
def test_rebuilt_equals_followed(database_url: str, batch: int) -> None:
    async def follow(position: int) -> None:
        async with Runner(database_url, decode_event, poll_interval_s=0.01, batch=batch, most_rows=0) as runner:
            await runner.wait_for(0, position, PATIENCE_S)

    with writing(database_url) as writer:
        asyncio.run(follow(play(writer)))
    before = contents(database_url)
    asyncio.run(rebuild(database_url, decode_event, batch=7))
    assert contents(database_url) == before
    assert before["fee_notices"]
    assert before["alerts"]
