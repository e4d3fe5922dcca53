"""Whatever is asked of orders in whatever order: each is in one message and paid once at most, and no fen is lost."""

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.decisions import decide
from ledger.domain.errors import LedgerError
from tests.domain.scenario import Scenario, package, under

ACTORS = ("institution:erp", "institution:desk", "regulator:office", "institution:erp/li", "institution:erp/wang")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["payout", "return", "refund", "approve", "decline", "export", "settle", "reject", "return_refund", "close"]
        ),
        st.sampled_from(ACTORS),
        st.integers(0, 7),
    ),
    min_size=5,
    max_size=40,
)


class Town:
    """One account, and what its orders have been through."""

    def __init__(self, control: str) -> None:
        self.scenario = under(payment_dual_control=control, suspense_return_after_days=3, suspense_return_notice_days=1)
        self.scenario.sign("c1", package(1, 1000, 10))
        self.scenario.pay("c1", 1000)
        self.scenario.teach_many("c1", 4)
        for _ in range(3):
            self.scenario.pay("", 70)
        self.exported: Counter[str] = Counter()
        self.paid: Counter[str] = Counter()
        self.approved: set[str] = set()
        self.left_fen = 0

    def attempt(self, kind: type[c.Command], **said: Any) -> None:
        """Ask; a refusal changes nothing."""
        scenario = self.scenario
        try:
            decide(scenario.account, scenario.command(kind, **said), scenario.context())
        except LedgerError:
            return
        self.note(scenario.do(kind, **said))

    def note(self, events: list[e.Event]) -> None:
        for event in events:
            match event:
                case e.InstructionExported():
                    self.exported.update(order.instruction_id for order in event.orders)
                case e.InstructionApproved():
                    self.approved.update(order.instruction_id for order in event.orders)
                    assert event.actor not in event.makers
                case e.PayoutSettled() | e.AdvancePaid() | e.RefundPaid() | e.SuspenseReturned():
                    self.paid[event.instruction_id] += 1
                    self.left_fen += event.amount_fen
                case e.RefundReturned():
                    self.left_fen -= event.amount_fen
                case _:
                    pass

    def step(self, what: str, actor: str, pick: int) -> None:
        scenario = self.scenario
        scenario.actor = actor
        ids = [*scenario.account.instructions, "nobody"]
        one = ids[pick % len(ids)]
        instruction = scenario.account.instructions.get(one)
        number = len(scenario.history)
        match what:
            case "payout":
                self.attempt(c.RequestPayout, instruction_id=f"p-{number}", amount_fen=40)
            case "return":
                item = ["suspense-2", "suspense-3", "suspense-4"][pick % 3]
                self.attempt(c.ReturnSuspense, suspense_id=item, instruction_id=f"b-{number}")
            case "refund":
                self.attempt(c.RequestRefund, contract_id="c1")
                self.attempt(c.AnswerRefund)
                self.attempt(c.InstructRefund)
            case "approve":
                self.attempt(c.ApproveInstruction, instruction_ids=(one,))
            case "decline":
                self.attempt(c.DeclineInstruction, instruction_id=one)
            case "export":
                self.attempt(c.ExportInstructions, instruction_ids=tuple(ids), message_id=f"m-{pick}")
            case "close":
                scenario.later(1)
                self.note(scenario.do(c.CloseDay))
            case _:
                outcome = {"settle": "settled", "reject": "rejected"}.get(what, "returned")
                said = {"amount_fen": instruction.amount_fen if instruction else 1, "bank_reference": f"r-{number}"}
                self.attempt(c.SettleInstruction, instruction_id=one, outcome=outcome, **said)


@settings(max_examples=150)
@given(st.sampled_from(["none", "payouts", "all"]), STEPS)
def test_an_order_is_in_one_message_and_paid_once_at_most_and_money_is_conserved(
    control: str, steps: list[tuple[str, str, int]]
) -> None:
    town = Town(control)
    came_in = 1000 + 3 * 70
    for what, actor, pick in steps:
        town.step(what, actor, pick)
        account = town.scenario.account
        assert account.buckets.cash == came_in - town.left_fen
        waiting = [i for i in account.instructions.values() if i.state != "paid"]
        payouts = sum(i.amount_fen for i in waiting if i.kind in ("payout", "advance"))
        assert account.buckets.payout_in_flight == payouts
        refunds = sum(i.amount_fen for i in waiting if i.kind == "refund")
        assert sum(r.in_flight_fen for r in account.refunds.values()) == refunds
        assert sum(item.amount_fen for item in account.suspense.values()) == account.buckets.suspense
        assert all(i.state != "exported" or town.exported[name] == 1 for name, i in account.instructions.items())
        assert all(
            name in town.approved
            for name, i in account.instructions.items()
            if i.needs_approval and i.state in ("approved", "exported")
        )
    assert max(town.exported.values(), default=1) == 1
    assert max(town.paid.values(), default=1) == 1


def test_a_refused_step_leaves_no_trace() -> None:
    scenario = Scenario()
    scenario.refuses("instruction_not_found", c.ApproveInstruction, instruction_ids=("nobody",))
    scenario.refuses("instruction_not_found", c.DeclineInstruction, instruction_id="nobody")
    assert scenario.do(c.ExportInstructions, instruction_ids=("nobody",)) == []
