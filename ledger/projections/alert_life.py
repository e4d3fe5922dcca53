"""The life of an alert: raised, acknowledged, assigned, silenced, escalated, resolved; each change is kept.

One alert is open for a rule and a subject at a time. What a person or the clock decided names the alert that they saw;
it changes nothing when another one is open by then, or none. A silence is about rule and subject, whichever is open.
"""

from datetime import date, timedelta
from hashlib import blake2b

from ledger.domain.events import (
    AlertAcknowledged,
    AlertAssigned,
    AlertEscalated,
    AlertEvent,
    AlertResolved,
    AlertSilenced,
    AlertSilenceEnded,
    AlertSubject,
)
from ledger.projections.alert_records import (
    Alert,
    AlertAccount,
    AlertChange,
    AlertChangeKind,
    AlertedSubject,
    AlertRefund,
    AlertRows,
    ConfirmingDevice,
    Holder,
    Slot,
)
from ledger.projections.alert_rules import AlertRule, Figures
from ledger.projections.alert_rules.rule import filled
from ledger.projections.logged_event import LoggedEvent

_CHINA = timedelta(hours=8)


def alert_id_of(at: LoggedEvent, rule: str, subject_id: str) -> str:
    """Made of the place, the rule and the subject alone, so that other rules do not change it."""
    digest = blake2b(f"{rule}\0{subject_id}".encode(), digest_size=6).hexdigest()
    return f"{at.partition}-{at.position}-{digest}"


def kind_of(holder: Holder) -> AlertSubject:
    """What a holder's alerts are about."""
    match holder:
        case AlertAccount():
            return "account"
        case AlertRefund():
            return "refund"
        case ConfirmingDevice():
            return "device"
        case AlertedSubject():
            return holder.subject_kind


def _recorded_on(at: LoggedEvent) -> date:
    """The day in China: a silence is about whom to call, not about the day that a fact counts for."""
    return (at.event.recorded_at + _CHINA).date()


