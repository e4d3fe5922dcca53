"""The courses that an institution gives, as its running contracts have them."""

from typing import Any, NamedTuple

from psycopg import AsyncConnection, sql

from ledger.projections.contracts import STATUS, visible
from ledger.projections.paging import Scope


class Course(NamedTuple):
    """A course of an account and how many running contracts it has."""

    account_id: str
    course_id: str
    subject: str
    pupils: int


async def list_courses(connection: AsyncConnection[Any], *, scope: Scope) -> list[Course]:
    """The courses of running contracts, in the order of subjects."""
    where = visible(scope)
    where.also(sql.SQL("{} = 'open'").format(STATUS))
    query = sql.SQL(
        "SELECT t.account_id::text, t.course_id, t.subject, count(*) FROM escrow_views.contracts t WHERE {}"
        " GROUP BY t.account_id, t.course_id, t.subject ORDER BY t.subject, t.course_id, t.account_id"
    ).format(sql.SQL(" AND ").join(where.conditions))
    cursor = await connection.execute(query, where.values, prepare=False)
    return [Course(*values) for values in await cursor.fetchall()]
