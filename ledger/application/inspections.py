"""Use cases of inspections: candidates with published weights, draws, the tasks that follow, and coverage."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from ledger.application.caller import Caller
from ledger.application.cases import deterministic_id, on_cases, open_case_once
from ledger.application.ledger import Ledger
from ledger.application.reading import Reader
from ledger.application.recording import ReadPool, record
from ledger.domain.commands.cases import OpenCase
from ledger.domain.commands.inspections import AnnounceInspectionDraw, DrawInspections
from ledger.domain.errors import LedgerError
from ledger.domain.events import DrawCandidate
from ledger.domain.inspection_draw import weight_of
from ledger.domain.policy import Policies
from ledger.projections import case_queries, inspection_draws
from ledger.projections.case_queries import Coverage
from ledger.projections.inspection_draws import DrawRecord
from ledger.projections.paging import Scope
from ledger.storage.requests import Outcome

EVERYBODY_ALIKE: Final = {"base": 1}
"""The points of a pack that names none: every institution weighs 1."""
MOST_QUARTERS: Final = 8
"""Longer without an inspection counts no more than so many quarters."""

_FIGURES: Final = """
SELECT b.institution_id, array_agg(DISTINCT b.rating) FILTER (WHERE b.rating <> ''), array_agg(DISTINCT b.listing),
       (SELECT count(*) FROM escrow_views.alerts a JOIN escrow_views.balances o USING (account_id)
         WHERE o.institution_id = b.institution_id AND a.state <> 'resolved' AND a.severity = 'red'),
       (SELECT count(*) FROM escrow_views.alerts a JOIN escrow_views.balances o USING (account_id)
         WHERE o.institution_id = b.institution_id AND a.state <> 'resolved' AND a.severity = 'yellow'),
       (SELECT max(i.inspected_on) FROM escrow_views.inspections i WHERE i.institution_id = b.institution_id),
       min(b.opened_on)
  FROM escrow_views.balances b WHERE b.district = %s GROUP BY b.institution_id ORDER BY b.institution_id COLLATE "C"
"""


class Candidates(msgspec.Struct, frozen=True, kw_only=True):
    """The institutions of a district with their weights and the counts behind them, and the points of each count."""

    district: str
    as_of: date
    weights: dict[str, int]
    institutions: tuple[DrawCandidate, ...]


class QuarterCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """Which institutions of a district were inspected in a quarter, such as `2026Q3`."""

    district: str
    quarter: str
    first_on: date
    last_on: date
    institutions: int
    inspected: int
    items: list[Coverage]


def quarter_days(quarter: str) -> tuple[date, date]:
    """The first and last day of a quarter written `2026Q3`."""
    year, number = int(quarter[:4]), int(quarter[5])
    first = date(year, 3 * number - 2, 1)
    after = date(year + 1, 1, 1) if number == 4 else date(year, 3 * number + 1, 1)
    return first, after - timedelta(days=1)


def quarter_of(day: date) -> str:
    """The quarter of a day, written `2026Q3`."""
    return f"{day.year}Q{(day.month + 2) // 3}"


def quarters_between(earlier: date, later: date) -> int:
    """How many quarters begin after the one and not after the other."""
    return max(0, (later.year - earlier.year) * 4 + (later.month - 1) // 3 - (earlier.month - 1) // 3)


async def quarter_coverage(pool: ReadPool, *, district: str, quarter: str, scope: Scope) -> QuarterCoverage:
    """Every institution of the district in the scope, inspected or not."""
    first, last = quarter_days(quarter)
    async with pool.connection() as connection:
        items = await case_queries.coverage(connection, district=district, first=first, last=last, scope=scope)
    return QuarterCoverage(
        district=district,
        quarter=quarter,
        first_on=first,
        last_on=last,
        institutions=len(items),
        inspected=sum(1 for item in items if item.inspections),
        items=items,
    )


async def candidates(pool: ReadPool, policies: Policies, *, district: str, pack: str, on: date) -> Candidates:
    """The district's institutions for a draw. Counts: `base`, `rating.X`, `listing.X`, `alerts.red`, `alerts.yellow`,
    `quarters_uninspected`; points by the pack's rule `inspection.weights`. Raises `policy_unknown`."""
    points = dict(policies.of(pack, on).inspection_weights) or EVERYBODY_ALIKE
    async with pool.connection() as connection:
        rows = await (await connection.execute(_FIGURES, [district])).fetchall()
    listed: list[DrawCandidate] = []
    for row in rows:
        figures = _figures(row[1:], on)
        listed.append(DrawCandidate(institution_id=row[0], weight=weight_of(figures, points), figures=figures))
    return Candidates(district=district, as_of=on, weights=points, institutions=tuple(listed))


