"""Charts: whole numbers in, points of an SVG line out, whatever the amounts."""

from datetime import date, timedelta

import pytest

from api.web.charts import HEIGHT, WIDTH, balance_chart
from ledger.domain.account import Buckets
from ledger.projections.days import EffectiveBalance

FIRST = date(2026, 9, 1)


def days(*amounts: tuple[int, int]) -> list[EffectiveBalance]:
    return [
        EffectiveBalance(
            account_id="a", effective_on=FIRST + timedelta(days=n), buckets=Buckets(cash=cash, prepaid=prepaid)
        )
        for n, (cash, prepaid) in enumerate(amounts)
    ]


def test_an_amount_holds_until_the_next_days() -> None:
    chart = balance_chart(days((0, 0), (100, 50)))
    assert chart.cash == "6,144 360,144 360,6 714,6"
    assert chart.obligation == "6,144 360,144 360,75 714,75"
    assert chart.days == [(FIRST, 0, 0), (FIRST + timedelta(days=1), 100, 50)]
    assert (chart.lowest_on, chart.lowest_fen) == (FIRST, 0)


@pytest.mark.parametrize(
    "amounts", [[(0, 0)], [(-500, 20)], [(2**53 - 1, 1), (-(2**53 - 1), 1)], [(n * 7, n) for n in range(30)]]
)
def test_every_point_is_within_the_picture(amounts: list[tuple[int, int]]) -> None:
    chart = balance_chart(days(*amounts))
    for line in (chart.cash, chart.obligation):
        points = [tuple(map(int, point.split(","))) for point in line.split()]
        assert len(points) == 2 * len(amounts)
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert chart.lowest_fen == min(cash for cash, _ in amounts)
