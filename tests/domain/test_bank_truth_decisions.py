"""Decisions about what the bank says: balances, debits nobody instructed, and their return."""

from datetime import timedelta

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.money import MAX_FEN
from ledger.domain.unique_keys import key_of_command, key_of_event
from tests.domain.scenario import ACCOUNT_ID, MONDAY, paid_contract


@pytest.mark.parametrize("balance_fen", [-5, 0, 12345])
def test_any_balance_of_the_custodian_is_recorded_and_moves_nothing(balance_fen: int) -> None:
    scenario = paid_contract()
    movements = scenario.account.movements
    scenario.one(e.BankBalanceReported, c.ReportBankBalance, balance_fen=balance_fen)
    assert (scenario.account.bank_balance_fen, scenario.account.movements) == (balance_fen, movements)


def test_another_bank_knows_nothing_about_the_account() -> None:
    scenario = paid_contract()
    scenario.refuses("bank_mismatch", c.ReportBankBalance, bank="CCB", balance_fen=1)
    scenario.refuses("bank_mismatch", c.RecordUnexplainedDebit, bank="CCB", amount_fen=1)
    scenario.refuses("bank_mismatch", c.RestoreUnexplainedDebit, bank="CCB", amount_fen=1)


def test_a_debit_that_nobody_instructed_is_owed_back() -> None:
    scenario = paid_contract()
    refusal = scenario.refuses("debit_above_cash", c.RecordUnexplainedDebit, amount_fen=1001)
    assert refusal.figures == {"cash_fen": 1000, "amount_fen": 1001}
    scenario.refuses("amount_not_positive", c.RecordUnexplainedDebit, amount_fen=0)
    scenario.refuses("amount_too_large", c.RecordUnexplainedDebit, amount_fen=MAX_FEN + 1)
    scenario.one(e.UnexplainedDebitRecorded, c.RecordUnexplainedDebit, amount_fen=1000)
    buckets = scenario.account.buckets
    assert (buckets.cash, buckets.shortage, buckets.exposure_fen, buckets.loss_if_closed_today_fen) == (
        0,
        1000,
        1000,
        1000,
    )


def test_at_most_the_shortage_is_restored() -> None:
    scenario = paid_contract()
    scenario.do(c.RecordUnexplainedDebit, amount_fen=100)
    refusal = scenario.refuses("debit_restored_too_much", c.RestoreUnexplainedDebit, amount_fen=101)
    assert refusal.figures == {"shortage_fen": 100, "amount_fen": 101}
    scenario.refuses("amount_not_positive", c.RestoreUnexplainedDebit, amount_fen=0)
    scenario.do(c.RestoreUnexplainedDebit, amount_fen=99)
    scenario.do(c.RestoreUnexplainedDebit, amount_fen=1)
    scenario.refuses("debit_restored_too_much", c.RestoreUnexplainedDebit, amount_fen=1)
    assert (scenario.account.buckets.cash, scenario.account.buckets.shortage) == (1000, 0)


ENTRY = e.StatementEntry(entry_reference="entry-1", amount_fen=-5, booked_on=MONDAY, kind="bank_fee")


def test_a_statement_is_recorded_as_the_bank_says_it_and_moves_nothing() -> None:
    scenario = paid_contract()
    movements = scenario.account.movements
    said = {"statement_id": "s1", "opening_fen": 7, "closing_fen": -3, "entries": (ENTRY,)}
    event = scenario.one(e.BankStatementRecorded, c.RecordBankStatement, **said)
    assert (event.entries, event.effective_on, event.opening_fen, event.closing_fen) == ((ENTRY,), MONDAY, 7, -3)
    assert (scenario.account.bank_balance_fen, scenario.account.movements) == (-3, movements)


def test_a_statement_counts_for_its_last_day_and_has_the_parts_it_says() -> None:
    scenario = paid_contract()
    said = {"statement_id": "s1", "opening_fen": 0, "closing_fen": 0}
    scenario.refuses("bank_mismatch", c.RecordBankStatement, **said, bank="CCB")
    before = MONDAY - timedelta(days=1)
    scenario.refuses("statement_period_wrong", c.RecordBankStatement, **said, to_on=before, from_on=before)
    scenario.refuses("statement_period_wrong", c.RecordBankStatement, **said, from_on=MONDAY + timedelta(days=1))
    for part in (0, 3):
        refusal = scenario.refuses("statement_part_wrong", c.RecordBankStatement, **said, part=part, parts=2)
        assert refusal.figures == {"part": part, "parts": 2}
    for amount_fen in (MAX_FEN + 1, -MAX_FEN - 1):
        scenario.refuses("total_too_large", c.RecordBankStatement, **(said | {"opening_fen": amount_fen}))
    scenario.do(c.RecordBankStatement, **said, from_on=before, part=2, parts=2)


def test_a_part_of_a_statement_is_one_fact() -> None:
    scenario = paid_contract()
    said = {"statement_id": "s/1", "opening_fen": 0, "closing_fen": -5, "entries": (ENTRY,)}
    key = key_of_command(scenario.command(c.RecordBankStatement, **said))
    [event] = scenario.do(c.RecordBankStatement, **said)
    assert key is not None
    assert key == key_of_event(ACCOUNT_ID, event)
    other = key_of_command(scenario.command(c.RecordBankStatement, **(said | {"closing_fen": -6})))
    assert other is not None
    assert ((other.kind, other.key), other.digest == key.digest) == ((key.kind, key.key), False)
    refusal = other.refusal()
    assert (refusal.code, refusal.figures) == ("statement_reused", {"statement_id": "s/1", "part": 1})
    second = key_of_command(scenario.command(c.RecordBankStatement, **said, part=2, parts=2))
    assert second is not None
    assert second.key != key.key
