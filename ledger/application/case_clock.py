"""What the daily close does about cases: overdue marks, actions that still wait, and cases out of red alerts."""

from collections.abc import AsyncGenerator
from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec

from ledger.application.caller import Caller
from ledger.application.case_actions import carry_out_pending
from ledger.application.cases import deterministic_id, first_receiver, on_cases, open_case_once
from ledger.application.ledger import Ledger
from ledger.application.reading import Reader
from ledger.application.recording import record_each
from ledger.domain.commands.cases import CloseCaseDay, OpenCase
from ledger.domain.errors import LedgerError
from ledger.projections import case_queries
from ledger.projections.paging import EVERYTHING, Cursor, Scope

_PAGE: Final = 500
_ALERTS: Final = """
SELECT a.alert_id, a.account_id::text, a.rule, a.message FROM escrow_views.alerts a
 WHERE a.state NOT IN ('silenced', 'resolved') AND a.rule = ANY(%s) AND a.account_id = %s
 ORDER BY a.partition, a.position, a.ordinal
"""
_ACCOUNTS: Final = """
SELECT DISTINCT b.account_id::text, b.pack FROM escrow_views.alerts a JOIN escrow_views.balances b USING (account_id)
 WHERE a.state NOT IN ('silenced', 'resolved') ORDER BY 1
"""


class CasesClosed(msgspec.Struct, kw_only=True):
    """How many open cases were looked at and how many events that caused; cases that alerts opened; how waiting
    actions ended, by `done` or the account's refusal."""

    closed_on: date
    cases: int = 0
    events: int = 0
    opened: int = 0
    actions: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    refused: dict[str, int] = msgspec.field(default_factory=dict[str, int])


async def close_cases(ledger: Ledger, reader: Reader, caller: Caller, *, scope: Scope, on: date) -> CasesClosed:
    """Close the day of every open case in the scope; the same day again changes nothing. Raises `date_in_future`.

    Only a close of everything opens cases out of alerts and goes on with waiting actions.
    """
    if on > ledger.today():
        raise LedgerError("date_in_future", date=on.isoformat(), today=ledger.today().isoformat())
    closed = CasesClosed(closed_on=on)
    if scope == EVERYTHING:
        closed.actions = await carry_out_pending(ledger, reader)
        closed.opened = await open_from_alerts(ledger, reader, caller, on=on)
    async for page in _open_cases(reader, scope):
        requests = [on_cases(caller).part(str(one), CloseCaseDay(account_id=one, effective_on=on)) for one in page]
        for result in await record_each(ledger, requests):
            closed.cases += 1
            if isinstance(result, LedgerError):
                closed.refused[result.code] = closed.refused.get(result.code, 0) + 1
            else:
                closed.events += len(result.events)
    return closed


async def _open_cases(reader: Reader, scope: Scope) -> AsyncGenerator[list[UUID]]:
    after: Cursor | None = None
    while True:
        async with reader.pool.connection() as connection:
            page = await case_queries.list_page(connection, scope=scope, state="open", after=after, limit=_PAGE)
        if not page:
            return
        yield [UUID(row.case_id) for row in page]
        after = Cursor(page[-1].partition, page[-1].position)


async def open_from_alerts(ledger: Ledger, reader: Reader, caller: Caller, *, on: date) -> int:
    """Open a clue for every open alert whose rule the account's pack names (`case.from_alert`), if it is not silenced;
    how many are new."""
    new = 0
    async with reader.pool.connection() as connection:
        accounts = await (await connection.execute(_ACCOUNTS)).fetchall()
    for account_id, pack in accounts:
        rules = list(ledger.policies.of(pack, on).case_from_alerts)
        if not rules:
            continue
        async with reader.pool.connection() as connection:
            alerts = await (await connection.execute(_ALERTS, [rules, account_id])).fetchall()
        for alert in alerts:
            new += await open_from_alert(ledger, reader, alert, actor=caller.actor, on=on)
    return new


async def open_from_alert(ledger: Ledger, reader: Reader, alert: tuple[Any, ...], *, actor: str, on: date) -> bool:
    """A clue about one alert (id, account, rule, sentence); once, since the case's id is made of the alert's."""
    alert_id, account_id, rule, message = alert
    account = await reader.account(account_id, Scope())
    command = OpenCase(
        account_id=deterministic_id("alert", alert_id),
        effective_on=on,
        kind="clue",
        source="clock",
        owner=first_receiver(account),
        institution_id=account.institution_id,
        reason=f"{rule}: {message}",
        pack=account.pack,
        about_account_id=account_id,
        alert_id=alert_id,
    )
    _, new = await open_case_once(ledger, command, actor=actor)
    return new
