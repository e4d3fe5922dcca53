"""Events of alerts: what people and the clock decided about them, and what the rules are told beside the account."""

from datetime import date, time
from typing import Literal

from ledger.domain.events.base import Event, Value, topic
from ledger.domain.events.reconciliation import BreakKind

AlertSubject = Literal[
    "account", "cash", "contract", "course", "device", "lesson", "month", "payment", "refund", "report", "student"
]
FindingKind = Literal["charge_split", "paid_elsewhere", "payer_is_staff"]
FactKind = Literal["legal_person_changed", "capital_cut", "promotion_spike", "teachers_left", "head_count"]


class AlertEvent(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """About the alert `alert_id`, which a rule raised on a subject of this account."""

    alert_id: str
    rule: str
    subject_kind: AlertSubject
    subject_id: str


@topic("account.alert_acknowledged")
class AlertAcknowledged(AlertEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Somebody has seen the alert and answers for it."""

    note: str = ""


@topic("account.alert_assigned")
class AlertAssigned(AlertEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Somebody is to deal with the alert; `assignee` is an opaque id."""

    assignee: str
    note: str = ""


@topic("account.alert_resolved")
class AlertResolved(AlertEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Somebody ended the alert and says why."""

    reason: str


@topic("account.alert_silenced")
class AlertSilenced(AlertEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """This alert, and new ones of its rule and subject, call nobody through the day `until`."""

    reason: str
    until: date


@topic("account.alert_silence_ended")
class AlertSilenceEnded(AlertEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The silence of an alert that is still open ran out after the day `until`: it calls again."""

    until: date


@topic("account.alert_escalated")
class AlertEscalated(AlertEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Nobody acted by `due_on` on an alert that waited since `waits_since`."""

    waits_since: date
    due_on: date


class DetectionParameters(Value, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What a policy pack says about detection: shares in basis points, days, counts, fen. No field has a default."""

    large_movement_bp: int
    offbook_share_bp: int
    offbook_periods: int
    silent_share_bp: int
    silent_days: int
    silent_least: int
    quick_confirmation_s: int
    device_families: int
    runaway_days: int
    round_trip_days: int


FIRST_DETECTION = DetectionParameters(
    large_movement_bp=1_000,
    offbook_share_bp=7_000,
    offbook_periods=2,
    silent_share_bp=4_000,
    silent_days=30,
    silent_least=20,
    quick_confirmation_s=60,
    device_families=3,
    runaway_days=90,
    round_trip_days=10,
)
"""What holds for an account until an event says otherwise. Never changes, because no event says it."""


@topic("account.detection_parameters_set")
class DetectionParametersSet(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """From here on the rules judge the account by these parameters of its pack."""

    parameters: DetectionParameters


@topic("account.finding_recorded")
class FindingRecorded(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Something that no single account's history shows tripped a rule; `figures` are those of its sentences."""

    kind: FindingKind
    rule: str
    subject_kind: AlertSubject
    subject_id: str
    figures: dict[str, int | str]
    source: str


@topic("account.institution_fact_recorded")
class InstitutionFactRecorded(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What a registry, a regulator or an inspection saw at the institution on the effective day.

    `value` and `before` are fen of capital, counts of teachers or pupils, basis points of a discount, 0 for none; of a
    head-count, `before` are the pupils under contract.
    """

    kind: FactKind
    value: int
    before: int
    source: str


@topic("account.premises_recorded")
class PremisesRecorded(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Opening hours (China time) and how many pupils each room takes; replaces what was recorded before."""

    opens_at: time
    closes_at: time
    rooms: dict[str, int]


class TimetableCourse(Value, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Seats of a course that were filled in a month, and the published fee of a seat for that month (fen)."""

    course_id: str
    seats: int
    price_fen: int


@topic("account.timetable_recorded")
class TimetableRecorded(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What was taught in the month that begins on `month_starts_on`, by the institution's timetable."""

    month_starts_on: date
    courses: tuple[TimetableCourse, ...]


@topic("account.bank_break_overdue")
class BankBreakOverdue(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The bank's balance of `statement_on` differs from our cash of that day, and nobody explained it by `due_on`.

    `difference_fen` is what the bank has more, in fen. `break_id` and `kind` name the break; events from
    before breaks had names have neither; they are about a day's closing balance.
    """

    statement_on: date
    difference_fen: int
    due_on: date
    break_id: str = ""
    kind: BreakKind | None = None