def _figures(row: Sequence[Any], on: date) -> dict[str, int]:
    ratings, listings, red, yellow, inspected_on, opened_on = row
    quarters = min(MOST_QUARTERS, quarters_between(inspected_on or opened_on, on))
    counts = {"base": 1, "alerts.red": red, "alerts.yellow": yellow, "quarters_uninspected": quarters}
    counts |= {f"rating.{rating}": 1 for rating in ratings or ()} | {f"listing.{listing}": 1 for listing in listings}
    return {name: count for name, count in sorted(counts.items()) if count}


async def find_draw(reader: Reader, draw_id: str, scope: Scope) -> DrawRecord:
    """The draw, if it is in the scope. Raises `draw_not_found`."""
    for fresh in (False, True):
        if fresh:
            await reader.catch_up()
        if "\0" not in draw_id:
            async with reader.pool.connection() as connection:
                row = await inspection_draws.get(connection, draw_id, scope=scope)
            if row is not None:
                return row
    raise LedgerError("draw_not_found")


async def announce_draw(ledger: Ledger, caller: Caller, command: AnnounceInspectionDraw) -> Outcome:
    """Fix the list. Raises `draw_seed_unsourced`, `draw_day_early`, and what is wrong with the list."""
    return await record(ledger, on_cases(caller), command)


async def draw_inspections(
    ledger: Ledger, reader: Reader, caller: Caller, command: DrawInspections, *, scope: Scope
) -> Outcome:
    """Draw from the announced list. Raises `draw_not_found`, `draw_done`, `draw_too_early`, `draw_secret_wrong`."""
    await find_draw(reader, str(command.account_id), scope)
    return await record(ledger, on_cases(caller), command)


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """The inspection case of one drawn institution."""

    institution_id: str
    case_id: str
    inspectors: tuple[str, ...]


async def open_tasks(
    ledger: Ledger, reader: Reader, caller: Caller, *, draw: DrawRecord, owner: str, due_on: date | None
) -> tuple[list[Task], int]:
    """One inspection case for each drawn institution, its inspectors assigned.

    Their ids are made of the draw's and the institution's: asked again, after a crash too, only what is missing is
    opened. The tasks, and how many of them are new. Raises `case_due_past`.
    """
    accounts = await _accounts(reader, draw)
    tasks: list[Task] = []
    opened = 0
    for site in draw.sites:
        case_id = deterministic_id("inspection", draw.draw_id, site.institution_id)
        account_id, pack = accounts.get(site.institution_id, ("", "default"))
        command = OpenCase(
            account_id=case_id,
            effective_on=ledger.today(),
            kind="inspection",
            source="regulator",
            owner=owner,
            institution_id=site.institution_id,
            reason=f"drawn for {draw.period}",
            pack=pack,
            about_account_id=account_id,
            draw_id=draw.draw_id,
            officers=site.inspectors,
            due_on=due_on,
        )
        _, new = await open_case_once(ledger, command, actor=caller.actor)
        opened += new
        tasks.append(Task(institution_id=site.institution_id, case_id=str(case_id), inspectors=site.inspectors))
    return tasks, opened


_ACCOUNTS: Final = """
SELECT DISTINCT ON (institution_id) institution_id, account_id::text, pack FROM escrow_views.balances
 WHERE district = %s AND institution_id = ANY(%s) ORDER BY institution_id, partition, position
"""


async def _accounts(reader: Reader, draw: DrawRecord) -> dict[str, tuple[str, str]]:
    """The first account of each drawn institution in the district, and its pack."""
    ids = [site.institution_id for site in draw.sites]
    async with reader.pool.connection() as connection:
        rows = await (await connection.execute(_ACCOUNTS, [draw.district, ids])).fetchall()
    return {institution_id: (account_id, pack) for institution_id, account_id, pack in rows}


def draw_id_of(text: str) -> UUID:
    """The id of a path. Raises `draw_not_found` for text that is none of ours."""
    try:
        return UUID(text)
    except ValueError as error:
        raise LedgerError("draw_not_found") from error
