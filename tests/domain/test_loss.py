"""The loss if the institution closed today, shared over everybody who is owed, to the fen."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import commands as c
from ledger.domain.account import Buckets, Contract, EscrowAccount, PackageState, Suspense
from ledger.domain.loss import loss_if_closed
from tests.domain.scenario import ACCOUNT_ID, paid_contract


def test_nothing_is_lost_while_the_cash_covers_everybody() -> None:
    loss = loss_if_closed(paid_contract().account)
    assert (loss.loss_fen, loss.obligation_fen, loss.suspense_loss_fen) == (0, 1000, 0)
    [family] = loss.families
    assert (family.family_id, family.claim_fen, family.loss_fen) == ("family-1", 1000, 0)


def test_a_refund_that_is_not_paid_is_a_claim() -> None:
    scenario = paid_contract()
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund)
    scenario.do(c.RecordUnexplainedDebit, amount_fen=400)
    loss = loss_if_closed(scenario.account)
    [family] = loss.families
    assert (family.prepaid_fen, family.refunds_fen, family.loss_fen, loss.loss_fen) == (0, 1000, 400, 400)


def contract(number: int, family: int, prepaid_fen: int) -> Contract:
    package = PackageState(number=1, price_fen=prepaid_fen, paid_lessons=1, gift_lessons=0, paid_fen=prepaid_fen)
    some = paid_contract().account.contracts["c1"]
    made = EscrowAccount(id=ACCOUNT_ID, contracts={"c1": some}).copy().contracts["c1"]
    made.contract_id, made.family_id, made.packages = f"c{number}", f"f{family}", [package]
    made.prepaid_fen = prepaid_fen
    return made


@given(
    claims=st.lists(st.tuples(st.integers(1, 4), st.integers(0, 10_000)), max_size=8),
    suspense=st.lists(st.integers(1, 5_000), max_size=3),
    cash=st.integers(0, 60_000),
)
def test_the_parts_add_up_to_the_loss_and_nobody_loses_more_than_is_owed(
    claims: list[tuple[int, int]], suspense: list[int], cash: int
) -> None:
    prepaid_fen = sum(amount_fen for _, amount_fen in claims)
    account = EscrowAccount(
        id=ACCOUNT_ID,
        buckets=Buckets(cash=cash, prepaid=prepaid_fen, suspense=sum(suspense)),
        contracts={f"c{n}": contract(n, family, amount) for n, (family, amount) in enumerate(claims)},
        suspense={f"s{n}": Suspense(amount_fen=fen, reference="", route="") for n, fen in enumerate(suspense)},
    )
    loss = loss_if_closed(account)
    assert loss.loss_fen == max(0, prepaid_fen + sum(suspense) - cash)
    assert sum(one.loss_fen for one in loss.families) + loss.suspense_loss_fen == loss.loss_fen
    assert all(0 <= one.loss_fen <= one.claim_fen for one in loss.families)
    assert sum(one.claim_fen for one in loss.families) == prepaid_fen
