"""Every row of every view derived from the events again, and compared with the stored one."""

import asyncio
from typing import Any

from eventsourcing.persistence import MapperDeserialisationError
from psycopg import AsyncConnection

from ledger.application.verification.account_check import UNREPLAYABLE
from ledger.application.verification.differences import Differences
from ledger.projections.catalogue import VIEWS
from ledger.projections.compare import Difference as RowDifference
from ledger.projections.compare import compare
from ledger.projections.event_log import LogGapError
from ledger.projections.positions import OtherReleaseError
from ledger.projections.table import SCHEMA
from ledger.projections.view import View
from ledger.storage.mapper import decode_event

# A view beyond the log's last event: its events are gone.
_AHEAD = """
SELECT p.partition, p.position FROM escrow_views.positions p
 WHERE p.view = %s AND p.position > coalesce(
       (SELECT max(e.position) FROM escrow.events e WHERE e.partition = p.partition), 0)
"""
# A view whose rows are there, and that does not say how far it has followed a partition: they would be compared with
# nothing.
_WITHOUT = """
SELECT h.partition FROM escrow.heads h
 WHERE (to_regclass(%(table)s) IS NOT NULL OR EXISTS (SELECT FROM escrow_views.views_version v WHERE v.view = %(view)s))
   AND NOT EXISTS (SELECT FROM escrow_views.positions p JOIN escrow_views.views_version v USING (view)
                    WHERE p.view = %(view)s AND p.partition = h.partition)
 ORDER BY h.partition LIMIT 1
"""
_HAVE_VIEWS = "SELECT to_regclass('escrow_views.positions') IS NOT NULL"


def check_view(url: str, name: str, differences: Differences) -> None:
    """Compare one view's stored rows with its events, at the positions that the view has reached."""
    asyncio.run(_check_view(url, name, differences))


async def _check_view(url: str, name: str, differences: Differences) -> None:
    view = next(view for view in VIEWS if view.name == name)
    async with await AsyncConnection[Any].connect(url, autocommit=True) as connection:
        if await (await connection.execute(_HAVE_VIEWS)).fetchone() != (True,):
            return  # no server has run on this store yet: there is nothing derived
        ahead = await (await connection.execute(_AHEAD, [name])).fetchone()
        if ahead is not None:
            reason = f"the view has followed partition {ahead[0]} to {ahead[1]}, where there is no event"
            differences.add("view_underivable", partition=ahead[0], view=name, reason=reason)
            return
        without = await (await connection.execute(_WITHOUT, {"view": name, "table": _table(view)})).fetchone()
        if without is not None:
            reason = f"the view does not say how far it has followed partition {without[0]}"
            differences.add("view_underivable", partition=without[0], view=name, reason=reason)
            return
        try:
            found = await compare(connection, decode_event, views=(view,))
        except (OtherReleaseError, LogGapError, MapperDeserialisationError, *UNREPLAYABLE) as error:
            differences.add("view_underivable", view=name, reason=str(error) or type(error).__name__)
            return
    for row in found:
        _add(row, differences)


def _table(view: type[View]) -> str:
    return f'{SCHEMA}."{view.tables[0].name}"'


def _add(row: RowDifference, differences: Differences) -> None:
    figures: dict[str, Any] = {"view": row.view, "key": "/".join(row.key)}
    match row.stored, row.derived:
        case None, _:
            differences.add("view_row_missing", partition=row.partition, **figures)
        case _, None:
            differences.add("view_row_surplus", partition=row.partition, **figures)
        case stored, derived:
            columns = ", ".join(sorted(name for name, value in derived.items() if stored.get(name) != value))
            differences.add("view_row_differs", partition=row.partition, **figures, columns=columns)
