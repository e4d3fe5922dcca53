"""The record of daily closes: how far each came, in which partition, with what result; and who closes what now."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from psycopg import AsyncConnection, sql
from psycopg.types.json import Jsonb

from ledger.application.caller import key_of
from ledger.projections.paging import Cursor, Filter, Scope

WHOLE_CITY: Final = "*"
_LOCK: Final = 0x0E5C_0003
"""First key of the advisory locks of partitions that are being closed; the second is the partition."""

_ACCOUNTS: Final = """
SELECT t.partition, t.position, t.account_id
  FROM escrow.unique_keys u JOIN escrow.events t ON t.partition = u.partition AND t.position = u.position
 WHERE u.kind = 'account' AND t.topic = 'account.opened' AND t.state::json ->> 'effective_on' <= %(on)s AND {}
 ORDER BY t.partition, t.position
"""
_LATEST: Final = """
SELECT pass, through_position, accounts, changed, events, refused, started_at, finished_at, request_key
  FROM escrow.day_closes
 WHERE closed_on = %s AND scope = %s AND partition = %s ORDER BY pass DESC LIMIT 1
"""
_BEGIN: Final = """
INSERT INTO escrow.day_closes (closed_on, scope, partition, pass, request_key) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (closed_on, scope, partition, pass) DO UPDATE SET request_key = excluded.request_key
"""
_OF_REQUEST: Final = (
    "SELECT DISTINCT closed_on FROM escrow.day_closes WHERE request_key = %s AND closed_on < %s ORDER BY 1"
)
_ADVANCE: Final = """
UPDATE escrow.day_closes
   SET through_position = %(through_position)s, accounts = %(accounts)s, changed = %(changed)s, events = %(events)s,
       refused = %(refused)s, finished_at = CASE WHEN %(finished)s THEN clock_timestamp() END
 WHERE closed_on = %(closed_on)s AND scope = %(scope)s AND partition = %(partition)s AND pass = %(pass_no)s
"""
_BY_DAY: Final = """
WITH latest AS (
    SELECT DISTINCT ON (closed_on, scope, partition) * FROM escrow.day_closes {}
     ORDER BY closed_on, scope, partition, pass DESC
), passes AS (
    SELECT closed_on, scope, min(id) AS first_id, sum(changed)::bigint AS changed, sum(events)::bigint AS events,
           min(started_at) AS started_at FROM escrow.day_closes {} GROUP BY 1, 2
)
SELECT p.closed_on, p.scope, p.first_id, p.changed, p.events, p.started_at, sum(l.accounts)::bigint AS accounts,
       CASE WHEN bool_and(l.finished_at IS NOT NULL) THEN max(l.finished_at) END AS finished_at,
       count(*) FILTER (WHERE l.finished_at IS NOT NULL) AS partitions_closed,
       (SELECT count(*) FROM escrow.heads) AS partitions,
       array_agg(l.refused) FILTER (WHERE l.refused <> '{{}}') AS refused
  FROM passes p JOIN latest l USING (closed_on, scope)
 GROUP BY p.closed_on, p.scope, p.first_id, p.changed, p.events, p.started_at
"""
_LAST_COMPLETE: Final = """
SELECT max(closed_on) FROM (
    SELECT closed_on FROM escrow.day_closes WHERE scope = ANY(%s) AND finished_at IS NOT NULL
     GROUP BY closed_on, scope HAVING count(DISTINCT partition) = (SELECT count(*) FROM escrow.heads)
) AS complete
"""


class Pass(msgspec.Struct, kw_only=True):
    """One pass over one partition: accounts closed, those in which something happened, events, refusals by code."""

    closed_on: date
    scope: str
    partition: int
    pass_no: int = 1
    through_position: int = 0
    accounts: int = 0
    changed: int = 0
    events: int = 0
    refused: dict[str, int] = {}

    @property
    def key(self) -> UUID:
        """What its commands' idempotency keys are made of: the same whoever goes on with it."""
        return key_of("daily close", f"{self.closed_on}/{self.scope}/{self.partition}/{self.pass_no}")


class CloseOfDay(msgspec.Struct, frozen=True, kw_only=True):
    """What is recorded of the closes of one day over one scope: `districts`, or the whole city if there are none.

    `changed` and `events` add up all passes; `accounts` and `refused` are those of the latest one. Complete when the
    latest pass has reached the end of every partition.
    """

    closed_on: date
    districts: list[str]
    complete: bool
    partitions: int
    partitions_closed: int
    accounts: int
    changed: int
    events: int
    refused: dict[str, int]
    started_at: datetime
    finished_at: datetime | None


def scope_key(scope: Scope) -> str:
    """The scope as recorded. Closes are made by districts or over everything."""
    assert (scope.bank, scope.institution_ids, scope.family_ids) == (None, None, None)
    return WHOLE_CITY if scope.districts is None else ",".join(sorted(set(scope.districts)))


