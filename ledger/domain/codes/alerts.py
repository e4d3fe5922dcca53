"""Refusal codes: alerts, and what the rules are told."""

CODES: dict[str, tuple[str, str]] = {
    "alert_not_found": ("There is no alert {alert_id}.", "没有预警{alert_id}。"),
    "alert_resolved": ("Alert {alert_id} is resolved already.", "预警{alert_id}已解除。"),
    "alert_acknowledged": (
        "Alert {alert_id} is {state}: it waits for no acknowledgement.",
        "预警{alert_id}当前为{state}，无需确认。",
    ),
    "alert_silence_wrong": (
        "A silence lasts from {earliest} at the earliest to {latest} at the latest, not to {until}.",
        "静默截止日须在{earliest}至{latest}之间，不得为{until}。",
    ),
    "alert_not_due": (
        "Alert {alert_id} waits since {waits_since}; somebody may act on it through {due_on}.",
        "预警{alert_id}自{waits_since}起待处理，期限至{due_on}。",
    ),
    "alert_still_silenced": (
        "Alert {alert_id} is silenced through {until}.",
        "预警{alert_id}静默至{until}。",
    ),
    "finding_figures_wrong": (
        "A finding of kind {kind} is about rule {rules} and has the figures {names}.",
        "{kind}类发现须适用规则{rules}，并列明{names}。",
    ),
    "fact_wrong": (
        "What was seen ({value}) is to be less than before ({before}), and not below zero.",
        "所见数值（{value}）须小于原值（{before}），且不得为负。",
    ),
    "premises_wrong": (
        "The premises open at {opens_at}, close at {closes_at}, and each room takes at least one pupil.",
        "场所开放时间{opens_at}至{closes_at}须先开后闭，且每间教室至少容纳一人。",
    ),
    "timetable_wrong": (
        "A timetable is of a calendar month that is over, without negative numbers; it begins on {month_starts_on}.",
        "课表须为已结束的自然月且数值不为负；本表起始于{month_starts_on}。",
    ),
}
