"""However confirmations, disputes, silence and corrections interleave, nobody pays twice or for what it won."""

from datetime import timedelta
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.account import Contract
from ledger.domain.errors import LedgerError
from ledger.domain.free_for_payout import free_for_payout
from ledger.domain.money import cumulative_floor
from tests.domain.scenario import Scenario, package

PRICE_FEN, LESSONS = 10007, 9
FAMILIES = ("c1", "c2", "c3")


class Step(NamedTuple):
    """One thing that happens: what, to which lesson and family, and after how many days."""

    what: str
    lesson: int
    family: int
    days: int
    flag: bool


WHATS = (
    *["teach"] * 7,
    *["confirm", "dispute", "resolve", "close"] * 3,
    *["correct", "absent", "leave", "refund", "withdraw", "withdraw", "payout"],
)
STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from(WHATS),
        st.integers(0, 11),
        st.integers(0, 2),
        st.sampled_from([0, 0, 0, 1, 3, 8, 25]),
        st.booleans(),
    ),
    min_size=12,
    max_size=45,
)


class Books:
    """What families paid, kept apart from the ledger: by (contract, lesson), from the events' lines."""

    def __init__(self) -> None:
        self.paid: dict[tuple[str, str], int] = {}
        self.won: set[tuple[str, str]] = set()
        self.missed: set[tuple[str, str]] = set()

    def see(self, events: list[e.Event]) -> None:
        for event in events:
            match event:
                case e.LessonDrawn():
                    for line in event.lines:
                        key = line.contract_id, event.lesson_id
                        assert key not in self.paid, "paid twice"
                        assert key not in self.won, "paid although the dispute was decided for the family"
                        assert key not in self.missed, "paid although it did not happen"
                        self.paid[key] = line.amount_fen
                case e.DrawReversed():
                    for line in event.lines:
                        assert self.paid.pop((line.contract_id, event.lesson_id)) == line.amount_fen
                case e.DisputeResolved(outcome="dropped"):
                    self.won.add((event.line.contract_id, event.lesson_id))
                case e.LeaveRecorded():
                    self.missed.add((event.contract_id, event.lesson_id))
                case e.AbsenceRecorded():
                    self.missed |= {(contract_id, event.lesson_id) for contract_id in event.contracts}
                case _:
                    pass


def command_of(step: Step, number: int, scenario: Scenario) -> tuple[type[c.Command], dict[str, Any]]:
    """The command that a step stands for; the account may refuse it."""
    contract_id = FAMILIES[step.family]
    contract = scenario.account.contracts[contract_id]
    # New lessons are drawn from twelve names, so that one comes twice; what is done to them mostly fits their state.
    known = {
        "teach": [],
        "leave": [],
        "absent": [*contract.pending, *contract.draws][step.lesson % 2 :],
        "correct": [*contract.pending, *contract.draws],
        "dispute": [lesson for lesson, draw in contract.draws.items() if draw.deemed] or [*contract.pending],
        "resolve": [lesson for lesson, pending in contract.pending.items() if pending.disputed],
    }.get(step.what, list(contract.pending))
    lesson_id = known[step.lesson % len(known)] if known else f"lesson-{step.lesson}"
    one = {"lesson_id": lesson_id, "contract_id": contract_id}
    some = {"lesson_id": lesson_id, "contracts": FAMILIES if step.flag else (contract_id,)}
    refund_id = contract.open_refund or "none"
    match step.what:
        case "teach":
            return c.DeliverLesson, some
        case "confirm":
            return c.ConfirmLesson, one
        case "dispute":
            return c.DisputeLesson, one
        case "resolve":
            return c.ResolveDispute, one | {"outcome": "drawn" if step.flag else "dropped"}
        case "correct":
            return c.CorrectLesson, some
        case "absent":
            return c.RecordAbsence, some | {"lesson_on": scenario.today}
        case "leave":
            return c.RecordLeave, one | {"lesson_on": scenario.today}
        case "refund":
            return c.RequestRefund, {"contract_id": contract_id, "refund_id": f"refund-{number}"}
        case "withdraw":
            return c.WithdrawRefund, {"refund_id": refund_id}
        case "payout":
            return c.RequestPayout, {"amount_fen": 1 + step.lesson * 300, "instruction_id": f"payout-{number}"}
        case _:
            return c.CloseDay, {}


