"""How far each view has followed each partition, as stored with its rows."""

from typing import Any, NamedTuple

from psycopg import AsyncConnection

from ledger.projections.view import View, Views

_READ = """
SELECT p.view, p.partition, p.position, p.generation, v.version
  FROM escrow_views.positions p JOIN escrow_views.views_version v USING (view)
 WHERE p.view = ANY(%s)
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
