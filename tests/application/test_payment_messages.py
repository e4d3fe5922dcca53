"""Messages of orders: each order in one at most, the same bytes again, and whole however often the process dies."""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from ledger.application.caller import Caller
from ledger.application.payment_content import write_message
from ledger.application.payment_messages import (
    finished_content,
    get_message,
    list_messages,
    make_message,
    resume_message,
    unfinished_message,
)
from ledger.application.verification.verify import verify
from ledger.bank.creditors import Creditor
from ledger.domain import commands as c
from ledger.domain.errors import LedgerError
from tests.application.payment_books import BANK, DAY, Books, account_of, books_over, caller

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]


@pytest.fixture
async def books(database_url: str) -> AsyncIterator[Books]:
    async with books_over(database_url) as opened:
        yield opened


async def refused(code: str, call: object) -> LedgerError:
    with pytest.raises(LedgerError) as refusal:
        await call  # pyright: ignore[reportGeneralTypeIssues]
    assert refusal.value.code == code
    return refusal.value


async def town(books: Books) -> None:
    """Two accounts with three orders, and one of another bank."""
    for number in (1, 2):
        account_id = await books.open(number)
        await books.payout(account_id, f"p{number}", 1_000)
    await books.refund(account_of(2), "c2")
    other = await books.open(9)
    await books.payout(other, "p9")


async def test_a_message_takes_every_order_that_may_go(books: Books) -> None:
    await town(books)
    made = await make_message(books.ledger, books.reader, caller("k1"), bank=BANK)
    content = made.content
    assert (made.replayed, content.orders, content.amount_fen) == (False, 4, 1_000 * 3 + 7_000)
    assert [share.account_no for share in content.shares] == ["6222-0001", "6222-0002", "6222-0009"]
    assert [share.payment_id for share in content.shares] == [f"{content.message_id}-{n}" for n in (1, 2, 3)]
    assert set((await books.states()).values()) == {"exported"}
    record = await get_message(books.reader.pool, BANK, content.message_id)
    assert (record.orders, record.amount_fen, record.effective_on, record.execute_on) == (4, 10_000, DAY, DAY)
    assert record.finished_at is not None
    assert (record.asked_by, {row.message_id for row in (await books.orders()).values()}) == (
        "bank:icbk",
        {content.message_id},
    )


async def test_the_same_request_and_the_same_id_give_the_same_message(books: Books) -> None:
    await town(books)
    first = await make_message(books.ledger, books.reader, caller("k1"), bank=BANK)
    data = await write_message(first.content, "pain.001")
    before = await books.events()
    again = await make_message(books.ledger, books.reader, caller("k1"), bank=BANK)
    named = await make_message(books.ledger, books.reader, caller("k2"), bank=BANK, message_id=first.content.message_id)
    assert (again.replayed, named.replayed) == (True, True)
    assert [await write_message(one.content, "pain.001") for one in (again, named)] == [data, data]
    assert await books.events() == before
    stored = await finished_content(books.reader.pool, BANK, first.content.message_id)
    assert await write_message(stored, "pain.001") == data
    assert await write_message(stored, "csv") == await write_message(first.content, "csv")


async def test_a_message_is_made_again_from_the_log_alone(books: Books, database_url: str) -> None:
    await town(books)
    first = await make_message(books.ledger, books.reader, caller("k1"), bank=BANK, message_id="M-1")
    # The loop goes on meanwhile: the follower may be within a transaction on the same tables.
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute("TRUNCATE escrow.payment_messages")
        await connection.execute("TRUNCATE escrow_views.instructions")
    stored = await finished_content(books.reader.pool, BANK, "M-1")
    assert await write_message(stored, "pain.001") == await write_message(first.content, "pain.001")
    again = await make_message(books.ledger, books.reader, caller("k9"), bank=BANK, message_id="M-1")
    assert (again.replayed, again.content) == (True, first.content)