def happen(scenario: Scenario, step: Step, number: int) -> list[e.Event]:
    kind, said = command_of(step, number, scenario)
    try:
        return scenario.do(kind, **said)
    except LedgerError:
        return []


def value(lesson: int) -> int:
    return cumulative_floor(PRICE_FEN, LESSONS, lesson) - cumulative_floor(PRICE_FEN, LESSONS, lesson - 1)


def check_contract(contract: Contract) -> None:
    """Each lesson number is drawn, kept, free again or still to come, and is worth `E(k) - E(k-1)` wherever it is."""
    (charge,) = contract.packages
    if charge.refunded_fen:  # what an agreed refund took is no lesson's any more
        assert charge.unreserved_fen >= 0
    drawn = [draw.lesson for draw in contract.draws.values()]
    kept = [pending.lesson for pending in contract.pending.values()]
    assert sorted(drawn + kept + charge.reopened) == list(range(1, charge.next_lesson))
    assert charge.drawn_fen == sum(value(lesson) for lesson in drawn)
    assert charge.reserved_fen == sum(value(lesson) for lesson in kept)
    assert (charge.drawn_lessons, charge.reserved_lessons) == (len(drawn), len(kept))
    if not kept and not charge.reopened:
        assert charge.drawn_fen == cumulative_floor(PRICE_FEN, LESSONS, len(drawn))
    assert contract.prepaid_fen == charge.prepaid_fen >= charge.reserved_fen >= 0


def check(scenario: Scenario, books: Books) -> None:
    account = scenario.account
    for contract in account.contracts.values():
        check_contract(contract)
        paid = sum(amount for (contract_id, _), amount in books.paid.items() if contract_id == contract.contract_id)
        assert paid == sum(charge.drawn_fen for charge in contract.packages)
    waiting = {
        (day, lesson_id, contract_id)
        for day, lessons in account.lessons_due.items()
        for lesson_id, contracts in lessons.items()
        for contract_id in contracts
    }
    assert waiting == {
        (pending.deemed_on.isoformat(), lesson_id, contract.contract_id)
        for contract in account.contracts.values()
        for lesson_id, pending in contract.pending.items()
        if pending.deemed_on is not None
    }
    assert all(account.lessons_due.values())
    # What waits is still the families', and the cash for it is there.
    buckets = account.buckets
    assert buckets.cash + buckets.advance >= buckets.obligation_fen
    assert free_for_payout(account, scenario.today).free_fen <= max(0, buckets.cash - buckets.obligation_fen)


@settings(max_examples=150)
@given(STEPS)
def test_no_family_pays_twice_or_what_it_disputed_rightly(steps: list[Step]) -> None:
    scenario = Scenario()
    scenario.do(c.AssignPolicy, pack="asked")
    for contract_id in FAMILIES:
        scenario.sign(
            contract_id, package(1, PRICE_FEN, LESSONS - 2, gifts=2), ends_on=scenario.today.replace(year=2030)
        )
        scenario.pay(contract_id, PRICE_FEN)
    books = Books()
    for number, step in enumerate(steps):
        scenario.later(step.days)
        books.see(happen(scenario, step, number))
        check(scenario, books)


@settings(max_examples=60)
@given(st.permutations(range(1, LESSONS + 1)), st.lists(st.booleans(), min_size=LESSONS, max_size=LESSONS))
def test_the_draws_add_up_to_the_price_in_whatever_order_families_answer(order: list[int], spoken: list[bool]) -> None:
    scenario = Scenario()
    scenario.do(c.AssignPolicy, pack="asked")
    scenario.sign("c1", package(1, PRICE_FEN, LESSONS))
    scenario.pay("c1", PRICE_FEN)
    scenario.teach_many("c1", LESSONS)
    for number in order:
        if spoken[number - 1]:
            scenario.do(c.ConfirmLesson, lesson_id=f"lesson-{number}")
    scenario.later(30).do(c.CloseDay)
    assert (scenario.account.buckets.earned, scenario.account.buckets.prepaid) == (PRICE_FEN, 0)
    assert scenario.account.contracts["c1"].pending == {}
    assert scenario.today > scenario.history[0].effective_on + timedelta(days=29)
