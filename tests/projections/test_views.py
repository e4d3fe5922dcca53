"""What readers get: balances as of today and of any day, contracts, refunds with their clocks, instructions, pages."""

from datetime import timedelta

import pytest
from psycopg import AsyncConnection

from ledger.domain.account import Buckets
from ledger.domain.commands import (
    AnswerRefund,
    CloseDay,
    CorrectLesson,
    DeliverLesson,
    HoldFunds,
    MatchSuspense,
    RequestPayout,
    RequestRefund,
    ReturnSuspense,
    SettleInstruction,
    SettlementOutcome,
    WithdrawRefund,
)
from ledger.projections import balances, contracts, history, instructions, refunds, suspense
from ledger.projections import days as days_view
from ledger.projections.paging import Cursor, Scope
from ledger.storage.mapper import decode_event
from tests.projections.log_writer import DAY, LogWriter, account_id, writing
from tests.projections.stored import followed

pytestmark = pytest.mark.anyio
ACCOUNT = account_id(1)
OTHER = account_id(2, 1)
LATER = DAY + timedelta(days=30)


def settle(writer: LogWriter, instruction_id: str, outcome: SettlementOutcome = "settled") -> None:
    writer.do(
        SettleInstruction(
            account_id=ACCOUNT,
            effective_on=DAY,
            bank="ICBK",
            instruction_id=instruction_id,
            outcome=outcome,
            amount_fen=writer.account(ACCOUNT).instructions[instruction_id].amount_fen,
            bank_reference=f"entry-{instruction_id}-{outcome}",
            digest="0" * 64,
            reason="account closed",
        )
    )


def teach(writer: LogWriter, lesson: str, *contract_ids: str, days: int = 0) -> None:
    writer.do(
        DeliverLesson(
            account_id=ACCOUNT,
            effective_on=DAY + timedelta(days=days),
            lesson_id=lesson,
            course_id="course-1",
            minutes=45,
            contracts=contract_ids,
        )
    )


async def test_a_balance_is_the_working_state_of_the_account(database_url: str) -> None:
    with writing(database_url) as writer:
        writer.open(ACCOUNT)
        writer.sign(ACCOUNT, "c1")
        writer.deposit(ACCOUNT, "r1", 100_000, contract="c1")
        teach(writer, "l1", "c1")
        writer.do(RequestPayout(account_id=ACCOUNT, effective_on=DAY, instruction_id="p1", amount_fen=4_000))
        writer.do(HoldFunds(account_id=ACCOUNT, effective_on=DAY, hold_id="h1", amount_fen=500, reason="clue"))
        last = writer.deposit(ACCOUNT, "r2", 700)
        account = writer.account(ACCOUNT)
    async with followed(database_url) as connection:
        row = await balances.get(connection, ACCOUNT)
        assert row is not None
        assert {name: getattr(row, name) for name in Buckets.__struct_fields__} == {
            name: getattr(account.buckets, name) for name in Buckets.__struct_fields__
        }
        assert (row.version, row.updated_position, row.held_fen) == (account.version, last, 500)
        assert row.updated_at == writer.now
        assert await balances.find(connection, bank="ICBK", account_no=account.account_no) == row
        stored = await (
            await connection.execute(
                "SELECT obligation_fen, exposure_fen, loss_if_closed_today_fen FROM escrow_views.balances"
            )
        ).fetchone()
        assert stored == (
            account.buckets.obligation_fen,
            account.buckets.exposure_fen,
            account.buckets.loss_if_closed_today_fen,
        )
        for scope, seen in [
            (Scope(bank="ICBK", districts=("310115",), institution_ids=("inst-1",), family_ids=("family-1",)), row),
            (Scope(bank="ABOC"), None),
            (Scope(districts=()), None),
            (Scope(institution_ids=("inst-2",)), None),
            (Scope(family_ids=("family-2",)), None),
        ]:
            assert await balances.get(connection, ACCOUNT, scope=scope) == seen


