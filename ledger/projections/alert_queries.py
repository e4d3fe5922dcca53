"""What readers ask of the view `alerts`: lists with filters, counts, one alert's history, the changes for followers."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection, sql

from ledger.projections.alert_records import CHANGES, TABLE, Alert, AlertChange, AlertState, Premises, Sign
from ledger.projections.alert_rules import Severity
from ledger.projections.paging import EVERYTHING, NOTHING, Cursor, Filter, Scope, select


class AlertCount(msgspec.Struct, frozen=True, gc=False):
    """How many alerts of one rule are in one state."""

    rule: str
    severity: Severity
    state: AlertState
    alerts: int


class Observed(msgspec.Struct, frozen=True, gc=False):
    """What the rules were told of an account's premises, and by month (`2026-03`) what its timetable is worth
    (`expected_fen`, of months that have one) and what came in (`received_fen`); the last months alone.

    `signs` are the last fact of each kind (no head-counts), and what the rules saw themselves.
    """

    premises: Premises | None = None
    signs: dict[str, Sign] = msgspec.field(default_factory=dict[str, Sign])
    expected_fen: dict[str, int] = msgspec.field(default_factory=dict[str, int], name="off_book")
    received_fen: dict[str, int] = msgspec.field(default_factory=dict[str, int], name="months")


_decode_observed = msgspec.json.Decoder(Observed).decode
"""A part of the state that the rules keep of an account."""


async def observed(connection: AsyncConnection[Any], account_id: UUID | str) -> Observed:
    """What the rules compare lessons and fees of the account with; who asks has to be allowed to see the account."""
    query = "SELECT state FROM escrow_views.alert_accounts WHERE account_id = %s"
    row = await (await connection.execute(query, [account_id])).fetchone()
    return Observed() if row is None else _decode_observed(row[0])


async def get(connection: AsyncConnection[Any], alert_id: str, *, scope: Scope = EVERYTHING) -> Alert | None:
    """The alert; None when it does not exist or is outside the scope."""
    where = _visible(scope)
    where.equal("alert_id", alert_id)
    return next(iter(await select(connection, TABLE, where, limit=1)), None)


async def list_page(
    connection: AsyncConnection[Any],
    *,
    scope: Scope = EVERYTHING,
    account_id: UUID | str | None = None,
    rule: str | None = None,
    severity: Severity | None = None,
    state: AlertState | None = None,
    assignee: str | None = None,
    district: str | None = None,
    escalated: bool | None = None,
    only_open: bool = False,
    after: Cursor | None = None,
    limit: int = 100,
) -> list[Alert]:
    """A page of alerts in the order in which they were raised; families see none."""
    where = _visible(scope)
    where.equal("account_id", account_id)
    where.equal("rule", rule)
    where.equal("severity", severity)
    where.equal("state", state)
    where.equal("assignee", assignee)
    _in_district(where, district)
    if escalated is not None:
        where.also(sql.SQL("(t.escalated_on IS NOT NULL) = %(escalated)s"), escalated=escalated)
    if only_open:
        where.also(sql.SQL("t.state <> 'resolved'"))
    where.after(after, ordinal=True)
    return await select(connection, TABLE, where, limit=limit, ordinal=True)


async def counts(
    connection: AsyncConnection[Any], *, scope: Scope = EVERYTHING, district: str | None = None
) -> list[AlertCount]:
    """Alerts by rule and state, most severe first."""
    where = _visible(scope)
    _in_district(where, district)
    query = sql.SQL(
        "SELECT t.rule, t.severity, t.state, count(*) FROM {} t WHERE {} GROUP BY 1, 2, 3 ORDER BY 2, 1, 3"
    ).format(TABLE.identifier, sql.SQL(" AND ").join(where.conditions or [sql.SQL("TRUE")]))
    cursor = await connection.execute(query, where.values, prepare=False)
    return [AlertCount(*row) for row in await cursor.fetchall()]


async def list_changes(
    connection: AsyncConnection[Any],
    *,
    scope: Scope = EVERYTHING,
    partition: int | None = None,
    alert_id: str | None = None,
    after: Cursor | None = None,
    limit: int = 100,
) -> list[AlertChange]:
    """Changes of alerts in the order of the log within each partition, behind the cursor."""
    where = _visible(scope)
    where.equal("partition", partition)
    where.equal("alert_id", alert_id)
    where.after(after, ordinal=True)
    return await select(connection, CHANGES, where, limit=limit, ordinal=True)


async def waiting_before(
    connection: AsyncConnection[Any], on: date, *, scope: Scope, after: Cursor | None, limit: int
) -> list[Alert]:
    """Alerts on which nobody acted, raised before that day and not escalated yet."""
    where = _visible(scope)
    where.also(sql.SQL("t.state = 'raised' AND t.escalated_on IS NULL AND t.waits_since < %(on)s"), on=on)
    where.after(after, ordinal=True)
    return await select(connection, TABLE, where, limit=limit, ordinal=True)


async def silenced_before(
    connection: AsyncConnection[Any], on: date, *, scope: Scope, after: Cursor | None, limit: int
) -> list[Alert]:
    """Open alerts whose silence ran out before that day."""
    where = _visible(scope)
    where.also(sql.SQL("t.state = 'silenced' AND t.silenced_until < %(on)s"), on=on)
    where.after(after, ordinal=True)
    return await select(connection, TABLE, where, limit=limit, ordinal=True)


def _in_district(where: Filter, district: str | None) -> None:
    if district is not None:
        where.also(
            sql.SQL(
                "EXISTS (SELECT FROM escrow_views.balances d WHERE d.account_id = t.account_id"
                " AND d.district = %(district)s)"
            ),
            district=district,
        )


def _visible(scope: Scope) -> Filter:
    where = Filter()
    where.accounts(scope)
    if scope.family_ids is not None:
        where.also(NOTHING)
    return where
