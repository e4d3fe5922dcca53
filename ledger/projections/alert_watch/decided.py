"""What people and the clock decided about alerts, and what was found over several accounts."""

from ledger.domain.events import (
    AlertAcknowledged,
    AlertAssigned,
    AlertEscalated,
    AlertEvent,
    AlertResolved,
    AlertSilenced,
    AlertSilenceEnded,
    AlertSubject,
    Event,
    FindingRecorded,
)
from ledger.projections.alert_records import Holder
from ledger.projections.alert_rules import BY_ID
from ledger.projections.alert_watch.watch import Watch
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.view import Handler

_DECIDED = (AlertAcknowledged, AlertAssigned, AlertEscalated, AlertResolved, AlertSilenced, AlertSilenceEnded)


class DecidedWatch(Watch):
    """Finds the row that holds a subject's alerts."""

    def folds(self) -> dict[type[Event], Handler]:
        return {**dict.fromkeys(_DECIDED, self._decided), FindingRecorded: self._found}

    def looks(self) -> dict[type[Event], Handler]:
        return dict.fromkeys(self.folds(), self._look)

    def _look(self, at: LoggedEvent, e: AlertEvent | FindingRecorded) -> None:
        match e.subject_kind:
            case "account":
                self.rows.accounts.want(at.account_id)
            case "refund":
                self.rows.refunds.want((at.account_id, e.subject_id))
            case "device":
                self.rows.devices.want((at.account_id, e.subject_id))
            case _:
                self.rows.subjects.want((at.account_id, e.subject_kind, e.subject_id))

    def _holder(self, at: LoggedEvent, kind: AlertSubject, subject_id: str) -> Holder | None:
        match kind:
            case "account":
                return self.rows.accounts.change(at.account_id)
            case "refund":
                return self.rows.refunds.change_found((at.account_id, subject_id))
            case "device":
                return self.rows.devices.change_found((at.account_id, subject_id))
            case _:
                return self.subject(at, kind, subject_id)

    def _decided(self, at: LoggedEvent, e: AlertEvent) -> None:
        holder = self._holder(at, e.subject_kind, e.subject_id)
        if holder is not None:
            self.life.decide(at, holder, e)

    def _found(self, at: LoggedEvent, e: FindingRecorded) -> None:
        holder = self._holder(at, e.subject_kind, e.subject_id)
        rule = BY_ID.get(e.rule)
        if holder is not None and rule is not None:
            self.life.trip(at, holder, rule, e.subject_id, e.figures, way=e.kind)
