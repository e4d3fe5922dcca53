"""What the daily close does about alerts: silences that ran out, alerts on which nobody acted, split charges.

Each step is a command under a key made of what it is about, so a sweep may be made twice, by several processes at once,
and killed at any instant: what it did already is recognised, what it left out the next one does.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from datetime import date
from typing import Final, Protocol
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from ledger.application.alerts import about
from ledger.application.caller import Caller
from ledger.application.cases import deterministic_id
from ledger.application.ledger import Ledger
from ledger.application.reading import Reader
from ledger.application.recording import record_each
from ledger.domain.charge_splits import ChargeSplit, splits_of
from ledger.domain.commands import Command, EndAlertSilence, EscalateAlert, RecordFinding
from ledger.domain.errors import LedgerError
from ledger.projections import alert_queries, split_contracts
from ledger.projections.alert_records import Alert
from ledger.projections.paging import Cursor, Scope
from ledger.projections.split_contracts import ChildContracts
from ledger.storage.crash_points import crash_point
from ledger.storage.requests import Outcome, Request

_PAGE: Final = 500
_NOT_YET: Final = frozenset({"alert_not_due", "alert_still_silenced"})
"""What the account says while the time is not over: nothing is wrong, and the next close asks again."""


class AlertsClosed(msgspec.Struct, kw_only=True):
    """How many silences ran out, alerts were escalated, split charges found, since the last close; refusals by code."""

    closed_on: date
    silences_ended: int = 0
    escalated: int = 0
    splits: int = 0
    refused: dict[str, int] = msgspec.field(default_factory=dict[str, int])

    def count(self, results: Sequence[Outcome | LedgerError]) -> int:
        """How many of the results are new; refusals are counted by code."""
        new = 0
        for result in results:
            if isinstance(result, LedgerError):
                if result.code not in _NOT_YET:
                    self.refused[result.code] = self.refused.get(result.code, 0) + 1
            elif not result.replayed:
                new += bool(result.events)
        return new


class _Listed(Protocol):
    def __call__(
        self, connection: AsyncConnection[object], on: date, *, scope: Scope, after: Cursor | None, limit: int
    ) -> Awaitable[list[Alert]]: ...


async def close_alerts(
    ledger: Ledger, reader: Reader, caller: Caller, *, scope: Scope, on: date, page: int = _PAGE
) -> AlertsClosed:
    """Close the day of every open alert in the scope; the same day again changes nothing. Raises `date_in_future`.

    The views must have caught up with what the day's other steps recorded. Splits over accounts of several districts
    are found by a close of all of these.
    """
    if on > ledger.today():
        raise LedgerError("date_in_future", date=on.isoformat(), today=ledger.today().isoformat())
    closed = AlertsClosed(closed_on=on)
    async for alerts in _pages(reader, alert_queries.silenced_before, on, scope, page):
        closed.silences_ended += closed.count(await _each(ledger, caller, alerts, on, _end_of_silence))
    async for alerts in _pages(reader, alert_queries.waiting_before, on, scope, page):
        closed.escalated += closed.count(await _each(ledger, caller, alerts, on, _escalation))
    async for children in _children(reader, on, scope, page):
        requests = [
            _asked(caller, _split(split, child, on), "charge split", *child.place, split.rule, *split.contracts)
            for child in children
            for split in _splits(ledger, child, on)
        ]
        closed.splits += closed.count(await record_each(ledger, requests))
        crash_point("alerts.page")
    return closed


def _asked(caller: Caller, command: Command, *cause: str) -> Request:
    key = deterministic_id(*cause)
    return Request(command, caller.actor, key, key.bytes, visible=caller.visible)


async def _pages(reader: Reader, listed: _Listed, on: date, scope: Scope, page: int) -> AsyncGenerator[list[Alert]]:
    after: Cursor | None = None
    while True:
        async with reader.pool.connection() as connection:
            alerts = await listed(connection, on, scope=scope, after=after, limit=page)
        if alerts:
            yield alerts
        if len(alerts) < page:
            return
        after = Cursor(alerts[-1].partition, alerts[-1].position, alerts[-1].ordinal)


async def _each(
    ledger: Ledger, caller: Caller, alerts: list[Alert], on: date, asked: Callable[[Caller, Alert, date], Request]
) -> list[Outcome | LedgerError]:
    results = await record_each(ledger, [asked(caller, alert, on) for alert in alerts])
    crash_point("alerts.page")
    return results


def _end_of_silence(caller: Caller, alert: Alert, on: date) -> Request:
    assert alert.silenced_until is not None
    command = EndAlertSilence(
        account_id=UUID(alert.account_id), effective_on=on, **about(alert), until=alert.silenced_until
    )
    return _asked(caller, command, "alert silence", alert.alert_id, alert.silenced_until.isoformat())


def _escalation(caller: Caller, alert: Alert, on: date) -> Request:
    command = EscalateAlert(
        account_id=UUID(alert.account_id), effective_on=on, **about(alert), waits_since=alert.waits_since
    )
    return _asked(caller, command, "alert escalation", alert.alert_id, alert.waits_since.isoformat())


async def _children(reader: Reader, on: date, scope: Scope, page: int) -> AsyncGenerator[list[ChildContracts]]:
    after: tuple[str, str, str] | None = None
    while True:
        async with reader.pool.connection() as connection:
            children = await split_contracts.list_page(connection, on, scope=scope, after=after, limit=page)
        if children:
            yield children
        if len(children) < page:
            return
        after = children[-1].place


def _splits(ledger: Ledger, child: ChildContracts, on: date) -> list[ChargeSplit]:
    """Judged by the pack of the account in which the last contract was signed, as it was on that day."""
    last = max(child.contracts, key=lambda one: (one.signed_on, one.account_id, one.contract_id))
    return list(splits_of(child.contracts, ledger.policies.of(last.pack, min(last.signed_on, on))))


def _split(split: ChargeSplit, child: ChildContracts, on: date) -> RecordFinding:
    return RecordFinding(
        account_id=UUID(split.account_id),
        effective_on=on,
        kind="charge_split",
        rule=split.rule,
        subject_kind="student",
        subject_id=f"{child.student_id}/{child.subject}",
        figures={
            "student_id": child.student_id,
            "subject": child.subject,
            "accounts": split.accounts,
            "contracts": len(split.contracts),
            "value": split.value,
            "limit": split.limit,
            "unit": split.unit,
        },
        source="daily close",
    )
