"""Alerts are raised just beyond each limit and resolved when the figures recover, by events alone."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import AsyncConnection

from ledger.domain.account import Buckets
from ledger.domain.commands import (
    AnswerRefund,
    CloseDay,
    Command,
    DeliverLesson,
    RecordUnexplainedDebit,
    ReportBankBalance,
    RequestPayout,
    RequestRefund,
    RestoreUnexplainedDebit,
    SetMinimumBalance,
    SettleInstruction,
)
from ledger.projections import alerts
from ledger.projections.alert_rules.balance import below_minimum, falls_short, required_cash_fen
from ledger.projections.alert_rules.movement import exceeds_share, large_movement
from ledger.projections.alerts import Alert
from ledger.projections.paging import Scope
from tests.projections.log_writer import DAY, LogWriter, account_id, writing
from tests.projections.stored import followed

ACCOUNT = account_id(1)


def test_cash_at_the_minimum_is_enough() -> None:
    assert below_minimum(999, 1_000)
    assert not below_minimum(1_000, 1_000)
    assert not below_minimum(1_001, 1_000)


@pytest.mark.parametrize(
    ("cash_fen", "bank_fen", "short"),
    [(1_000, 1_000, False), (999, 1_000, True), (1_000, 999, True), (1_001, 1_001, False)],
)
def test_both_cash_and_the_banks_word_must_cover_what_is_required(cash_fen: int, bank_fen: int, short: bool) -> None:
    assert falls_short(cash_fen, bank_fen, 1_000) is short


def test_what_the_institution_has_is_not_required_in_cash() -> None:
    buckets = Buckets(prepaid=100, refund_payable=20, suspense=7, advance=30, held_by_institution=5, shortage=11)
    assert required_cash_fen(buckets) == 100 + 20 + 7 - 30 - 5


@pytest.mark.parametrize(("amount_fen", "large"), [(99, False), (100, False), (101, True)])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_movement_above_the_share_is_large(amount_fen: int, large: bool, sign: int) -> None:
    figures = large_movement(
        change_fen=sign * amount_fen, before_fen=1_000, earlier_outflows_fen=0, share_bp=1_000, on=DAY
    )
    assert (figures is not None) is large


@pytest.mark.parametrize(("earlier_fen", "large"), [(49, False), (50, False), (51, True)])
def test_outflows_of_seven_days_count_together_against_what_they_left(earlier_fen: int, large: bool) -> None:
    before_fen = 1_000 - earlier_fen
    figures = large_movement(
        change_fen=-50, before_fen=before_fen, earlier_outflows_fen=earlier_fen, share_bp=1_000, on=DAY
    )
    assert (figures is not None) is large
    incoming = large_movement(
        change_fen=50, before_fen=before_fen, earlier_outflows_fen=earlier_fen, share_bp=1_000, on=DAY
    )
    assert incoming is None


def test_an_empty_account_has_no_share() -> None:
    assert not exceeds_share(1, 0, 1_000)


class Story:
    """One account that was opened and has a contract."""

    def __init__(self, writer: LogWriter) -> None:
        self.writer = writer
        writer.open(ACCOUNT)
        writer.sign(ACCOUNT, "c1", price_fen=100_000, lessons=10)

    def do(self, *commands: Command) -> None:
        self.writer.do(*commands)

    def debit(self, reference: str, amount_fen: int, days: int = 0) -> None:
        self.do(
            RecordUnexplainedDebit(
                account_id=ACCOUNT,
                effective_on=DAY + timedelta(days=days),
                bank="ICBK",
                bank_reference=reference,
                amount_fen=amount_fen,
                kind="unknown",
                digest="0" * 64,
            )
        )

    def restore(self, reference: str, amount_fen: int, days: int = 0) -> None:
        self.do(
            RestoreUnexplainedDebit(
                account_id=ACCOUNT,
                effective_on=DAY + timedelta(days=days),
                bank="ICBK",
                bank_reference=reference,
                amount_fen=amount_fen,
                digest="0" * 64,
            )
        )

    def statement(self, balance_fen: int, days: int = 0) -> None:
        on = DAY + timedelta(days=days)
        self.do(
            ReportBankBalance(
                account_id=ACCOUNT, effective_on=on, bank="ICBK", statement_id=f"s{days}", balance_fen=balance_fen
            )
        )

    def minimum(self, amount_fen: int) -> None:
        self.do(SetMinimumBalance(account_id=ACCOUNT, effective_on=DAY, amount_fen=amount_fen, reason="fixed"))


async def of_rule(connection: AsyncConnection[Any], rule: str) -> list[Alert]:
    return await alerts.list_page(connection, rule=rule)


@pytest.mark.anyio
async def test_cash_below_the_minimum_raises_one_alert_until_it_is_covered(database_url: str) -> None:
    with writing(database_url) as writer:
        story = Story(writer)
        writer.deposit(ACCOUNT, "r1", 50_000, contract="c1")
        story.minimum(50_000)
        async with followed(database_url) as connection:
            assert await of_rule(connection, "balance.below_minimum") == []
        story.minimum(50_001)
        story.minimum(60_000)
        async with followed(database_url) as connection:
            (alert,) = await of_rule(connection, "balance.below_minimum")
        assert (alert.state, alert.severity, alert.subject_id) == ("raised", "red", str(ACCOUNT))
        assert alert.figures == {"cash_fen": 50_000, "minimum_fen": 50_001, "missing_fen": 1}
        assert "50001 fen" in alert.message
        assert "50001分" in alert.message_zh
        writer.deposit(ACCOUNT, "r2", 10_000, contract="c1")
        async with followed(database_url) as connection:
            (alert,) = await of_rule(connection, "balance.below_minimum")
            assert await alerts.get(connection, alert.alert_id) == alert
        assert alert.state == "resolved"
        assert alert.resolution == "Cash of 60000 fen covers the minimum balance of 60000 fen."
        story.minimum(60_001)
        async with followed(database_url) as connection:
            both = await of_rule(connection, "balance.below_minimum")
            still_open = await alerts.list_page(connection, rule="balance.below_minimum", only_open=True)
        assert [one.state for one in both] == ["resolved", "raised"]
        assert still_open == both[1:]


@pytest.mark.anyio
async def test_money_that_left_without_an_instruction_is_a_shortfall_until_it_is_back(database_url: str) -> None:
    with writing(database_url) as writer:
        story = Story(writer)
        writer.deposit(ACCOUNT, "r1", 50_000, contract="c1")
        writer.deposit(ACCOUNT, "r2", 100, purpose="reserve")
        story.debit("d1", 100)
        async with followed(database_url) as connection:
            assert await of_rule(connection, "balance.shortfall") == []
        story.debit("d2", 1)
        async with followed(database_url) as connection:
            (alert,) = await of_rule(connection, "balance.shortfall")
        assert alert.figures["missing_fen"] == 1
        story.restore("d3", 1)
        async with followed(database_url) as connection:
            (alert,) = await of_rule(connection, "balance.shortfall")
        assert alert.state == "resolved"


@pytest.mark.anyio
async def test_a_statement_is_judged_by_the_cash_of_its_own_day(database_url: str) -> None:
    with writing(database_url) as writer:
        story = Story(writer)
        writer.deposit(ACCOUNT, "r1", 50_000, contract="c1")
        writer.deposit(ACCOUNT, "r2", 10_000, contract="c1", on=DAY + timedelta(days=1))
        story.statement(50_000)  # of the day before the second deposit
        writer.deposit(ACCOUNT, "r3", 10_000, contract="c1", on=DAY + timedelta(days=2))
        async with followed(database_url) as connection:
            assert await of_rule(connection, "balance.shortfall") == []
        story.statement(69_999, days=2)
        async with followed(database_url) as connection:
            (alert,) = await of_rule(connection, "balance.shortfall")
        assert alert.figures == {"cash_fen": 70_000, "bank_fen": 69_999, "required_fen": 70_000, "missing_fen": 1}
        story.statement(50_000)  # an older one changes nothing
        async with followed(database_url) as connection:
            assert [one.state for one in await of_rule(connection, "balance.shortfall")] == ["raised"]
        # Booked late: the missing fen was a debit of that day, which the bank had and the ledger had not.
        writer.deposit(ACCOUNT, "r4", 1, purpose="reserve", on=DAY + timedelta(days=3))
        story.debit("d1", 1, days=2)
        async with followed(database_url) as connection:
            (alert,) = await of_rule(connection, "balance.shortfall")
        assert alert.state == "resolved"


@pytest.mark.anyio
async def test_a_large_movement_raises_one_alert_until_seven_quiet_days_have_passed(database_url: str) -> None:
    with writing(database_url) as writer:
        story = Story(writer)
        writer.deposit(ACCOUNT, "r0", 100_000, purpose="reserve")  # before it there was no balance
        writer.deposit(ACCOUNT, "r1", 10_000, purpose="reserve")  # 10 % is not above 10 %
        async with followed(database_url) as connection:
            assert await of_rule(connection, "movement.large") == []
        story.debit("d1", 11_000, days=1)
        async with followed(database_url) as connection:
            assert await of_rule(connection, "movement.large") == []
        story.debit("d2", 1, days=7)  # with the one of the first day it is above
        async with followed(database_url) as connection:
            (alert,) = await of_rule(connection, "movement.large")
        assert (alert.severity, alert.figures["days"], alert.figures["amount_fen"]) == ("yellow", 7, 11_001)
        assert alert.figures["before_fen"] == 110_000
        story.debit("d3", 9_000, days=13)
        async with followed(database_url) as connection:
            assert [one.state for one in await of_rule(connection, "movement.large")] == ["raised"]
        story.restore("d4", 1, days=14)
        async with followed(database_url) as connection:
            (alert,) = await of_rule(connection, "movement.large")
        assert alert.state == "resolved"
        assert alert.resolution is not None
        assert alert.resolution.startswith("No large movement in the 7 days to ")


@pytest.mark.anyio
async def test_an_overdue_refund_is_an_alert_until_it_is_paid(database_url: str) -> None:
    with writing(database_url) as writer:
        story = Story(writer)
        writer.deposit(ACCOUNT, "r1", 50_000, contract="c1")
        story.do(RequestRefund(account_id=ACCOUNT, effective_on=DAY, refund_id="f1", contract_id="c1", reason="moved"))
        story.do(AnswerRefund(account_id=ACCOUNT, effective_on=DAY, refund_id="f1", agree=True))
        due_on = writer.account(ACCOUNT).refunds["f1"].pay_due_on
        assert due_on is not None
        story.do(CloseDay(account_id=ACCOUNT, effective_on=due_on + timedelta(days=1)))
        async with followed(database_url) as connection:
            (alert,) = await of_rule(connection, "refund.overdue")
            assert await alerts.list_page(connection, scope=Scope(bank="ICBK"), rule="refund.overdue") == [alert]
            assert await alerts.list_page(connection, scope=Scope(bank="ABOC")) == []
            assert await alerts.list_page(connection, scope=Scope(family_ids=("family-1",))) == []
        assert (alert.subject_kind, alert.subject_id, alert.severity) == ("refund", "f1", "red")
        assert alert.figures["payable_fen"] == 50_000
        (instruction_id,) = writer.account(ACCOUNT).instructions
        story.do(
            SettleInstruction(
                account_id=ACCOUNT,
                effective_on=due_on + timedelta(days=1),
                bank="ICBK",
                instruction_id=instruction_id,
                outcome="settled",
                amount_fen=50_000,
                bank_reference="b1",
                digest="0" * 64,
            )
        )
        async with followed(database_url) as connection:
            (alert,) = await of_rule(connection, "refund.overdue")
        assert alert.state == "resolved"


@pytest.mark.anyio
async def test_consuming_and_paying_out_lessons_is_no_shortfall(database_url: str) -> None:
    with writing(database_url) as writer:
        story = Story(writer)
        writer.deposit(ACCOUNT, "r1", 100_000, contract="c1")
        lesson = DeliverLesson(
            account_id=ACCOUNT, effective_on=DAY, lesson_id="l1", course_id="course-1", minutes=45, contracts=("c1",)
        )
        story.do(lesson)
        story.do(RequestPayout(account_id=ACCOUNT, effective_on=DAY, instruction_id="p1", amount_fen=10_000))
        async with followed(database_url) as connection:
            assert await alerts.list_page(connection) == []
