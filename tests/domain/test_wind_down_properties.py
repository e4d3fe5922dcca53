"""Whatever happens in whatever order: nobody is paid more than is owed, no fen is lost, the institution comes last."""

from collections.abc import Callable
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.errors import LedgerError
from ledger.domain.free_for_payout import free_for_payout
from ledger.domain.wind_down import totals
from tests.domain.moving import OTHER_ID, Moving
from tests.domain.scenario import Scenario, package, under
from tests.domain.winding_down import allocated, claims, distribute, paid, settle_all, wind_down, work_through

FAMILIES = st.lists(st.tuples(st.integers(1, 4000), st.integers(0, 3)), min_size=1, max_size=6)
STEPS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5), st.integers(1, 2000)), max_size=25)


class Ending:
    """An institution on its way out: what its bank saw come and go, and what can happen to it."""

    def __init__(self, of: list[tuple[int, int]], *, kept: bool) -> None:
        self.scenario = under(custody="risk_deposit") if kept else Scenario()
        self.entries = 0
        for number, (price_fen, lessons) in enumerate(of, 1):
            contract_id = f"c{number}"
            self.scenario.sign(contract_id, package(1, price_fen, 4), family_id=f"family-{number}")
            if kept and number % 2:
                self.scenario.do(c.ReportKeptFee, contract_id=contract_id, amount_fen=price_fen, payer_route="r")
            else:
                self.scenario.pay(contract_id, price_fen, payer_route=f"route-{number}")
            for lesson in range(lessons):
                self.scenario.teach(f"{contract_id}-{lesson}", contract_id)
        self.owed = {i: contract.prepaid_fen for i, contract in self.scenario.account.contracts.items()}

    def _reference(self) -> str:
        self.entries += 1
        return f"own-{self.entries}"

    def step(self, kind: int, pick: int, amount_fen: int) -> None:
        """One thing that may happen; what is refused leaves no trace."""
        do: tuple[Callable[[], object], ...] = (
            lambda: self.scenario.do(c.ContinueWindDown),
            lambda: self.scenario.do(c.DistributeClaims),
            lambda: self._bank(pick, "settled"),
            lambda: self._bank(pick, "rejected"),
            lambda: self._returned(pick),
            lambda: self.scenario.do(c.RecordUnexplainedDebit, amount_fen=amount_fen, bank_reference=self._reference()),
            lambda: self.scenario.do(
                c.RestoreUnexplainedDebit, amount_fen=amount_fen, bank_reference=self._reference()
            ),
            lambda: self.scenario.pay("c1", amount_fen),
            lambda: self.scenario.do(
                c.PostDeposit,
                amount_fen=amount_fen,
                purpose="reserve",
                contract_reference="",
                bank_reference=self._reference(),
                suspense_id="s",
            ),
            lambda: self.scenario.later(1).do(c.CloseDay),
        )
        try:
            do[kind]()
        except LedgerError:
            return

    def _bank(self, pick: int, outcome: str) -> None:
        waiting = self.scenario.pending()
        if waiting:
            self.scenario.settle(waiting[pick % len(waiting)], outcome, bank_reference=self._reference())

    def _returned(self, pick: int) -> None:
        sent = [i for i, one in self.scenario.account.instructions.items() if one.state == "paid"]
        if sent:
            self.scenario.settle(sent[pick % len(sent)], "returned", bank_reference=self._reference())

    def check(self) -> None:
        """What is true after every step."""
        account = self.scenario.account
        b = account.buckets
        received = paid(self.scenario)
        assert all(received.get(contract_id, 0) <= owed_fen for contract_id, owed_fen in self.owed.items())
        assert min(b.cash, b.reserve, b.refund_payable, b.suspense) >= 0
        assert b.refund_payable == sum(r.agreed_fen - r.paid_fen for r in account.refunds.values())
        for refund in account.refunds.values():
            assert 0 <= refund.in_flight_fen + refund.paid_fen <= refund.given_fen <= refund.agreed_fen
        for contract in account.contracts.values():
            for payment in contract.payments.values():
                assert 0 <= payment.refunded_fen <= payment.amount_fen
        if account.wind_down is not None and b.obligation_fen:
            assert free_for_payout(account, self.scenario.today).free_fen == 0
            report = totals(account)
            assert report.claims_fen == report.paid_fen + report.held_fen + report.lost_fen

    def finish(self) -> None:
        """All that is missing comes back, and the bank pays everything."""
        scenario = self.scenario
        work_through(scenario)
        missing_fen = scenario.account.buckets.obligation_fen + scenario.account.buckets.suspense
        scenario.do(
            c.PostDeposit,
            amount_fen=missing_fen + 1,
            purpose="reserve",
            contract_reference="",
            bank_reference=self._reference(),
            suspense_id="s",
        )
        try:
            distribute(scenario)
        except LedgerError as refusal:
            assert refusal.code == "distribution_nothing"  # noqa: PT017
        while scenario.account.buckets.refund_payable:
            for refund_id in list(scenario.account.unpaid_refunds):
                if scenario.account.refunds[refund_id].to_instruct_fen:
                    scenario.do(c.InstructRefund, refund_id=refund_id)
            settle_all(scenario)


