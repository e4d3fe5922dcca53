"""Decisions about what the bank says: balances, debits nobody instructed, and their return."""

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.money import MAX_FEN
from tests.domain.scenario import paid_contract


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
