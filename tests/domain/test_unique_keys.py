"""What is unique over all accounts: a command names the key that its events will take."""

import pytest

from ledger.domain import commands as c
from ledger.domain.unique_keys import UniqueKey, key_of_command, key_of_event
from tests.domain.scenario import ACCOUNT_ID, BANK, Scenario, paid_contract


def paid_refund() -> tuple[Scenario, str]:
    scenario = paid_contract()
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund)
    [leg] = scenario.pending()
    return scenario, leg


def test_the_bank_s_entries_are_keyed_for_payments_and_for_what_came_back() -> None:
    scenario, leg = paid_refund()
    for outcome, reference, kind in (("settled", "7", "debit"), ("returned", "7", "credit")):
        said = {"instruction_id": leg, "outcome": outcome, "amount_fen": 1000, "bank_reference": reference}
        key = key_of_command(scenario.command(c.SettleInstruction, **said))
        assert key == UniqueKey(kind, f"{BANK}/{reference}", "d")
        [event] = scenario.do(c.SettleInstruction, **said)
        assert key_of_event(ACCOUNT_ID, event) == key


def test_the_credit_that_came_back_and_a_deposit_of_it_are_one_entry() -> None:
    scenario, leg = paid_refund()
    returned = scenario.command(
        c.SettleInstruction, instruction_id=leg, outcome="returned", amount_fen=1000, bank_reference="credit-7"
    )
    deposit = scenario.command(
        c.PostDeposit, bank_reference="credit-7", amount_fen=1000, suspense_id="suspense-7", digest="other"
    )
    one, other = key_of_command(returned), key_of_command(deposit)
    assert one is not None
    assert other is not None
    assert (one.kind, one.key) == (other.kind, other.key)
    assert one.digest != other.digest
    assert other.refusal().code == "entry_reused"


@pytest.mark.parametrize("said", [{"bank_reference": "", "digest": ""}, {}])
def test_a_refusal_before_the_money_left_is_no_entry(said: dict[str, str]) -> None:
    scenario, leg = paid_refund()
    command = scenario.command(c.SettleInstruction, instruction_id=leg, outcome="rejected", amount_fen=1000, **said)
    assert key_of_command(command) is None