async def test_a_balance_as_of_an_effective_day_counts_what_was_recorded_late(database_url: str) -> None:
    with writing(database_url) as writer:
        writer.open(ACCOUNT)
        for contract in ("c1", "c2"):
            writer.sign(ACCOUNT, contract)
        writer.deposit(ACCOUNT, "r1", 100_000, contract="c1")
        teach(writer, "l1", "c1", days=2)
        writer.deposit(ACCOUNT, "r2", 30_000, contract="c2", on=DAY + timedelta(days=1))  # recorded after day 2
    async with followed(database_url) as connection:
        for days, cash_fen, prepaid_fen, earned_fen in [
            (-1, 0, 0, 0),
            (0, 100_000, 100_000, 0),
            (1, 130_000, 130_000, 0),
            (2, 130_000, 120_000, 10_000),
            (9, 130_000, 120_000, 10_000),
        ]:
            on = DAY + timedelta(days=days)
            found = (await balances.effective_on(connection, ACCOUNT, on)).buckets
            assert (found.cash, found.prepaid, found.earned) == (cash_fen, prepaid_fen, earned_fen)
            of_contracts = [await balances.contract_effective_on(connection, ACCOUNT, c, on) for c in ("c1", "c2")]
            assert sum(of_contracts) == prepaid_fen
        assert (await balances.effective_on(connection, account_id(9), DAY)).buckets == Buckets()
        first, last = DAY - timedelta(days=1), DAY + timedelta(days=4)
        over = await days_view.account_over(connection, ACCOUNT, first=first, last=last)
        assert over == [
            await balances.effective_on(connection, ACCOUNT, first + timedelta(days=ahead)) for ahead in range(6)
        ]


async def test_a_contract_shows_what_is_left_of_each_package(database_url: str) -> None:
    with writing(database_url) as writer:
        writer.open(ACCOUNT)
        for contract in ("c1", "c2"):
            writer.sign(ACCOUNT, contract, family=f"family-of-{contract}")
            writer.deposit(ACCOUNT, f"r-{contract}", 60_000, contract=contract)
        teach(writer, "l1", "c1", "c2")
        teach(writer, "l2", "c1")
        writer.do(
            CorrectLesson(account_id=ACCOUNT, effective_on=DAY, lesson_id="l1", contracts=("c1",), reason="absent")
        )
    async with followed(database_url) as connection:
        found = await contracts.get(connection, ACCOUNT, "c1")
        assert found is not None
        assert (found.paid_fen, found.drawn_fen, found.refunded_fen, found.prepaid_fen) == (60_000, 10_000, 0, 50_000)
        (package,) = found.packages
        assert (package.price_fen, package.paid_fen, package.drawn_fen, package.lessons_left) == (
            100_000,
            60_000,
            10_000,
            9,
        )
        assert found.status == "open"
        assert await contracts.locate(connection, "c2") == ACCOUNT
        assert await contracts.locate(connection, "c3") is None
        assert [c.contract_id for c in await contracts.list_page(connection, account_id=ACCOUNT)] == ["c1", "c2"]
        of_family = await contracts.list_page(connection, scope=Scope(family_ids=("family-of-c2",)))
        assert [c.contract_id for c in of_family] == ["c2"]
        assert [c.contract_id for c in await contracts.list_page(connection, contract_no="no-c1")] == ["c1"]


async def refund(connection: AsyncConnection[object]) -> refunds.RefundProgress:
    found = await refunds.get(connection, "f1", scope=Scope(family_ids=("family-1",)))
    assert found is not None
    return found


