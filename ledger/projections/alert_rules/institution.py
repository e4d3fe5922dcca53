"""The rule about institutions that may be about to close: several signs within some months."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from ledger.projections.alert_rules.rule import AlertRule

SAMPLES = 4
"""Weeks that are compared: cover that fell, and a backlog that rose, three times in a row."""

RUNAWAY = AlertRule(
    id="institution.runaway",
    severity="red",
    source="cover, refund backlog, registry and inspections",
    subject_kind="account",
    parameters={"samples": SAMPLES},
    dated=("runaway_days",),
    en="Cash covers the outflows of {cover_days} days, falling for weeks, and {backlog_fen} fen of refunds wait, "
    "rising for weeks, to {on}.",
    zh="截至{on}，现金仅可覆盖{cover_days}日支出且连续数周下降，待退费{backlog_fen}分且连续数周上升。",
    resolved_en="No signs of a runaway in the {days} days to {on}.",
    resolved_zh="截至{on}的{days}日内无卷款跑路迹象。",
    ways={
        "teachers_left": (
            "Teachers left, from {before} to {value} ({source}); cover falls or refunds pile up: {backlog_fen} fen.",
            "教师由{before}人减至{value}人，同时待退费{backlog_fen}分或备付下降（{source}）。",
        ),
        "ownership_and_promotion": (
            "The legal person changed on {changed_on}, a promotion spike was seen on {spike_on}: within {days} days.",
            "{changed_on}法定代表人变更，{spike_on}出现促销异常，间隔不超过{days}日。",
        ),
        "capital_cut": (
            "The registered capital was cut from {before} to {value} fen ({source}).",
            "注册资本由{before}分减至{value}分（{source}）。",
        ),
    },
)


def cover_days(cash_fen: int, outflow_fen: int, days: int) -> int:
    """For how many days cash lasts if it goes out as in the last `days`; rounded down, and at most 9999."""
    return min(9_999, cash_fen * days // outflow_fen) if outflow_fen > 0 else 9_999


def falls(samples: Sequence[int]) -> bool:
    """Whether each of the last `SAMPLES` values is below the one before."""
    last = samples[-SAMPLES:]
    return len(last) == SAMPLES and all(later < earlier for earlier, later in pairwise(last))


def rises(samples: Sequence[int]) -> bool:
    """Whether each of the last `SAMPLES` values is above the one before."""
    return falls([-value for value in samples])


def signs_together(signs: Mapping[str, int], today: int, days: int) -> str | None:
    """The way in which signs of the last `days` trip the rule (empty: its own sentence), or None.

    `signs` are days as ordinals, by name.
    """
    recent = {name for name, day in signs.items() if 0 <= today - day <= days}
    if "capital_cut" in recent:
        return "capital_cut"
    if {"legal_person_changed", "promotion_spike"} <= recent:
        apart = abs(signs["legal_person_changed"] - signs["promotion_spike"])
        if apart <= days:
            return "ownership_and_promotion"
    if "teachers_left" in recent and recent & {"cover_falls", "backlog_rises"}:
        return "teachers_left"
    if {"cover_falls", "backlog_rises"} <= recent:
        return ""
    return None
