"""Fee notices: what each course costs (收费公示), every version of it; public, and free of personal data."""

from datetime import date
from typing import Any, ClassVar

import msgspec
from psycopg import AsyncConnection, sql

from ledger.domain.events import AccountOpened, Category, Event, FeeNoticePublished, NoticePeriod
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.paging import Cursor, Filter, select
from ledger.projections.rows import Rows
from ledger.projections.table import Table
from ledger.projections.view import Handler, View


class FeeNotice(msgspec.Struct, gc=False):
    """A course's published price (fen): of a lesson of `minutes`, of a month begun, or of the whole course.

    In force from `valid_from` through `valid_until` (no end if None), but not from `superseded_from` on, the first day
    of the next version.
    """

    account_id: str
    course_id: str
    version: int
    partition: int
    position: int
    institution_id: str
    district: str
    category: Category
    unit_price_fen: int
    period: NoticePeriod
    minutes: int
    published_on: date
    valid_from: date
    valid_until: date | None = None
    superseded_from: date | None = None


class Publisher(msgspec.Struct, gc=False):
    """Whose notices an account's are."""

    account_id: str
    partition: int
    institution_id: str
    district: str


TABLE = Table("fee_notices", FeeNotice, key=("account_id", "course_id", "version"))
PUBLISHERS = Table("fee_notice_publishers", Publisher, key=("account_id",))
_Key = tuple[str, str, int]


class FeeNotices(View):
    """Follows openings, for whose notices they are, and what is published."""

    name = "fee_notices"
    tables: ClassVar[tuple[Table[Any], ...]] = (TABLE, PUBLISHERS)

    def __init__(self, *, complete: bool) -> None:
        super().__init__(complete=complete)
        self._notices: Rows[_Key, FeeNotice] = self.rows[0]
        self._publishers: Rows[str, Publisher] = self.rows[1]

    def folds(self) -> dict[type[Event], Handler]:
        return {AccountOpened: self._opened, FeeNoticePublished: self._published}

    def looks(self) -> dict[type[Event], Handler]:
        return {FeeNoticePublished: self._look}

    def _look(self, at: LoggedEvent, e: FeeNoticePublished) -> None:
        self._publishers.want(at.account_id)
        if e.supersedes:
            self._notices.want((at.account_id, e.course_id, e.supersedes))

    def _opened(self, at: LoggedEvent, e: AccountOpened) -> None:
        publisher = Publisher(at.account_id, at.partition, e.institution_id, e.district)
        self._publishers.put(at.account_id, publisher)

    def _published(self, at: LoggedEvent, e: FeeNoticePublished) -> None:
        publisher = self._publishers.get(at.account_id)
        assert publisher is not None
        if e.supersedes:
            self._notices.change((at.account_id, e.course_id, e.supersedes)).superseded_from = e.valid_from
        self._notices.put(
            (at.account_id, e.course_id, e.version),
            FeeNotice(
                account_id=at.account_id,
                course_id=e.course_id,
                version=e.version,
                partition=at.partition,
                position=at.position,
                institution_id=publisher.institution_id,
                district=publisher.district,
                category=e.category,
                unit_price_fen=e.unit_price_fen,
                period=e.period,
                minutes=e.minutes,
                published_on=e.effective_on,
                valid_from=e.valid_from,
                valid_until=e.valid_until,
            ),
        )


async def list_page(
    connection: AsyncConnection[Any],
    *,
    on: date | None = None,
    institution_id: str | None = None,
    district: str | None = None,
    course_id: str | None = None,
    after: Cursor | None = None,
    limit: int = 100,
) -> list[FeeNotice]:
    """A page of notices in the order of their publication, for whoever asks; `on`: those in force on that day."""
    where = Filter()
    where.equal("institution_id", institution_id)
    where.equal("district", district)
    where.equal("course_id", course_id)
    if on is not None:
        where.also(
            sql.SQL(
                "t.valid_from <= %(on)s AND coalesce(t.valid_until >= %(on)s, TRUE)"
                " AND coalesce(t.superseded_from > %(on)s, TRUE)"
            ),
            on=on,
        )
    where.after(after)
    return await select(connection, TABLE, where, limit=limit)
