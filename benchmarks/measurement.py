"""One measured figure beside its yardstick and its budget."""

import statistics
import tomllib
from collections.abc import Callable
from pathlib import Path

import msgspec


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """`ratio` is `value / yardstick_value`; `ok` says whether it keeps the budget."""

    name: str
    value: float
    unit: str
    yardstick: str
    yardstick_value: float
    ratio: float
    budget: str
    ok: bool
    note: str = ""


def _budgets() -> dict[str, tuple[str, float, str]]:
    tables = tomllib.loads((Path(__file__).parent / "budgets.toml").read_text(encoding="utf-8"))
    return {name: (bound, limit, text) for bound, table in tables.items() for name, (limit, text) in table.items()}


BUDGETS = _budgets()


def measured(name: str, value: float, unit: str, yardstick_value: float, note: str = "") -> Measurement:
    """The figure judged by the budget of its name."""
    bound, limit, text = BUDGETS[name]
    ratio = value / yardstick_value
    return Measurement(
        name=name,
        value=round(value, 4),
        unit=unit,
        yardstick=text,
        yardstick_value=round(yardstick_value, 4),
        ratio=round(ratio, 3),
        budget=f"{'>=' if bound == 'at_least' else '<='} {limit:g}",
        ok=ratio >= limit if bound == "at_least" else ratio <= limit,
        note=note,
    )


def median_of(rounds: int, run: Callable[[], float]) -> float:
    """The median of several runs."""
    return statistics.median(run() for _ in range(rounds))
