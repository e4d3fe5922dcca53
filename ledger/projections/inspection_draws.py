"""Inspection draws: one row a draw, with everything that anybody needs to do it again."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

import msgspec
from psycopg import AsyncConnection, sql

from ledger.domain.events import DrawInput, DrawnSite, Event, InspectionDrawAnnounced, InspectionDrawn
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.paging import EVERYTHING, NOTHING, Cursor, Filter, Scope, select
from ledger.projections.rows import Rows
from ledger.projections.table import Table
from ledger.projections.view import Handler, View

DrawState = Literal["announced", "drawn"]


class DrawRecord(msgspec.Struct, kw_only=True):
    """A draw: announced with its list, then drawn. `position` is where it was announced (its place in lists).

    `digest`, `commitment`, `secret` and `seed` are 64 hex characters each; `secret` and `seed` are empty until then.
    """

    draw_id: str
    partition: int
    position: int
    district: str
    period: str
    announced_on: date
    announced_at: datetime
    announced_by: str
    draw_on: date
    digest: str
    commitment: str
    public_source: str
    input: DrawInput
    state: DrawState = "announced"
    drawn_on: date | None = None
    drawn_at: datetime | None = None
    secret: str = ""
    public_value: str = ""
    seed: str = ""
    sites: tuple[DrawnSite, ...] = ()
    version: int = 1


TABLE = Table("inspection_draws", DrawRecord, key=("draw_id",), json=("input", "sites"))


class InspectionDraws(View):
    """Follows draws; a draw's id is its stream's."""

    name = "inspection_draws"
    tables: ClassVar[tuple[Table[Any], ...]] = (TABLE,)

    def __init__(self, *, complete: bool) -> None:
        super().__init__(complete=complete)
        self._draws: Rows[str, DrawRecord] = self.rows[0]

    def folds(self) -> dict[type[Event], Handler]:
        return {InspectionDrawAnnounced: self._announced, InspectionDrawn: self._drawn}

    def looks(self) -> dict[type[Event], Handler]:
        return {InspectionDrawn: self._look}

    def _look(self, at: LoggedEvent, _: InspectionDrawn) -> None:
        self._draws.want(at.account_id)

    def _announced(self, at: LoggedEvent, e: InspectionDrawAnnounced) -> None:
        self._draws.put(
            at.account_id,
            DrawRecord(
                draw_id=at.account_id,
                partition=at.partition,
                position=at.position,
                district=e.input.district,
                period=e.input.period,
                announced_on=e.effective_on,
                announced_at=e.recorded_at,
                announced_by=e.actor,
                draw_on=e.draw_on,
                digest=e.digest,
                commitment=e.commitment,
                public_source=e.public_source,
                input=e.input,
            ),
        )

    def _drawn(self, at: LoggedEvent, e: InspectionDrawn) -> None:
        row = self._draws.change(at.account_id)
        row.state, row.drawn_on, row.drawn_at = "drawn", e.effective_on, e.recorded_at
        row.secret, row.public_value, row.seed, row.sites = e.secret, e.public_value, e.seed, e.sites
        row.version = at.version


def _visible(scope: Scope) -> Filter:
    where = Filter()
    if scope.bank is not None or scope.institution_ids is not None or scope.family_ids is not None:
        where.also(NOTHING)
    if scope.districts is not None:
        where.also(sql.SQL("t.district = ANY(%(scope_districts)s)"), scope_districts=list(scope.districts))
    return where


async def get(connection: AsyncConnection[Any], draw_id: str, *, scope: Scope = EVERYTHING) -> DrawRecord | None:
    """The draw; None when it does not exist or is outside the scope. A draw is its whole district's to see."""
    where = _visible(scope)
    where.equal("draw_id", draw_id)
    return next(iter(await select(connection, TABLE, where, limit=1)), None)


async def list_page(
    connection: AsyncConnection[Any],
    *,
    scope: Scope = EVERYTHING,
    district: str | None = None,
    state: DrawState | None = None,
    after: Cursor | None = None,
    limit: int = 100,
) -> list[DrawRecord]:
    """A page of draws in the order in which they were announced."""
    where = _visible(scope)
    where.equal("district", district)
    where.equal("state", state)
    where.after(after)
    return await select(connection, TABLE, where, limit=limit)
