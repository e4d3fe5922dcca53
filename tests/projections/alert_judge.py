"""One account whose events are told one by one: what the view of alerts makes of them, in memory and in the log."""

import itertools
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from ledger.domain.events import (
    AccountOpened,
    Confirmation,
    DrawLine,
    Event,
    FeePaid,
    LessonDelivered,
    LessonDrawn,
    PackageAmount,
    ReserveDeposited,
    UnexplainedDebitRecorded,
)
from ledger.domain.postings import POSTINGS
from ledger.projections.alert_records import Alert, AlertChange
from ledger.projections.alerts import Alerts
from ledger.projections.logged_event import LoggedEvent, totals
from tests.projections.log_writer import DAY, account_id

ACCOUNT = account_id(1)
CHINA_MORNING = time(1, tzinfo=UTC)
"""Nine o'clock in China."""


def morning(day: date) -> datetime:
    return datetime.combine(day, CHINA_MORNING)


def iso(day: int) -> str:
    """So many days after `DAY`, as sentences have it."""
    return (DAY + timedelta(days=day)).isoformat()


class Judge:
    """Folds what it is told, as recorded on the morning of its day. `said` keeps it all for the log, in which it stands
    behind the position `start`."""

    def __init__(self, account: UUID = ACCOUNT, *, start: int = 0) -> None:
        self.account = account
        self.start = start
        self.view = Alerts(complete=True)
        self.said: list[Event] = []
        self._folds = self.view.folds()
        self._numbers = itertools.count(1)
        self.tell(
            AccountOpened,
            institution_id="inst-1",
            bank="ICBK",
            account_no=f"62-{account.int}",
            district="310115",
            authorities=("edu", "culture"),
            pack="default",
        )

    def tell(
        self,
        kind: type[Event],
        /,
        *,
        day: int = 0,
        recorded: int | None = None,
        actor: str = "regulator:test",
        **fields: Any,
    ) -> None:
        """An event that counts for so many days after `DAY`, recorded on the morning of that day or of another."""
        on = DAY + timedelta(days=day)
        recorded_at = fields.pop("recorded_at", morning(on if recorded is None else DAY + timedelta(days=recorded)))
        event = kind(effective_on=on, recorded_at=recorded_at, actor=actor, cause="test", **fields)
        self.said.append(event)
        number = len(self.said)
        postings = POSTINGS[kind](event)
        place = self.start + number
        at = LoggedEvent(0, place, str(self.account), number, event, postings, totals(postings))
        fold = self._folds.get(kind)
        if fold is not None:
            fold(at, event)

    def alerts(self, rule: str) -> list[Alert]:
        """The alerts of a rule in the order in which they were raised."""
        return sorted((one for one in self.view.rows[0] if one.rule == rule), key=lambda one: one.position)

    def only(self, rule: str) -> Alert:
        (alert,) = self.alerts(rule)
        return alert

    def changes(self, rule: str) -> list[AlertChange]:
        """All changes of a rule's alerts in the order of the log."""
        found = [one for one in self.view.rows[1] if one.rule == rule]
        return sorted(found, key=lambda one: (one.position, one.ordinal))

    def _entry(self) -> dict[str, Any]:
        return {"bank": "ICBK", "bank_reference": f"entry-{next(self._numbers)}", "digest": "0" * 64}

    def fee(self, amount_fen: int, **said: Any) -> None:
        """A fee of contract c1 for its first package."""
        lines = (PackageAmount(package=1, amount_fen=amount_fen),)
        entry = self._entry()
        self.tell(FeePaid, **entry, contract_id="c1", amount_fen=amount_fen, lines=lines, payer_route="route-1", **said)

    def reserve(self, amount_fen: int, **said: Any) -> None:
        self.tell(ReserveDeposited, **self._entry(), amount_fen=amount_fen, payer_route="route-0", **said)

    def debit(self, amount_fen: int, **said: Any) -> None:
        """Money that left without an instruction."""
        self.tell(UnexplainedDebitRecorded, **self._entry(), kind="unknown", amount_fen=amount_fen, **said)

    def lesson(self, lesson_id: str, starts: time | None = None, *, pupils: int = 1, day: int = 0, **said: Any) -> None:
        """A class of 45 minutes that begins at that time in China."""
        starts_at = None
        if starts is not None:
            local = datetime.combine(DAY + timedelta(days=day), starts, tzinfo=UTC)
            starts_at = local - timedelta(hours=8)
        contracts = tuple(f"c{number}" for number in range(1, pupils + 1))
        fields: dict[str, Any] = {"minutes": 45, "course_id": "course-1"} | said
        self.tell(LessonDelivered, day=day, lesson_id=lesson_id, starts_at=starts_at, contracts=contracts, **fields)

    def draw(self, lessons: int, *, silent: int = 0, day: int = 0) -> None:
        """So many lessons of one family drawn, the first of them by silence."""
        for number in range(lessons):
            basis = "deemed" if number < silent else "immediate"
            self.tell(LessonDrawn, day=day, **_drawn(f"l-{next(self._numbers)}", "c1"), basis=basis)

    def confirmed(self, contract_id: str, *, after_s: int, device: str = "", day: int = 0) -> None:
        """A lesson that the family confirmed so many seconds after it was told of it."""
        now = morning(DAY + timedelta(days=day))
        confirmation = Confirmation(how="app", device=device, told_at=now - timedelta(seconds=after_s))
        drawn = _drawn(f"l-{next(self._numbers)}", contract_id)
        self.tell(LessonDrawn, day=day, **drawn, basis="confirmed", confirmation=confirmation)


def _drawn(lesson_id: str, contract_id: str) -> dict[str, Any]:
    lines = (DrawLine(contract_id=contract_id, package=1, lesson=1, amount_fen=1),)
    return {"lesson_id": lesson_id, "lines": lines, "releasable_on": DAY}


def rows_of(judge: Judge) -> list[tuple[UUID, int, Event]]:
    """What the judge was told, as rows of the log."""
    return [(judge.account, version, event) for version, event in enumerate(judge.said, 1)]
