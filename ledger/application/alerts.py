"""Use cases of alerts: whoever supervises the account sees them, acts on them, and tells what the rules cannot see.

An account knows no alerts, so a decision about one is checked against the view: that it is there, in the reader's scope
and still open. Two who act at once are both recorded; the view's fold leaves aside what no longer applies.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger
from ledger.application.reading import Reader
from ledger.application.recording import record
from ledger.domain.account import EscrowAccount
from ledger.domain.commands import AcknowledgeAlert, AlertCommand, RecordFinding
from ledger.domain.errors import LedgerError
from ledger.domain.events import AlertSubject, FindingKind
from ledger.projections import alert_queries
from ledger.projections.alert_records import Alert, AlertChange
from ledger.projections.paging import Scope
from ledger.storage.requests import Outcome

MOST_CHANGES = 1_000
"""Changes of one alert that its history shows: the first ones."""


class AlertHistory(Alert, gc=False):
    """An alert with its changes in their order: what, when, by whom, why."""

    changes: list[AlertChange] = msgspec.field(default_factory=list[AlertChange])


async def find_alert(reader: Reader, alert_id: str, scope: Scope) -> Alert:
    """The alert, if it is in the scope. Raises `alert_not_found`."""
    for fresh in (False, True):
        if fresh:
            await reader.catch_up()
        if "\0" not in alert_id:
            async with reader.pool.connection() as connection:
                alert = await alert_queries.get(connection, alert_id, scope=scope)
            if alert is not None:
                return alert
    raise LedgerError("alert_not_found", alert_id=alert_id)


async def alert_history(reader: Reader, alert_id: str, scope: Scope) -> AlertHistory:
    """The alert with everything that happened to it. Raises `alert_not_found`."""
    alert = await find_alert(reader, alert_id, scope)
    async with reader.pool.connection() as connection:
        changes = await alert_queries.list_changes(connection, alert_id=alert_id, scope=scope, limit=MOST_CHANGES)
    return AlertHistory(**msgspec.structs.asdict(alert), changes=changes)


async def act_on_alert(
    ledger: Ledger,
    reader: Reader,
    caller: Caller,
    kind: type[AlertCommand],
    *,
    alert_id: str,
    scope: Scope,
    **said: Any,
) -> Outcome:
    """Record a command about an open alert in the scope, with what it says beside the alert.

    Raises `alert_not_found`, `alert_resolved`, `alert_acknowledged`, and the refusals of the command's decision. The
    same request again gives its first answer, though the alert is resolved by then.
    """
    alert = await find_alert(reader, alert_id, scope)
    command = kind(account_id=UUID(alert.account_id), effective_on=ledger.today(), **about(alert), **said)
    return await record(ledger, replace(caller, visible=_while_open(alert, kind, caller)), command)


def about(alert: Alert) -> dict[str, Any]:
    """By what a command names the alert."""
    return {
        "alert_id": alert.alert_id,
        "rule": alert.rule,
        "subject_kind": alert.subject_kind,
        "subject_id": alert.subject_id,
    }


def _while_open(alert: Alert, kind: type[AlertCommand], caller: Caller) -> Any:
    """The caller's row scope, and that the alert waits for this: asked only of requests that are not recorded yet."""

    def visible(account: EscrowAccount) -> bool:
        if caller.visible is not None and not caller.visible(account):
            return False
        if alert.state == "resolved":
            raise LedgerError("alert_resolved", alert_id=alert.alert_id)
        if kind is AcknowledgeAlert and alert.state not in ("raised", "silenced"):
            raise LedgerError("alert_acknowledged", alert_id=alert.alert_id, state=alert.state)
        return True

    return visible


async def record_finding(
    ledger: Ledger,
    caller: Caller,
    *,
    account_id: UUID,
    on: date,
    kind: FindingKind,
    rule: str,
    subject: tuple[AlertSubject, str],
    figures: Mapping[str, int | str],
    source: str,
) -> Outcome:
    """Record what was found outside the account's own history. Raises `finding_figures_wrong`."""
    subject_kind, subject_id = subject
    command = RecordFinding(
        account_id=account_id,
        effective_on=on,
        kind=kind,
        rule=rule,
        subject_kind=subject_kind,
        subject_id=subject_id,
        figures=dict(figures),
        source=source,
    )
    return await record(ledger, caller, command)