@given(of=FAMILIES, before=STEPS, after=STEPS, kept=st.booleans())
@settings(max_examples=60)
def test_families_are_paid_exactly_what_they_are_owed_and_nobody_more(
    of: list[tuple[int, int]], before: list[tuple[int, int, int]], after: list[tuple[int, int, int]], kept: bool
) -> None:
    ending = Ending(of, kept=kept)
    for step in before[:6]:
        if step[0] in (5, 6, 8):
            ending.step(*step)
    ending.scenario.do(c.StartWindDown)
    for step in (*before, *after):
        ending.step(*step)
        ending.check()
    ending.finish()
    ending.check()
    assert {i: f for i, f in paid(ending.scenario).items() if f} == {i: f for i, f in ending.owed.items() if f}
    payouts = [ev for ev in ending.scenario.history if isinstance(ev, e.PayoutInstructed | e.AdvanceInstructed)]
    assert payouts == []


@given(of=FAMILIES, seized=st.integers(0, 100), order=st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_what_a_family_gets_does_not_depend_on_the_order_of_contracts(
    of: list[tuple[int, int]], seized: int, order: Random
) -> None:
    shuffled = list(enumerate(of, 1))
    order.shuffle(shuffled)
    results: list[tuple[dict[str, int], dict[str, int]]] = []
    for arrangement in (list(enumerate(of, 1)), shuffled):
        scenario = Scenario()
        for number, (price_fen, lessons) in arrangement:
            scenario.sign(f"c{number}", package(1, price_fen, 4))
            scenario.pay(f"c{number}", price_fen)
            for lesson in range(lessons):
                scenario.teach(f"c{number}-{lesson}", f"c{number}")
        taken_fen = scenario.account.buckets.cash * seized // 100
        if taken_fen:
            scenario.do(c.RecordUnexplainedDebit, amount_fen=taken_fen)
        claimed = claims(wind_down(scenario))
        shared_fen = min(sum(claimed.values()), scenario.account.buckets.cash)
        given = allocated(distribute(scenario)) if shared_fen else {}
        assert sum(given.values()) == shared_fen
        assert all(given[contract_id] <= claimed[contract_id] for contract_id in given)
        results.append((claimed, given))
    assert results[0] == results[1]


MOVES = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 5), st.integers(1, 1000)), max_size=30)


@given(of=st.lists(st.integers(1, 3000), min_size=1, max_size=4), moves=MOVES, winding=st.booleans())
@settings(max_examples=60)
def test_money_of_both_accounts_is_conserved_in_any_order_of_transfers_and_banks_words(
    of: list[int], moves: list[tuple[int, int, int]], winding: bool
) -> None:
    moving = Moving(*of)
    old, new = moving.old, moving.new
    old.do(c.NotifyClosure, closes_on=old.today)
    if winding:
        wind_down(old)
    arriving: dict[str, int] = {}
    out_fen = 0
    start_fen = moving.money_fen
    for entries, (kind, pick, amount_fen) in enumerate(moves):
        contract_id = f"c{1 + pick % len(of)}"
        try:
            match kind:
                case 0:
                    old.do(c.AcceptContinuity, contract_id=contract_id, to_account_id=str(OTHER_ID))
                case 1:
                    received = moving.move(contract_id)
                    arriving[received.transfer_id] = received.amount_fen
                case 2 | 3:
                    waiting = old.pending()
                    if waiting:
                        one = waiting[pick % len(waiting)]
                        for event in old.settle(
                            one, "settled" if kind == 2 else "rejected", bank_reference=f"e-{entries}"
                        ):
                            out_fen += event.amount_fen if isinstance(event, e.RefundPaid) else 0
                case 4:
                    sent = sorted(arriving.keys() - old.account.transfers_out.keys())
                    if sent:
                        transfer_id = sent[pick % len(sent)]
                        moving.bank_receives(transfer_id, arriving.pop(transfer_id))
                case 5:
                    old.do(c.RevokeContinuity, contract_id=contract_id)
                case 6:
                    old.do(c.DistributeClaims)
                case 7:
                    old.do(c.CloseDay)
                    if old.account.wind_down is not None:
                        old.do(c.ContinueWindDown)
                case _:
                    out_fen += min(amount_fen, old.account.buckets.cash)
                    old.do(
                        c.RecordUnexplainedDebit,
                        amount_fen=min(amount_fen, old.account.buckets.cash),
                        bank_reference=f"e-{entries}",
                    )
        except LedgerError:
            pass
        assert moving.money_fen == start_fen - out_fen
        assert new.account.buckets.in_transit == sum(arriving.values())
        assert new.account.buckets.prepaid == new.account.buckets.cash + new.account.buckets.in_transit
        for number, price_fen in enumerate(of, 1):
            moved_fen = sum(
                ev.amount_fen
                for ev in old.history
                if isinstance(ev, e.ContinuityTransferred) and ev.contract_id == f"c{number}"
            )
            assert moved_fen + paid(old).get(f"c{number}", 0) <= price_fen