async def test_a_refund_is_followed_through_its_steps_to_the_last_leg(database_url: str) -> None:
    with writing(database_url) as writer:
        writer.open(ACCOUNT)
        writer.sign(ACCOUNT, "c1")
        writer.deposit(ACCOUNT, "r1", 40_000, contract="c1")
        writer.deposit(ACCOUNT, "r2", 10_000, contract="c1")
        writer.do(RequestRefund(account_id=ACCOUNT, effective_on=DAY, refund_id="f1", contract_id="c1", reason="moved"))
        async with followed(database_url) as connection:
            found = await refund(connection)
            (contract,) = await contracts.list_page(connection, status="refund_open")
        assert contract.status == "refund_open"
        assert (found.state, found.basis, found.quoted_fen) == ("requested", "not_started", 50_000)
        assert found.quote[0].refund_fen == 50_000
        (answer,) = found.steps
        assert (answer.name, answer.who, answer.since_on, answer.until_on) == (
            "answer",
            "institution",
            DAY,
            found.answer_due_on,
        )
        assert answer.rules == ["refund.deemed_agreed_after"]
        writer.do(AnswerRefund(account_id=ACCOUNT, effective_on=DAY, refund_id="f1", agree=True))
        async with followed(database_url) as connection:
            found = await refund(connection)
        assert (found.state, found.agreed_fen, found.in_flight_fen, found.agreed_by) == (
            "paying",
            50_000,
            50_000,
            "institution",
        )
        assert [(step.name, step.who, step.done_on) for step in found.steps] == [
            ("answer", "institution", DAY),
            ("payment", "bank", None),
        ]
        assert [(leg.payment_reference, leg.amount_fen) for leg in found.legs] == [("r2", 10_000), ("r1", 40_000)]
        newest, oldest = (leg.instruction_id for leg in found.legs)
        settle(writer, newest)
        settle(writer, oldest, "rejected")
        async with followed(database_url) as connection:
            found = await refund(connection)
        assert (found.state, found.paid_fen, found.steps[-1].who) == ("returned", 10_000, "clock")
        assert [(leg.state, leg.reason) for leg in found.legs] == [("paid", None), ("rejected", "account closed")]
        writer.do(CloseDay(account_id=ACCOUNT, effective_on=LATER))
        settle(writer, next(iter(set(writer.account(ACCOUNT).instructions) - {newest})))
        async with followed(database_url) as connection:
            found = await refund(connection)
            assert await refunds.list_page(connection, only_open=True) == []
            assert await refunds.list_page(connection, state="paid") == [found]
            (contract,) = await contracts.list_page(connection)
            orders = await instructions.list_page(connection, kind="refund")
        assert (found.state, found.paid_fen, len(found.legs)) == ("paid", 50_000, 3)
        assert found.steps[-1].overdue
        assert found.steps[-1].done_on == DAY
        assert (contract.status, contract.refunded_fen, contract.prepaid_fen) == ("open", 50_000, 0)
        assert [order.state for order in orders] == ["settled", "rejected", "settled"]


async def test_a_contested_refund_waits_for_the_regulator_or_is_withdrawn(database_url: str) -> None:
    with writing(database_url) as writer:
        writer.open(ACCOUNT)
        writer.sign(ACCOUNT, "c1")
        writer.deposit(ACCOUNT, "r1", 40_000, contract="c1")
        writer.do(RequestRefund(account_id=ACCOUNT, effective_on=DAY, refund_id="f1", contract_id="c1", reason="moved"))
        writer.do(
            AnswerRefund(
                account_id=ACCOUNT, effective_on=DAY, refund_id="f1", agree=False, offered_fen=1_000, reason="books"
            )
        )
        async with followed(database_url) as connection:
            found = await refund(connection)
        assert (found.state, found.offered_fen, found.contest_reason, found.agreed_fen) == (
            "contested",
            1_000,
            "books",
            1_000,
        )
        assert [(step.name, step.who) for step in found.steps if step.done_on is None] == [
            ("decision", "regulator"),
            ("payment", "bank"),
        ]
        writer.do(WithdrawRefund(account_id=ACCOUNT, effective_on=DAY, refund_id="f1", reason="stays"))
        async with followed(database_url) as connection:
            found = await refund(connection)
            assert await refunds.list_page(connection, only_open=True) == [found]
        assert found.state == "withdrawn"
        settle(writer, found.legs[0].instruction_id)
        async with followed(database_url) as connection:
            assert await refunds.list_page(connection, only_open=True) == []
            assert (await refund(connection)).state == "withdrawn"


async def test_instructions_name_bank_and_route_and_end_with_the_banks_word(database_url: str) -> None:
    with writing(database_url) as writer:
        writer.open(ACCOUNT)
        writer.deposit(ACCOUNT, "r1", 300)
        back = ReturnSuspense(
            account_id=ACCOUNT, effective_on=DAY, suspense_id="suspense-r1", instruction_id="b1", reason="unknown"
        )
        writer.do(back)
        async with followed(database_url) as connection:
            (item,) = await suspense.list_page(connection, scope=Scope(bank="ICBK"))
            (order,) = await instructions.list_page(connection, scope=Scope(bank="ICBK"), state="pending")
            assert await instructions.list_page(connection, scope=Scope(bank="ABOC")) == []
            assert await instructions.list_page(connection, scope=Scope(family_ids=("family-1",))) == []
        assert (item.state, item.instruction_id, item.amount_fen) == ("returning", "b1", 300)
        assert (order.kind, order.subject_id, order.route, order.bank) == (
            "suspense_return",
            "suspense-r1",
            "route-r1",
            "ICBK",
        )
        settle(writer, "b1")
        async with followed(database_url) as connection:
            assert await suspense.list_page(connection) == []
            (item,) = await suspense.list_page(connection, only_open=False)
            (order,) = await instructions.list_page(connection)
        assert item.state == "returned"
        assert (order.state, order.bank_reference, order.settled_on) == ("settled", "entry-b1-settled", DAY)