class CloseRecord:
    """The record on one autocommitting connection, which also holds the locks: they end with it, however it ends."""

    def __init__(self, connection: AsyncConnection[Any]) -> None:
        self._connection = connection

    async def now(self) -> datetime:
        """The database's time, by which passes are dated."""
        return (await self._one("SELECT clock_timestamp()"))[0]

    async def accounts(self, scope: Scope, on: date) -> dict[int, list[tuple[int, UUID]]]:
        """The accounts in the scope whose opening counts for the day or an earlier one, with its position, by
        partition in order of opening. The whole city is read from the log itself, districts with a view's help."""
        where = Filter()
        where.accounts(scope)
        query = sql.SQL(_ACCOUNTS).format(sql.SQL(" AND ").join(where.conditions or [sql.SQL("TRUE")]))
        cursor = await self._connection.execute(query, where.values | {"on": on.isoformat()})
        found: dict[int, list[tuple[int, UUID]]] = {}
        for partition, position, account_id in await cursor.fetchall():
            found.setdefault(partition, []).append((position, account_id))
        return found

    async def partitions(self) -> list[int]:
        """Every partition."""
        cursor = await self._connection.execute("SELECT partition FROM escrow.heads ORDER BY 1")
        return [partition for (partition,) in await cursor.fetchall()]

    async def try_lock(self, partition: int) -> bool:
        """Take the partition if nobody closes it."""
        return (await self._one("SELECT pg_try_advisory_lock(%s, %s)", _LOCK, partition))[0]

    async def lock(self, partition: int) -> None:
        """Wait until nobody else closes the partition, and take it."""
        await self._connection.execute("SELECT pg_advisory_lock(%s, %s)", [_LOCK, partition])

    async def unlock(self, partition: int) -> None:
        """Leave the partition."""
        await self._connection.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, partition])

    async def begin(
        self, on: date, scope: str, partition: int, *, asked_at: datetime, request_key: UUID | None
    ) -> tuple[Pass, bool]:
        """The pass to make, and whether it is done: an interrupted one goes on; one that the same request made, or
        that somebody else began after `asked_at`, need not be repeated; otherwise a new one begins."""
        row = await (await self._connection.execute(_LATEST, [on, scope, partition])).fetchone()
        reached = Pass(closed_on=on, scope=scope, partition=partition, refused={})
        if row is not None:
            number, through, accounts, changed, events, refused, started_at, finished_at, made_by = row
            reached = msgspec.structs.replace(
                reached,
                pass_no=number,
                through_position=through,
                accounts=accounts,
                changed=changed,
                events=events,
                refused=refused,
            )
            if finished_at is not None:
                if started_at >= asked_at or (request_key is not None and made_by == request_key):
                    return reached, True
                reached = Pass(closed_on=on, scope=scope, partition=partition, pass_no=number + 1, refused={})
        await self._connection.execute(_BEGIN, [on, scope, partition, reached.pass_no, request_key])
        return reached, False

    async def advance(self, reached: Pass, *, finished: bool) -> None:
        """Keep how far the pass came."""
        row = msgspec.structs.asdict(reached) | {"refused": Jsonb(reached.refused), "finished": finished}
        await self._connection.execute(_ADVANCE, row)

    async def closed_by(self, request_key: UUID, before: date) -> list[date]:
        """The earlier days that the same request closed."""
        cursor = await self._connection.execute(_OF_REQUEST, [request_key, before])
        return [day for (day,) in await cursor.fetchall()]

    async def last_complete(self, scope: str) -> date | None:
        """The latest day that was closed over the scope, or over the whole city."""
        return (await self._one(_LAST_COMPLETE, [scope, WHOLE_CITY]))[0]

    async def _one(self, query: str, *values: object) -> tuple[Any, ...]:
        row = await (await self._connection.execute(query.encode(), values or None)).fetchone()
        assert row is not None
        return row


async def list_page(
    connection: AsyncConnection[Any], *, districts: Sequence[str] | None, after: Cursor | None = None, limit: int = 100
) -> list[tuple[CloseOfDay, Cursor]]:
    """Closes, newest day first, each with its place: those over any scope, or those over some of the districts."""
    where = sql.SQL("WHERE TRUE")
    values: dict[str, Any] = {"limit": limit, "after": after is not None}
    if districts is not None:
        where = sql.SQL("WHERE scope <> '*' AND string_to_array(scope, ',') <@ %(districts)s::text[]")
        values["districts"] = list(districts)
    query = sql.SQL("SELECT * FROM ({}) AS d {} ORDER BY closed_on DESC, first_id LIMIT %(limit)s").format(
        sql.SQL(_BY_DAY).format(where, where),
        sql.SQL("")
        if after is None
        else sql.SQL("WHERE closed_on < %(day)s OR (closed_on = %(day)s AND first_id > %(first)s)"),
    )
    if after is not None:
        values |= {"day": date.fromordinal(min(max(after.partition, 1), date.max.toordinal())), "first": after.position}
    cursor = await connection.execute(query, values)
    return [_close_of_day(row) for row in await cursor.fetchall()]


def _close_of_day(row: Sequence[Any]) -> tuple[CloseOfDay, Cursor]:
    on, scope, first_id, changed, events, started_at, accounts, finished_at, closed, partitions, refusals = row
    refused: dict[str, int] = {}
    parts: list[dict[str, int]] = refusals or []
    for one in parts:
        for code, count in one.items():
            refused[code] = refused.get(code, 0) + count
    complete = closed == partitions
    close = CloseOfDay(
        closed_on=on,
        districts=[] if scope == WHOLE_CITY else scope.split(","),
        complete=complete,
        partitions=partitions,
        partitions_closed=closed,
        accounts=accounts,
        changed=changed,
        events=events,
        refused=refused,
        started_at=started_at,
        finished_at=finished_at if complete else None,
    )
    return close, Cursor(on.toordinal(), first_id)
