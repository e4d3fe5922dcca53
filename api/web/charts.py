"""Small charts made on the server: numbers to the points of an SVG line, and the sentence's figures beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from ledger.projections.days import EffectiveBalance

WIDTH: Final = 720
HEIGHT: Final = 150
_MARGIN: Final = 6


@dataclass(frozen=True, slots=True)
class BalanceChart:
    """Cash and obligation (fen) at the end of each of some days, as SVG points and as a table."""

    days: list[tuple[date, int, int]]
    cash: str
    obligation: str
    lowest_on: date
    lowest_fen: int


def balance_chart(balances: Sequence[EffectiveBalance]) -> BalanceChart:
    """The chart of an account's last days, of which there is at least one."""
    days = [(one.effective_on, one.buckets.cash, one.buckets.obligation_fen) for one in balances]
    bottom = min(0, *(fen for _, *amounts in days for fen in amounts))
    top = max(bottom + 1, *(fen for _, *amounts in days for fen in amounts))
    lowest_on, lowest_fen, _ = min(days, key=lambda one: one[1])
    return BalanceChart(
        days=days,
        cash=_points([cash for _, cash, _ in days], bottom, top),
        obligation=_points([obligation for _, _, obligation in days], bottom, top),
        lowest_on=lowest_on,
        lowest_fen=lowest_fen,
    )


def _points(amounts: Sequence[int], bottom: int, top: int) -> str:
    """Steps: an amount holds until the next day's."""
    width, height = WIDTH - 2 * _MARGIN, HEIGHT - 2 * _MARGIN
    points: list[str] = []
    for number, amount in enumerate(amounts):
        left, right = (_MARGIN + (number + ahead) * width // len(amounts) for ahead in (0, 1))
        y = _MARGIN + height - (amount - bottom) * height // (top - bottom)
        points += [f"{left},{y}", f"{right},{y}"]
    return " ".join(points)