async def test_suspense_shrinks_as_it_is_matched(database_url: str) -> None:
    with writing(database_url) as writer:
        writer.open(ACCOUNT)
        writer.sign(ACCOUNT, "c1")
        writer.deposit(ACCOUNT, "r1", 300)
        for amount_fen, left in [(100, [200]), (200, [])]:
            writer.do(
                MatchSuspense(
                    account_id=ACCOUNT,
                    effective_on=DAY,
                    suspense_id="suspense-r1",
                    contract_id="c1",
                    amount_fen=amount_fen,
                    reason="called",
                )
            )
            async with followed(database_url) as connection:
                assert [item.amount_fen for item in await suspense.list_page(connection)] == left


async def test_pages_neither_repeat_nor_pass_over_rows_while_others_come(database_url: str) -> None:
    with writing(database_url) as writer:
        for account in (ACCOUNT, OTHER):
            writer.open(account)
            for number in range(5):
                writer.sign(account, f"c{number}-{account}")
        seen: list[str] = []
        after: Cursor | None = None
        for more in range(20):
            async with followed(database_url) as connection:
                page = await contracts.list_page(connection, after=after, limit=3)
            if not page:
                break
            seen += [row.contract_id for row in page]
            after = Cursor(page[-1].partition, page[-1].position)
            if more < 3:  # both before and behind the cursor
                writer.sign(ACCOUNT, f"more-{more}")
                writer.sign(OTHER, f"other-{more}")
        async with followed(database_url) as connection:
            whole = [row.contract_id for row in await contracts.list_page(connection)]
    assert len(seen) == len(set(seen))
    assert {f"c{number}-{account}" for number in range(5) for account in (ACCOUNT, OTHER)} <= set(seen)
    assert [contract for contract in whole if contract in seen] == seen


async def test_the_legs_of_one_event_are_pages_too(database_url: str) -> None:
    with writing(database_url) as writer:
        writer.open(ACCOUNT)
        writer.sign(ACCOUNT, "c1")
        for number in range(3):
            writer.deposit(ACCOUNT, f"r{number}", 1_000, contract="c1")
        writer.do(RequestRefund(account_id=ACCOUNT, effective_on=DAY, refund_id="f1", contract_id="c1", reason="moved"))
        writer.do(AnswerRefund(account_id=ACCOUNT, effective_on=DAY, refund_id="f1", agree=True))
    async with followed(database_url) as connection:
        routes: list[str] = []
        after: Cursor | None = None
        while page := await instructions.list_page(connection, partition=0, state="pending", after=after, limit=1):
            routes += [order.route for order in page]
            after = Cursor(page[-1].partition, page[-1].position, page[-1].ordinal)
    assert routes == ["route-r2", "route-r1", "route-r0"]


async def test_history_is_read_from_the_log_with_its_postings(database_url: str) -> None:
    with writing(database_url) as writer:
        writer.open(ACCOUNT)
        writer.sign(ACCOUNT, "c1")
        writer.deposit(ACCOUNT, "r1", 1_000, contract="c1")
    async with await AsyncConnection.connect(database_url) as connection:
        first = await history.list_page(connection, partition=0, account_id=ACCOUNT, decode=decode_event, limit=2)
        rest = await history.list_page(
            connection, partition=0, account_id=ACCOUNT, decode=decode_event, after_version=first[-1].version
        )
    assert [entry.topic for entry in first + rest] == ["account.opened", "account.contract_signed", "account.fee_paid"]
    (paid,) = rest
    assert (paid.version, paid.position, paid.effective_on, paid.actor) == (3, 3, DAY, "regulator:test")
    assert paid.payload["amount_fen"] == 1_000
    assert "actor" not in paid.payload
    assert [tuple(posting) for posting in paid.postings] == [("cash", "", 1_000), ("prepaid", "c1", 1_000)]
    assert first[1].rules == ("refund.gift",)
