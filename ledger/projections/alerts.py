"""Alerts: raised and resolved by events alone, without a clock; people's decisions about them are events too."""

from typing import Any, ClassVar

from ledger.domain.events import Event
from ledger.projections.alert_life import AlertLife
from ledger.projections.alert_queries import counts, get, list_changes, list_page
from ledger.projections.alert_records import (
    ACCOUNTS,
    CHANGES,
    DEVICES,
    REFUNDS,
    SPANS,
    SUBJECTS,
    TABLE,
    Alert,
    AlertChange,
    AlertRows,
    AlertState,
)
from ledger.projections.alert_rules import RULES
from ledger.projections.alert_watch.decided import DecidedWatch
from ledger.projections.alert_watch.fees import FeeWatch
from ledger.projections.alert_watch.institution import InstitutionWatch
from ledger.projections.alert_watch.lessons import LessonWatch
from ledger.projections.alert_watch.money import MoneyWatch
from ledger.projections.alert_watch.refunds import RefundWatch
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.table import Table
from ledger.projections.view import Handler, View

WATCHES = (MoneyWatch, RefundWatch, LessonWatch, InstitutionWatch, FeeWatch, DecidedWatch)
"""In the order in which they see an event: the money first, which others look at."""


class Alerts(View):
    """Follows what the watches watch."""

    name = "alerts"
    number = 2
    tables: ClassVar[tuple[Table[Any], ...]] = (TABLE, CHANGES, ACCOUNTS, REFUNDS, SUBJECTS, SPANS, DEVICES)

    def __init__(self, *, complete: bool) -> None:
        super().__init__(complete=complete)
        rows = AlertRows(*self.rows)
        life = AlertLife(rows)
        self._watches = tuple(watch(rows, life) for watch in WATCHES)

    @classmethod
    def version(cls) -> str:
        """The rules' own parameters are part of it: with others, other alerts would have been raised."""
        return "-".join([super().version(), *(str(n) for rule in RULES for n in rule.parameters.values())])

    def folds(self) -> dict[type[Event], Handler]:
        return _in_turn([watch.folds() for watch in self._watches])

    def looks(self) -> dict[type[Event], Handler]:
        return _in_turn([watch.looks() for watch in self._watches])


def _in_turn(of_watches: list[dict[type[Event], Handler]]) -> dict[type[Event], Handler]:
    kinds = {cls for handlers in of_watches for cls in handlers}
    return {cls: _chain([handlers[cls] for handlers in of_watches if cls in handlers]) for cls in kinds}


def _chain(handlers: list[Handler]) -> Handler:
    if len(handlers) == 1:
        return handlers[0]

    def each(at: LoggedEvent, e: Event) -> None:
        for handle in handlers:
            handle(at, e)

    return each


__all__ = ["Alert", "AlertChange", "AlertState", "Alerts", "counts", "get", "list_changes", "list_page"]
