"""Rules about lessons: impossible ones, and those that nobody really confirmed."""

from collections.abc import Iterable

from ledger.projections.alert_rules.rule import AlertRule, Figures

IMPOSSIBLE = AlertRule(
    id="lesson.impossible",
    severity="yellow",
    source="lessons against each other, opening hours and rooms",
    subject_kind="lesson",
    en="Lesson {lesson_id} cannot have taken place as recorded.",
    zh="课时{lesson_id}不可能如记录所述进行。",
    resolved_en="Lesson {lesson_id} was taken back.",
    resolved_zh="课时{lesson_id}已撤回。",
    ways={
        "teacher_twice": (
            "Teacher {holder} gave lessons {lesson_id} and {other_id} at the same time, at {at}.",
            "教师{holder}于{at}同时上课时{lesson_id}和{other_id}。",
        ),
        "room_twice": (
            "Room {holder} had lessons {lesson_id} and {other_id} at the same time, at {at}.",
            "教室{holder}于{at}同时安排课时{lesson_id}和{other_id}。",
        ),
        "outside_hours": (
            "Lesson {lesson_id} from {at} to {ends} is outside the opening hours {opens} to {closes}.",
            "课时{lesson_id}（{at}至{ends}）不在开放时间{opens}至{closes}内。",
        ),
        "above_capacity": (
            "Lesson {lesson_id} had {pupils} pupils in room {holder}, which takes {capacity}.",
            "课时{lesson_id}有学员{pupils}人，教室{holder}仅容纳{capacity}人。",
        ),
    },
)
SILENT = AlertRule(
    id="lesson.silent",
    severity="yellow",
    source="how families confirmed their lessons",
    subject_kind="account",
    dated=("silent_share_bp", "silent_days", "silent_least", "quick_confirmation_s", "device_families"),
    en="Of {draws} lessons drawn in the {days} days to {on}, {silent} were drawn by silence or confirmed within "
    "{quick_s} s: above {share_bp} basis points.",
    zh="截至{on}的{days}日内消课{draws}次，其中{silent}次为视为确认或{quick_s}秒内确认，超过万分之{share_bp}。",
    resolved_en="Of {draws} lessons drawn in the {days} days to {on}, {silent} were silent.",
    resolved_zh="截至{on}的{days}日内消课{draws}次，其中{silent}次为视为确认，已恢复正常。",
    ways={
        "one_device": (
            "{contracts} contracts were confirmed from one device in {days} days: above {limit}.",
            "{days}日内同一设备确认了{contracts}份合同，超过{limit}份。",
        )
    },
)

Span = tuple[str, int, int]
"""A lesson and the minutes of its day from and to which it lasts; the end is not in it."""


def overlapping(lesson: Span, others: Iterable[Span]) -> Span | None:
    """The first other lesson at the same time; one that ends when the lesson begins is none."""
    lesson_id, starts, ends = lesson
    for other in others:
        if other[0] != lesson_id and other[1] < ends and starts < other[2]:
            return other
    return None


def is_silent(silent: int, draws: int, *, share_bp: int, least: int) -> bool:
    """Whether more than `share_bp` basis points of at least `least` draws were silent; equal is not more."""
    return draws >= least and silent * 10_000 > share_bp * draws


def clock_time(minutes: int) -> str:
    """A minute of the day as HH:MM."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def silent_figures(*, draws: int, silent: int, days: int, quick_s: int, share_bp: int, on: str) -> Figures:
    """For the sentences of `lesson.silent`."""
    return {"draws": draws, "silent": silent, "days": days, "quick_s": quick_s, "share_bp": share_bp, "on": on}
