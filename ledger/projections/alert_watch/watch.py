"""A watch follows some events for some rules, on the rows that all watches share."""

from ledger.domain.events import AccountOpened, AlertSubject, Event
from ledger.domain.postings import POSTINGS
from ledger.projections.alert_life import AlertLife
from ledger.projections.alert_records import AlertedSubject, AlertRows
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.view import Handler

# Events that move no money share one function, which has no postings.
MOVING = tuple(cls for cls, of in POSTINGS.items() if of is not POSTINGS[AccountOpened])
"""Every event that moves money."""


class Watch:
    """Folds and looks as a view's. A watch's handlers of an event run after those of the watches before it."""

    def __init__(self, rows: AlertRows, life: AlertLife) -> None:
        self.rows = rows
        self.life = life

    def folds(self) -> dict[type[Event], Handler]:
        """For each kind of event that matters here: what it changes."""
        raise NotImplementedError

    def looks(self) -> dict[type[Event], Handler]:
        """For each kind of event that matters here: which rows its fold looks at."""
        raise NotImplementedError

    def look_at_account(self, at: LoggedEvent, _: Event) -> None:
        """The event's account."""
        self.rows.accounts.want(at.account_id)

    def subject(self, at: LoggedEvent, kind: AlertSubject, subject_id: str) -> AlertedSubject:
        """The row of a subject, about to be changed; a new one if there is none."""
        key = (at.account_id, kind, subject_id)
        row = self.rows.subjects.change_found(key)
        if row is None:
            row = AlertedSubject(at.account_id, kind, subject_id, at.partition)
            self.rows.subjects.put(key, row)
        return row