async def test_what_was_asked_of_an_id_is_not_asked_otherwise(books: Books) -> None:
    await town(books)
    await make_message(books.ledger, books.reader, caller("k1"), bank=BANK, message_id="M-1")
    tomorrow = DAY + timedelta(days=1)
    await refused(
        "message_id_reused",
        make_message(books.ledger, books.reader, caller("k2"), bank=BANK, message_id="M-1", execute_on=tomorrow),
    )
    await refused(
        "idempotency_key_reused",
        make_message(books.ledger, books.reader, _other_request("k1"), bank=BANK, message_id="M-2"),
    )


def _other_request(key: str) -> Caller:
    known = caller(key)
    return type(known)(known.actor, known.idempotency_key, b"another body")


@pytest.mark.parametrize("bad", ["-1", "a b", "x" * 29, "纸", "a/b", "a\n"])
async def test_an_id_has_a_form(books: Books, bad: str) -> None:
    await refused("message_id_malformed", make_message(books.ledger, books.reader, caller(), bank=BANK, message_id=bad))


async def test_nothing_to_send_is_said_and_can_be_asked_again(books: Books) -> None:
    account_id = await books.open(1)
    await refused("payment_orders_not_found", make_message(books.ledger, books.reader, caller("k1"), bank=BANK))
    await refused("payment_orders_not_found", make_message(books.ledger, books.reader, caller("k2"), bank="CCB"))
    await books.payout(account_id, "p1")
    made = await make_message(books.ledger, books.reader, caller("k1"), bank=BANK)
    assert made.content.orders == 1
    await refused("payment_orders_not_found", make_message(books.ledger, books.reader, caller("k3"), bank=BANK))


async def test_a_message_may_be_of_one_account_and_for_a_later_day(books: Books) -> None:
    await town(books)
    yesterday, later = DAY - timedelta(days=1), DAY + timedelta(days=3)
    await refused(
        "execution_date_past",
        make_message(books.ledger, books.reader, caller("k1"), bank=BANK, execute_on=yesterday),
    )
    made = await make_message(
        books.ledger, books.reader, caller("k2"), bank=BANK, execute_on=later, account_id=account_of(2)
    )
    assert (made.content.orders, made.content.execute_on) == (2, later)
    data = await write_message(made.content, "pain.001")
    assert data.count(b"<Dt>2026-03-05</Dt>") == 1
    rest = await make_message(books.ledger, books.reader, caller("k3"), bank=BANK)
    assert rest.content.orders == 2


async def test_orders_beyond_the_most_wait_for_the_next_message(books: Books) -> None:
    await town(books)
    sizes: list[int] = []
    for number in range(2):
        made = await make_message(books.ledger, books.reader, caller(f"k{number}"), bank=BANK, most=2)
        sizes.append(made.content.orders)
    assert sizes == [2, 2]


async def test_an_order_that_waits_for_approval_stays_behind(books: Books) -> None:
    account_id = await books.open(1, pack="controlled")
    await books.payout(account_id, "p1")
    await books.pay(account_id, "stray", 70)
    await books.do(account_id, c.ReturnSuspense, suspense_id="s-stray", instruction_id="back-1", reason="unknown")
    made = await make_message(books.ledger, books.reader, caller("k1"), bank=BANK)
    assert [order.instruction_id for _, order in made.content.each()] == ["back-1"]
    await books.do(account_id, c.ApproveInstruction, "regulator:office", instruction_ids=("p1",))
    made = await make_message(books.ledger, books.reader, caller("k2"), bank=BANK)
    assert [order.instruction_id for _, order in made.content.each()] == ["p1"]
    row = (await books.orders())["p1"]
    assert (row.state, row.needs_approval, row.made_by, row.checked_by) == (
        "exported",
        True,
        "institution:erp",
        "regulator:office",
    )


async def test_what_is_held_stays_behind_and_takes_nobodys_place(books: Books) -> None:
    account_id = await books.open(1)
    await books.payout(account_id, "p1")
    await books.reader.catch_up()
    await books.do(account_id, c.FreezeAccount, "regulator:office", scope="payouts", reason="order 7")
    await refused("payment_orders_not_found", make_message(books.ledger, books.reader, caller("k1"), bank=BANK))
    assert await list_messages(books.reader.pool, BANK) == []
    other = await books.open(2)
    await books.refund(other, "c2")
    first = await make_message(books.ledger, books.reader, caller("k3"), bank=BANK, most=1)
    assert [order.kind for _, order in first.content.each()] == ["refund"]
    await books.do(account_id, c.UnfreezeAccount, "regulator:office", scope="payouts", reason="order 8")
    made = await make_message(books.ledger, books.reader, caller("k2"), bank=BANK)
    assert made.content.orders == 1