class AlertLife:
    """Changes alerts and writes down each change, in the order of the log."""

    def __init__(self, rows: AlertRows) -> None:
        self._rows = rows
        self._position = 0
        self._ordinal = 0

    def trip(
        self, at: LoggedEvent, holder: Holder, rule: AlertRule, subject_id: str, figures: Figures, *, way: str = ""
    ) -> None:
        """The rule's figures are beyond its limit: an alert, unless one is open. The caller changes the holder."""
        slot = holder.slots.setdefault(rule.id, Slot())
        if slot.open is not None:
            return
        silenced_until = slot.silenced_until
        if silenced_until is not None and silenced_until < _recorded_on(at):
            silenced_until = slot.silenced_until = None
        message, message_zh = rule.sentences(figures, way)
        alert = Alert(
            alert_id=alert_id_of(at, rule.id, subject_id),
            partition=at.partition,
            position=at.position,
            ordinal=self._next_ordinal(at),
            account_id=at.account_id,
            rule=rule.id,
            severity=rule.severity,
            source=rule.source,
            subject_kind=kind_of(holder),
            subject_id=subject_id,
            raised_on=at.event.effective_on,
            raised_at=at.event.recorded_at,
            waits_since=_recorded_on(at),
            figures=figures,
            message=message,
            message_zh=message_zh,
            state="raised" if silenced_until is None else "silenced",
            silenced_until=silenced_until,
        )
        slot.open = alert
        self._note(at, alert, "raised" if silenced_until is None else "silenced", alert.ordinal, until=silenced_until)

    def recover(self, at: LoggedEvent, holder: Holder, rule: AlertRule, figures: Figures) -> None:
        """The rule's figures are within its limit: an open alert resolves by itself."""
        slot = holder.slots.get(rule.id)
        if slot is None or slot.open is None:
            return
        shown = slot.open.figures | figures
        self._resolve(
            at,
            holder,
            slot,
            slot.open,
            by="",
            reason=filled(rule.resolved_en, shown),
            reason_zh=filled(rule.resolved_zh, shown),
        )

    def decide(self, at: LoggedEvent, holder: Holder, e: AlertEvent) -> None:
        """What a person or the clock decided."""
        slot = holder.slots.get(e.rule)
        if isinstance(e, AlertSilenced):
            slot = holder.slots.setdefault(e.rule, Slot())
            slot.silenced_until = e.until
            if slot.open is not None:
                self._silence(at, slot.open, e)
            return
        if slot is None:
            return
        if isinstance(e, AlertSilenceEnded) and slot.silenced_until == e.until:
            slot.silenced_until = None
        alert = slot.open
        if alert is None or alert.alert_id != e.alert_id:
            return
        match e:
            case AlertAcknowledged():
                self._acknowledge(at, alert, e.note)
            case AlertAssigned():
                self._assign(at, alert, e)
            case AlertEscalated():
                if alert.state == "raised" and alert.escalated_on is None:
                    alert.escalated_on = e.effective_on
                    self._note(at, alert, "escalated")
            case AlertSilenceEnded():
                self._call_again(at, alert, e)
            case AlertResolved():
                self._resolve(at, holder, slot, alert, by=e.actor, reason=e.reason, reason_zh=e.reason)
            case _:
                raise AssertionError(type(e))

    def _acknowledge(self, at: LoggedEvent, alert: Alert, note: str) -> None:
        if alert.acknowledged_at is None and alert.state in ("raised", "silenced"):
            alert.acknowledged_by, alert.acknowledged_at = at.event.actor, at.event.recorded_at
            alert.state = "acknowledged"
            alert.silenced_until = None
            self._note(at, alert, "acknowledged", reason=note)

    def _assign(self, at: LoggedEvent, alert: Alert, e: AlertAssigned) -> None:
        alert.assignee, alert.assigned_at = e.assignee, e.recorded_at
        alert.state = "assigned"
        alert.silenced_until = None
        self._note(at, alert, "assigned", reason=e.note)

    def _silence(self, at: LoggedEvent, alert: Alert, e: AlertSilenced) -> None:
        alert.state, alert.silenced_until = "silenced", e.until
        self._note(at, alert, "silenced", reason=e.reason, until=e.until)

    def _call_again(self, at: LoggedEvent, alert: Alert, e: AlertSilenceEnded) -> None:
        if alert.state == "silenced" and alert.silenced_until == e.until:
            alert.state, alert.silenced_until, alert.escalated_on = "raised", None, None
            alert.acknowledged_by, alert.acknowledged_at = "", None
            alert.waits_since = _recorded_on(at)
            self._note(at, alert, "raised")

    def _resolve(
        self, at: LoggedEvent, holder: Holder, slot: Slot, alert: Alert, *, by: str, reason: str, reason_zh: str
    ) -> None:
        alert.state = "resolved"
        alert.resolved_position = at.position
        alert.resolved_on = at.event.effective_on
        alert.resolved_at = at.event.recorded_at
        alert.resolved_by = by
        alert.resolution, alert.resolution_zh = reason, reason_zh
        self._note(at, alert, "resolved", reason=reason, reason_zh=reason_zh)
        slot.open = None
        if slot.silenced_until is None:
            del holder.slots[alert.rule]

    def _next_ordinal(self, at: LoggedEvent) -> int:
        if at.position != self._position:
            self._position, self._ordinal = at.position, -1
        self._ordinal += 1
        return self._ordinal

    def _note(
        self,
        at: LoggedEvent,
        alert: Alert,
        change: AlertChangeKind,
        ordinal: int | None = None,
        *,
        reason: str = "",
        reason_zh: str = "",
        until: date | None = None,
    ) -> None:
        number = self._next_ordinal(at) if ordinal is None else ordinal
        self._rows.alerts.put(alert.alert_id, alert)
        self._rows.changes.put(
            (at.partition, at.position, number),
            AlertChange(
                partition=at.partition,
                position=at.position,
                ordinal=number,
                alert_id=alert.alert_id,
                change=change,
                state=alert.state,
                effective_on=at.event.effective_on,
                at=at.event.recorded_at,
                actor=at.event.actor,
                account_id=alert.account_id,
                rule=alert.rule,
                severity=alert.severity,
                subject_kind=alert.subject_kind,
                subject_id=alert.subject_id,
                reason=reason,
                reason_zh=reason_zh or reason,
                assignee=alert.assignee,
                until=until,
            ),
        )
