"""Refunds go back along the routes by which the money came, newest payment first, exact to the fen."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import commands as c
from ledger.domain import events as e
from tests.domain.scenario import Scenario, package


def paid_in_parts(*parts_fen: int) -> Scenario:
    """One package of as many lessons as fen; payment n came by `route-n`."""
    scenario = Scenario()
    price_fen = sum(parts_fen)
    scenario.do(c.AssignPolicy, pack="default")
    scenario.sign("c1", package(1, price_fen, min(price_fen, 2000)))
    for number, part in enumerate(parts_fen, 1):
        scenario.pay("c1", part, payer_route=f"route-{number}")
    return scenario


def legs(events: list[e.Event]) -> list[tuple[str, int]]:
    return [(leg.route, leg.amount_fen) for ev in events if isinstance(ev, e.RefundInstructed) for leg in ev.legs]


def test_the_newest_payment_goes_back_first() -> None:
    scenario = paid_in_parts(100, 200, 300)
    scenario.do(c.RequestRefund, contract_id="c1")
    assert legs(scenario.do(c.AnswerRefund, agree=False, offered_fen=299)) == [("route-3", 299)]
    assert legs(scenario.do(c.OrderRefund, amount_fen=502)) == [("route-3", 1), ("route-2", 200), ("route-1", 2)]


def test_an_amount_just_at_a_payment_uses_that_route_alone() -> None:
    for offered_fen, expected in [
        (300, [("route-3", 300)]),
        (301, [("route-3", 300), ("route-2", 1)]),
    ]:
        scenario = paid_in_parts(100, 200, 300)
        scenario.do(c.RequestRefund, contract_id="c1")
        assert legs(scenario.do(c.AnswerRefund, agree=False, offered_fen=offered_fen)) == expected


def test_a_route_that_bounced_takes_its_money_again() -> None:
    scenario = paid_in_parts(100, 200)
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund)
    first, second = scenario.pending()
    scenario.settle(first, "rejected")
    scenario.settle(second)
    assert legs(scenario.do(c.InstructRefund)) == [("route-2", 200)]


def test_no_instruction_takes_the_place_of_another_that_waits() -> None:
    scenario = paid_in_parts(100, 100, 100, 100, 100)
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund)
    for _ in range(4):
        scenario.settle(scenario.pending()[0], "rejected")
        scenario.do(c.InstructRefund)
        waiting = [scenario.account.instructions[i] for i in scenario.pending()]
        assert sum(instruction.amount_fen for instruction in waiting) == 500
    ids = [leg.instruction_id for ev in scenario.history if isinstance(ev, e.RefundInstructed) for leg in ev.legs]
    assert len(ids) == len(set(ids)) == 9
    for instruction_id in scenario.pending():
        scenario.settle(instruction_id)
    assert (scenario.account.buckets.cash, scenario.account.buckets.refund_payable) == (0, 0)


@given(
    parts=st.lists(st.integers(1, 400), min_size=1, max_size=6),
    shares=st.tuples(st.integers(0, 100), st.integers(0, 100)),
    bounced=st.integers(0, 63),
)
def test_no_route_gets_more_than_it_paid_and_the_sums_are_exact(
    parts: list[int], shares: tuple[int, int], bounced: int
) -> None:
    scenario = paid_in_parts(*parts)
    total_fen = sum(parts)
    offered_fen, ordered_fen = sorted(total_fen * share // 100 for share in shares)
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund, agree=False, offered_fen=min(offered_fen, total_fen - 1))
    for number, instruction_id in enumerate(scenario.pending()):
        scenario.settle(instruction_id, "rejected" if bounced >> number & 1 else "settled")
    ordered_fen = max(1, ordered_fen, min(offered_fen, total_fen - 1))
    scenario.do(c.OrderRefund, amount_fen=ordered_fen)
    for instruction_id in scenario.pending():
        scenario.settle(instruction_id)
    routes = {
        leg.instruction_id: leg.route
        for ev in scenario.history
        if isinstance(ev, e.RefundInstructed)
        for leg in ev.legs
    }
    paid_back: dict[str, int] = {}
    for event in scenario.history:
        if isinstance(event, e.RefundPaid):
            route = routes[event.instruction_id]
            paid_back[route] = paid_back.get(route, 0) + event.amount_fen
    assert sum(paid_back.values()) == ordered_fen == total_fen - scenario.account.buckets.cash
    assert all(amount <= parts[int(route.removeprefix("route-")) - 1] for route, amount in paid_back.items())
    newest_first = [paid_back.get(f"route-{number}", 0) for number in range(len(parts), 0, -1)]
    left = ordered_fen
    for got, paid in zip(newest_first, reversed(parts), strict=True):
        assert got == min(paid, left)
        left -= got
