"""No sequence of commands lets a family's money, or the minimum balance, pay the institution beyond its advance."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.cost_advance import cost_advance
from ledger.domain.errors import LedgerError
from ledger.domain.free_for_payout import free_for_payout
from ledger.domain.policy import Period
from tests.domain.scenario import Scenario, package, switch, under

Step = tuple[str, int, int]
"""What is done, to which of three contracts or instructions, and with how much."""

PACKS: list[dict[str, Any]] = [
    {},
    {"advance_share_bp": 2_000},
    {"advance_share_bp": 10_000, "advance_cap_fen": 700, "payout_schedule": "weekly"},
    {"advance_share_bp": 5_000, "holding_days": 3, "payout_schedule": "per_lesson"},
    {"minimum_formula": "rolling_share", "minimum_share_bp": 2_000, "advance_share_bp": 3_000, "top_up_cover": True},
    {"payout_schedule": "after_order", "payout_within": Period(2), "advance_share_bp": 2_000},
    {"payout_minimum_multiple": 2, "movement_notice_days": 2, "advance_share_bp": 2_000},
    {"custody": "risk_deposit", "minimum_formula": "one_cycle", "advance_share_bp": 2_000},
]
OFTEN = ["pay", "teach", "payout", "advance", "settle", "reject", "close"] * 3
BANK_STEPS = [*OFTEN, "minimum", "deposit", "release", "refund"]
KEPT_STEPS = ["keep", "teach", "refund", "repay", "draw_reserve"] * 3
ALL_STEPS = [*BANK_STEPS, "correct", "seize", "restore", "stray", "hold", "announce", "pack", *KEPT_STEPS[:5]]


def steps(kinds: list[str]) -> st.SearchStrategy[list[Step]]:
    return st.lists(st.tuples(st.sampled_from(kinds), st.integers(0, 2), st.integers(1, 900)), min_size=8, max_size=40)


class Town:
    """An account with three contracts, on which anything may be tried."""

    def __init__(self, terms: dict[str, Any]) -> None:
        self.scenario = under(**terms)
        self.count = 0
        for number in range(3):
            self.scenario.sign(f"c{number}", package(1, 900 + number, 7))
        self.attempt(("keep" if terms.get("custody") else "pay", 0, 800))
        self.attempt(("pay", 1, 250))

    def attempt(self, step: Step) -> list[e.Event]:
        """The events of the step; none when it is refused, which every step may be."""
        kind, which, amount_fen = step
        self.count += 1
        try:
            return getattr(self, f"_{kind}")(which, amount_fen)
        except LedgerError:
            return []

    def _do(self, kind: type[c.Command], **said: Any) -> list[e.Event]:
        return self.scenario.do(kind, **said)

    def _pay(self, which: int, amount_fen: int) -> list[e.Event]:
        due_fen = self.scenario.account.contracts[f"c{which}"].due_fen
        return self.scenario.pay(
            f"c{which}", due_fen if amount_fen > 300 else amount_fen, bank_reference=f"fee-{self.count}"
        )

    def _stray(self, _: int, amount_fen: int) -> list[e.Event]:
        return self.scenario.pay("", amount_fen, bank_reference=f"stray-{self.count}")

    def _deposit(self, _: int, amount_fen: int) -> list[e.Event]:
        return self.scenario.pay("", amount_fen, bank_reference=f"own-{self.count}", purpose="reserve")

    def _keep(self, which: int, amount_fen: int) -> list[e.Event]:
        due_fen = self.scenario.account.contracts[f"c{which}"].due_fen
        said = {"contract_id": f"c{which}", "receipt_no": str(self.count)}
        return self._do(c.ReportKeptFee, amount_fen=min(amount_fen, due_fen), **said)

    def _teach(self, which: int, amount_fen: int) -> list[e.Event]:
        events: list[e.Event] = []
        for number in range(amount_fen % 3 + 1):
            with suppress(LedgerError):
                events += self.scenario.teach(f"lesson-{self.count}-{number}", f"c{which}")
        return events

    def _correct(self, which: int, amount_fen: int) -> list[e.Event]:
        contract = self.scenario.account.contracts[f"c{which}"]
        drawn = sorted(contract.draws)
        if not drawn:
            return []
        lesson_id = drawn[amount_fen % len(drawn)]
        return self._do(c.CorrectLesson, lesson_id=lesson_id, contracts=(contract.contract_id,))

    def _payout(self, _: int, amount_fen: int) -> list[e.Event]:
        """A fen less than what is free, as much, or a fen more."""
        asked_fen = free_for_payout(self.scenario.account, self.scenario.today).free_fen + amount_fen % 3 - 1
        return self._do(c.RequestPayout, amount_fen=asked_fen, instruction_id=f"payout-{self.count}")

    def _advance(self, _: int, amount_fen: int) -> list[e.Event]:
        """A fen less than what is available, as much, or a fen more."""
        policy = self.scenario.policies.of("own", self.scenario.today)
        available_fen = cost_advance(self.scenario.account, policy, self.scenario.today).available_fen
        asked_fen = available_fen + amount_fen % 3 - 1
        return self._do(c.RequestAdvance, amount_fen=asked_fen, instruction_id=f"advance-{self.count}")

    def _announce(self, _: int, amount_fen: int) -> list[e.Event]:
        return self._do(c.AnnouncePayout, amount_fen=amount_fen)

    def _word(self, which: int, outcome: str) -> list[e.Event]:
        pending = self.scenario.pending()
        if not pending:
            return []
        return self.scenario.settle(pending[which % len(pending)], outcome, bank_reference=f"word-{self.count}")

    def _settle(self, which: int, _: int) -> list[e.Event]:
        return self._word(which, "settled")

    def _reject(self, which: int, _: int) -> list[e.Event]:
        return self._word(which, "rejected")

    def _minimum(self, _: int, amount_fen: int) -> list[e.Event]:
        return self._do(c.SetMinimumBalance, amount_fen=amount_fen)

    def _hold(self, which: int, amount_fen: int) -> list[e.Event]:
        if f"hold-{which}" in self.scenario.account.holds:
            return self._do(c.ReleaseHold, hold_id=f"hold-{which}")
        return self._do(c.HoldFunds, hold_id=f"hold-{which}", amount_fen=amount_fen // 9 + 1)

    def _release(self, _: int, amount_fen: int) -> list[e.Event]:
        return self._do(c.ReleaseReserve, amount_fen=amount_fen)

    def _seize(self, _: int, amount_fen: int) -> list[e.Event]:
        return self._do(c.RecordUnexplainedDebit, amount_fen=amount_fen // 9 + 1, bank_reference=f"seized-{self.count}")

    def _restore(self, _: int, amount_fen: int) -> list[e.Event]:
        return self._do(c.RestoreUnexplainedDebit, amount_fen=amount_fen, bank_reference=f"restored-{self.count}")

    def _refund(self, which: int, _: int) -> list[e.Event]:
        refund_id = f"refund-{self.count}"
        asked = self._do(c.RequestRefund, contract_id=f"c{which}", refund_id=refund_id)
        return [*asked, *self._do(c.AnswerRefund, refund_id=refund_id, agree=True)]

    def _of_refund(self, kind: type[c.Command], which: int, amount_fen: int) -> list[e.Event]:
        """A fen less than what is open of a refund, as much, or a fen more."""
        refunds = sorted(self.scenario.account.unpaid_refunds)
        if not refunds:
            return []
        refund_id = refunds[which % len(refunds)]
        open_fen = self.scenario.account.refunds[refund_id].to_instruct_fen
        return self._do(kind, refund_id=refund_id, amount_fen=open_fen + amount_fen % 3 - 1)

    def _repay(self, which: int, amount_fen: int) -> list[e.Event]:
        return self._of_refund(c.RecordInstitutionRefund, which, amount_fen)

    def _draw_reserve(self, which: int, amount_fen: int) -> list[e.Event]:
        return self._of_refund(c.DrawReserve, which, amount_fen)

    def _close(self, which: int, _: int) -> list[e.Event]:
        return self.scenario.later(which).do(c.CloseDay)

    def _pack(self, _: int, amount_fen: int) -> list[e.Event]:
        switch(self.scenario, **PACKS[amount_fen % len(PACKS)])
        return []


def play(town: Town, script: list[Step], check: Callable[[list[e.Event]], None]) -> None:
    for step in script:
        check(town.attempt(step))


@given(terms=st.sampled_from(PACKS[:-1]), script=steps(BANK_STEPS))
def test_the_institution_never_has_more_than_its_lessons_its_own_money_and_the_advance_that_the_policy_allowed(
    terms: dict[str, Any], script: list[Step]
) -> None:
    town, given_fen, due_fen, allowed_fen = Town(terms), 0, 0, 0

    def check(events: list[e.Event]) -> None:
        nonlocal given_fen, due_fen, allowed_fen
        for event in events:
            match event:
                case e.PayoutInstructed() | e.AdvanceInstructed():
                    given_fen += event.amount_fen
                case e.PayoutFailed() | e.AdvanceFailed():
                    given_fen -= event.amount_fen
                case e.LessonDrawn():
                    due_fen += sum(line.amount_fen for line in event.lines)
                case e.ReserveReleased():
                    due_fen += event.amount_fen
                case e.AdvanceApproved():
                    allowed_fen = event.limit_fen
                case _:
                    pass
        assert given_fen - due_fen <= allowed_fen

    play(town, script, check)


def _leaves_enough(scenario: Scenario, events: list[e.Event]) -> None:
    """What stays after a payout or an advance was instructed."""
    b, minimum_fen = scenario.account.buckets, scenario.account.minimum_balance_fen
    left_fen = b.cash - b.payout_in_flight
    if any(isinstance(event, e.PayoutInstructed | e.AdvanceInstructed) for event in events):
        assert left_fen >= minimum_fen
        assert left_fen >= b.obligation_fen + b.suspense - b.advance
        assert left_fen >= b.refund_payable + b.suspense
        assert not scenario.account.holds or not any(isinstance(event, e.AdvanceInstructed) for event in events)


def _is_sound(scenario: Scenario) -> None:
    """The books after any command."""
    account, b = scenario.account, scenario.account.buckets
    assert min(msgspec.structs.asdict(b).values()) >= 0
    assert min(b.earned, b.advance) == 0, "earned money recoups an advance first"
    assert b.prepaid == sum(contract.prepaid_fen for contract in account.contracts.values())
    assert b.cash - b.payout_in_flight + b.exposure_fen >= b.obligation_fen + b.suspense
    for contract in account.contracts.values():
        for payment in contract.payments.values():
            assert 0 <= payment.kept_fen <= payment.amount_fen - payment.refunded_fen
    owed = sum(refund.agreed_fen - refund.paid_fen for refund in account.refunds.values())
    assert owed == b.refund_payable


@given(terms=st.sampled_from(PACKS), script=steps(ALL_STEPS))
def test_whatever_leaves_for_the_institution_leaves_families_and_the_minimum_whole(
    terms: dict[str, Any], script: list[Step]
) -> None:
    town = Town(terms)

    def check(events: list[e.Event]) -> None:
        _leaves_enough(town.scenario, events)
        _is_sound(town.scenario)

    play(town, script, check)


@given(script=steps([*KEPT_STEPS, "pay", "correct", "deposit", "pack", "payout", "settle", "close"]))
def test_in_risk_deposit_mode_and_out_of_it_the_books_stay_balanced(script: list[Step]) -> None:
    town = Town(PACKS[-1])
    play(town, script, lambda _: _is_sound(town.scenario))
