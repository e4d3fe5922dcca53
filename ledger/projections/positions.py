"""How far each view has followed each partition, as stored with its rows."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from ledger.projections.view import View, Views

_READ = """
SELECT p.view, p.partition, p.position, p.generation, v.version
  FROM escrow_views.positions p JOIN escrow_views.views_version v USING (view)
 WHERE p.view = ANY(%s)
"""
_ADVANCE = """
WITH owned AS MATERIALIZED (
    SELECT view FROM escrow_views.positions WHERE partition = %(partition)s AND view = ANY(%(views)s)
     ORDER BY view FOR UPDATE
)
UPDATE escrow_views.positions p SET position = %(to)s
  FROM owned JOIN unnest(%(views)s::text[], %(generations)s::bigint[]) AS s (view, generation) USING (view)
 WHERE p.view = s.view AND p.partition = %(partition)s AND p.position = %(from)s AND p.generation = s.generation
RETURNING p.view
"""


class Standing(NamedTuple):
    """Where a view stands in one partition. `generation` grows whenever its rows were made anew."""

    position: int
    generation: int


class OtherReleaseError(Exception):
    """A view's stored rows are now made by another version of the code; this process must not go on with them."""


class MovedError(Exception):
    """Somebody else wrote the view: what was folded in memory belongs to rows that are not there any more."""


async def read_positions(connection: AsyncConnection[Any], views: Views) -> dict[int, dict[type[View], Standing]]:
    """Where every view stands, by partition. OtherReleaseError when stored rows are not of this code."""
    by_name = {view.name: view for view in views}
    standing: dict[int, dict[type[View], Standing]] = {}
    cursor = await connection.execute(_READ, [list(by_name)])
    for name, partition, position, generation, version in await cursor.fetchall():
        view = by_name[name]
        if version != view.version():
            raise OtherReleaseError(f"view {name} is of version {version}, this code makes {view.version()}")
        standing.setdefault(partition, {})[view] = Standing(position, generation)
    return standing


async def advance(
    connection: AsyncConnection[Any],
    partition: int,
    generations: Mapping[type[View], int],
    *,
    before: int,
    to: int,
) -> None:
    """Move views of these generations from one position to another in the running transaction, which then owns them.

    In the order of their names, in which everybody locks them. MovedError when one of them does not stand there.
    """
    names = [view.name for view in generations]
    values = {
        "partition": partition,
        "views": names,
        "generations": list(generations.values()),
        "from": before,
        "to": to,
    }
    moved = {view for (view,) in await (await connection.execute(_ADVANCE, values)).fetchall()}
    if len(moved) != len(names):
        raise MovedError(", ".join(sorted(set(names) - moved)))