async def test_many_who_make_messages_at_once_share_the_orders_out(books: Books, database_url: str) -> None:
    for number in range(1, 7):
        await books.payout(await books.open(number), f"p{number}")
    async with books_over(database_url) as other:

        async def make(at: Books, key: str, message_id: str) -> list[str]:
            try:
                made = await make_message(at.ledger, at.reader, caller(key), bank=BANK, message_id=message_id, page=1)
            except LedgerError as refusal:
                return [refusal.code]
            return [order.instruction_id for _, order in made.content.each()]

        found = await asyncio.gather(
            make(books, "k1", "M-1"), make(other, "k2", "M-2"), make(books, "k3", "M-3"), make(other, "k4", "M-1")
        )
    assert found[0] == found[3]
    taken = Counter(order for orders in found[:3] for order in orders if order != "payment_orders_not_found")
    assert taken == {f"p{number}": 1 for number in range(1, 7)}


async def test_routes_can_be_resolved_at_the_last_moment(books: Books) -> None:
    await town(books)
    made = await make_message(books.ledger, books.reader, caller("k1"), bank=BANK, account_id=account_of(2))

    async def resolve(bank: str, routes: Sequence[str]) -> Mapping[str, Creditor]:
        assert (bank, routes) == (BANK, ["route-entry-2"])
        return {"route-entry-2": Creditor(account="6217000012345678", name="王小明")}

    named = (await write_message(made.content, "pain.001", resolve)).decode()
    assert "王小明" in named
    assert "<Id>6217000012345678</Id>" in named
    assert "王小明" not in (await write_message(made.content, "pain.001")).decode()


def run_process(url: str, crash_point: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.application.export_process", url, "M-1"],
        cwd=ROOT,
        env=os.environ | {"ESCROW_CRASH_POINT": crash_point},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("count", [1, 3, 5])
async def test_a_process_killed_in_the_middle_is_gone_on_with_to_the_same_end(database_url: str, count: int) -> None:
    async with books_over(database_url) as books:
        for number in range(1, 6):
            await books.payout(await books.open(number), f"p{number}")
    killed = run_process(database_url, f"export.page:{count}")
    assert killed.returncode == -9, killed.stderr
    async with books_over(database_url) as books:
        states = Counter((await books.states()).values())
        assert states["exported"] == count
        assert await unfinished_message(books.reader.pool, BANK) == "M-1"
        await refused("payment_message_unfinished", finished_content(books.reader.pool, BANK, "M-1"))
        # An order that was made after the crash is not in the plan, and waits for the next message.
        await books.payout(account_of(1), "later")
    again = run_process(database_url)
    assert (again.returncode, again.stdout) == (0, "5\n"), again.stderr
    async with books_over(database_url) as books:
        content = await finished_content(books.reader.pool, BANK, "M-1")
        assert sorted(order.instruction_id for _, order in content.each()) == [f"p{n}" for n in range(1, 6)]
        assert await unfinished_message(books.reader.pool, BANK) is None
        whole = await resume_message(books.ledger, books.reader, caller(), bank=BANK, message_id="M-1")
        assert (whole.replayed, whole.content) == (True, content)
        rest = await make_message(books.ledger, books.reader, caller("k9"), bank=BANK)
        assert [order.instruction_id for _, order in rest.content.each()] == ["later"]
    assert (await asyncio.to_thread(verify, database_url, processes=1)).passed


async def test_a_message_that_was_never_begun_is_not_there(books: Books) -> None:
    for call in (
        get_message(books.reader.pool, BANK, "M-9"),
        finished_content(books.reader.pool, BANK, "M-9"),
        resume_message(books.ledger, books.reader, caller(), bank=BANK, message_id="M-9"),
    ):
        await refused("payment_message_not_found", call)
