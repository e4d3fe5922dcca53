"""Commands about alerts, and about what the rules cannot see in the account's own history."""

from datetime import date, time

from ledger.domain.commands.base import Command
from ledger.domain.events import AlertSubject, FactKind, FindingKind, TimetableCourse


class AlertCommand(Command, frozen=True, kw_only=True, gc=False):
    """About one alert. That it exists, is visible and open is the use case's to check: the account knows no alerts."""

    alert_id: str
    rule: str
    subject_kind: AlertSubject
    subject_id: str


class AcknowledgeAlert(AlertCommand, frozen=True, kw_only=True, gc=False):
    """Say that somebody has seen the alert."""

    note: str = ""


class AssignAlert(AlertCommand, frozen=True, kw_only=True, gc=False):
    """Give the alert to somebody."""

    assignee: str
    note: str = ""


class ResolveAlert(AlertCommand, frozen=True, kw_only=True, gc=False):
    """End the alert, and say why."""

    reason: str


class SilenceAlert(AlertCommand, frozen=True, kw_only=True, gc=False):
    """Let rule and subject of the alert call nobody through the day `until`."""

    reason: str
    until: date


class EndAlertSilence(AlertCommand, frozen=True, kw_only=True, gc=False):
    """Let an open alert call again whose silence ran out after the day `until`."""

    until: date


class EscalateAlert(AlertCommand, frozen=True, kw_only=True, gc=False):
    """Call the next one up: nobody acted on the alert since `waits_since`."""

    waits_since: date


class RecordFinding(Command, frozen=True, kw_only=True, gc=False):
    """Record what was found over several accounts or outside the ledger."""

    kind: FindingKind
    rule: str
    subject_kind: AlertSubject
    subject_id: str
    figures: dict[str, int | str]
    source: str


class RecordInstitutionFact(Command, frozen=True, kw_only=True, gc=False):
    """Record what was seen at the institution. The pupils that a head-count is compared with are the account's own."""

    kind: FactKind
    value: int
    before: int = 0
    source: str


class RecordPremises(Command, frozen=True, kw_only=True, gc=False):
    """Record opening hours (China time) and what each room takes."""

    opens_at: time
    closes_at: time
    rooms: dict[str, int]


class RecordTimetable(Command, frozen=True, kw_only=True, gc=False):
    """Record the seats that were filled in a month that is over."""

    month_starts_on: date
    courses: tuple[TimetableCourse, ...]
