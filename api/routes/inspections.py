"""`/v1/inspection-draws`, `/v1/inspections/coverage`, `/v1/ordered-refunds`: random inspections, coverage, totals."""

from datetime import date
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query
from msgspec import Meta
from starlette.responses import Response

from api.answers import first, found, item_results, recorded
from api.calls import Call, command
from api.documentation import described
from api.fields import Body, District, Name
from api.pages import Id, Limit, Page, PageCursor, Reading, page_of, place_of, read_cursor, reading, scope_of
from api.query import Day
from api.routes.accounts import require_district
from api.routes.case_fields import AuthorityCode, DueOn, Sha256, acting_as
from ledger.application.access import WHOLE_CITY
from ledger.application.inspections import (
    Candidates,
    QuarterCoverage,
    Task,
    announce_draw,
    candidates,
    draw_id_of,
    draw_inspections,
    find_draw,
    open_tasks,
    quarter_coverage,
)
from ledger.application.recording import take_batch_key
from ledger.domain.commands.inspections import AnnounceInspectionDraw, DrawInspections
from ledger.domain.events import (
    DrawCandidate,
    DrawInput,
    DrawInspector,
    DrawnSite,
    InspectionDrawAnnounced,
    InspectionDrawn,
)
from ledger.domain.inspection_draw import FORMAT, MOST_INSTITUTIONS
from ledger.projections import inspection_draws, ordered_refunds
from ledger.projections.inspection_draws import DrawRecord, DrawState
from ledger.projections.ordered_refunds import CampaignTotal
from ledger.storage.requests import Outcome

router = APIRouter(tags=["regulator"])

Points = Annotated[int, Meta(ge=0, le=1_000_000)]
Quarter = Annotated[str, Query(pattern=r"^20[0-9]{2}Q[1-4]$", examples=["2026Q3"])]
InDistrict = Annotated[str, Query(min_length=1, max_length=12, pattern=r"^[0-9A-Za-z]+$", examples=["310104"])]


class CandidateBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One institution of the list, as `/v1/inspection-draws/candidates` gives it."""

    institution_id: Name
    weight: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    figures: Annotated[dict[Name, Points], Meta(max_length=50)]


class InspectorBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One inspector by opaque id, and the institutions that this one may not inspect."""

    inspector_id: Name
    barred: Annotated[tuple[Name, ...], Meta(max_length=1_000)] = ()


class Announcement(Body, frozen=True, kw_only=True):
    """The list of a draw, and where its seed will come from: a secret that is committed to, a public value, or both."""

    district: District
    period: Name
    draw_on: date
    draws: Annotated[int, Meta(ge=1, le=MOST_INSTITUTIONS)]
    inspectors_each: Annotated[int, Meta(ge=0, le=10)] = 2
    weights: Annotated[dict[Name, Points], Meta(max_length=50)]
    institutions: Annotated[tuple[CandidateBody, ...], Meta(min_length=1, max_length=MOST_INSTITUTIONS)]
    inspectors: Annotated[tuple[InspectorBody, ...], Meta(max_length=2_000)] = ()
    commitment: Sha256 = ""
    public_source: Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*(?!\n)$")] = ""


class Seed(Body, frozen=True, kw_only=True):
    """What opens the commitment, and the value of the public source, as far as they were announced."""

    secret: Sha256 = ""
    public_value: Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*(?!\n)$")] = ""


class Tasks(Body, frozen=True, kw_only=True):
    """Until when the drawn institutions are to be inspected, and by which authority."""

    due_on: DueOn = None
    owner: AuthorityCode | None = None


class DrawReceipt(msgspec.Struct, kw_only=True):
    """A draw's place in the log, its list's digest and, once drawn, its seed and what came out."""

    draw_id: str
    partition: int
    position: int
    version: int
    events: list[str]
    digest: str
    seed: str = ""
    sites: tuple[DrawnSite, ...] = ()


class OpenedTasks(msgspec.Struct, kw_only=True):
    """One inspection case for each drawn institution."""

    draw_id: str
    tasks: list[Task]


class Campaign(msgspec.Struct, kw_only=True):
    """Ordered refunds cleared back to families in a span (fen), by district."""

    first_on: date
    last_on: date
    items: list[CampaignTotal]


def _receipt(outcome: Outcome) -> DrawReceipt:
    receipt = DrawReceipt(
        draw_id=str(outcome.account_id),
        partition=outcome.partition,
        position=outcome.position,
        version=outcome.version,
        events=[event.topic for event in outcome.events],
        digest="",
    )
    announced, drawn = first(outcome, InspectionDrawAnnounced), first(outcome, InspectionDrawn)
    if announced is not None:
        receipt.digest = announced.digest
    if drawn is not None:
        receipt.digest, receipt.seed, receipt.sites = drawn.digest, drawn.seed, drawn.sites
    return receipt


def _input(body: Announcement) -> DrawInput:
    return DrawInput(
        format=FORMAT,
        district=body.district,
        period=body.period,
        draws=body.draws,
        inspectors_each=body.inspectors_each,
        weights=body.weights,
        institutions=tuple(DrawCandidate(**msgspec.structs.asdict(one)) for one in body.institutions),
        inspectors=tuple(DrawInspector(**msgspec.structs.asdict(one)) for one in body.inspectors),
    )


@router.get(
    "/v1/inspection-draws/candidates",
    **described(
        summary="List a district's institutions with their weights",
        description="Counts and points are published with the list, so that anybody can work the weights out again.",
        answer=Candidates,
        codes=("district_denied", "policy_unknown"),
    ),
)
async def list_candidates(
    read: Annotated[Reading, Depends(reading("inspections:read"))],
    district: InDistrict,
    pack: Annotated[str, Query(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z_-]+$")] = "default",
) -> Response:
    require_district(read.principal, district)
    ledger = read.books.ledger
    listed = await candidates(read.pool, ledger.policies, district=district, pack=pack, on=ledger.today())
    return found(listed)


@router.post(
    "/v1/inspection-draws",
    **described(
        summary="Announce an inspection draw",
        description="The list is fixed by its digest before anybody can know the seed; the draw takes place on a later "
        "day.",
        answer=DrawReceipt,
        body=Announcement,
        status=201,
        codes=(
            "district_denied",
            "draw_seed_unsourced",
            "draw_day_early",
            "draw_id_twice",
            "draw_weight_wrong",
            "draw_too_many",
            "draw_inspectors_short",
        ),
        command=True,
    ),
)
async def announce(
    call: Annotated[Call[Announcement], Depends(command(Announcement, "inspections:write"))],
) -> Response:
    body = call.body
    require_district(call.principal, body.district)
    said = AnnounceInspectionDraw(
        account_id=call.caller.begun_id(),
        effective_on=call.ledger.today(),
        input=_input(body),
        draw_on=body.draw_on,
        commitment=body.commitment,
        public_source=body.public_source,
    )
    outcome = await announce_draw(call.ledger, call.caller, said)
    return recorded(_receipt(outcome), outcome, 201)


@router.get(
    "/v1/inspection-draws",
    **described(summary="List inspection draws", answer=Page[DrawRecord], codes=("cursor_malformed",)),
)
async def list_draws(
    read: Annotated[Reading, Depends(reading("inspections:read"))],
    district: Id | None = None,
    state: DrawState | None = None,
    cursor: PageCursor = None,
    limit: Limit = 20,
) -> Response:
    async with read.pool.connection() as connection:
        rows = await inspection_draws.list_page(
            connection, scope=read.scope, district=district, state=state, after=read_cursor(cursor), limit=limit + 1
        )
    return found(page_of(rows, limit, lambda row: row, place_of))


@router.get(
    "/v1/inspection-draws/{draw_id}",
    **described(
        summary="Get one inspection draw",
        description="The whole record: `escrow inspections verify` draws again from it.",
        answer=DrawRecord,
        codes=("draw_not_found",),
    ),
)
async def get_draw(draw_id: str, read: Annotated[Reading, Depends(reading("inspections:read"))]) -> Response:
    return found(await find_draw(read.books.reader, draw_id, read.scope))


@router.post(
    "/v1/inspection-draws/{draw_id}/draw",
    **described(
        summary="Draw",
        answer=DrawReceipt,
        body=Seed,
        codes=("draw_not_found", "draw_done", "draw_too_early", "draw_secret_wrong", "draw_public_value_wrong"),
        command=True,
    ),
)
async def draw(draw_id: str, call: Annotated[Call[Seed], Depends(command(Seed, "inspections:write"))]) -> Response:
    said = DrawInspections(
        account_id=draw_id_of(draw_id),
        effective_on=call.ledger.today(),
        secret=call.body.secret,
        public_value=call.body.public_value,
    )
    outcome = await draw_inspections(call.ledger, call.reader, call.caller, said, scope=scope_of(call.principal))
    return recorded(_receipt(outcome), outcome)


@router.post(
    "/v1/inspection-draws/{draw_id}/cases",
    **described(
        summary="Open the inspections that were drawn",
        description="One case for each institution, its inspectors assigned. Asked again, what is missing is opened.",
        answer=OpenedTasks,
        body=Tasks,
        codes=("draw_not_found", "district_denied", "case_due_past", "policy_unknown"),
        command=True,
    ),
)
async def tasks(draw_id: str, call: Annotated[Call[Tasks], Depends(command(Tasks, "inspections:write"))]) -> Response:
    drawn = await find_draw(call.reader, draw_id, scope_of(call.principal))
    owner = call.body.owner or (drawn.district if WHOLE_CITY in call.principal.districts else None)
    owner = acting_as(call.principal, owner)
    await take_batch_key(call.pool, call.caller)
    opened, new = await open_tasks(
        call.ledger, call.reader, call.caller, draw=drawn, owner=owner, due_on=call.body.due_on
    )
    return item_results(OpenedTasks(draw_id=draw_id, tasks=opened), replayed=bool(opened) and new == 0)


@router.get(
    "/v1/inspections/coverage",
    **described(
        summary="See which institutions were inspected in a quarter",
        answer=QuarterCoverage,
        codes=("district_denied",),
    ),
)
async def coverage(
    read: Annotated[Reading, Depends(reading("inspections:read"))], district: InDistrict, quarter: Quarter
) -> Response:
    require_district(read.principal, district)
    return found(await quarter_coverage(read.pool, district=district, quarter=quarter, scope=read.scope))


@router.get(
    "/v1/ordered-refunds",
    **described(
        summary="Sum up ordered refunds",
        description="What was ordered back to families and what of it was cleared, by district. Both days are counted.",
        answer=Campaign,
    ),
)
async def campaign(
    read: Annotated[Reading, Depends(reading("cases:read"))],
    first_on: Annotated[Day, Query(description="The first day.", examples=["2026-07-01"])],
    last_on: Annotated[Day, Query(description="The last day.", examples=["2026-09-30"])],
) -> Response:
    async with read.pool.connection() as connection:
        items = await ordered_refunds.totals(connection, first=first_on, last=last_on, scope=read.scope)
    return found(Campaign(first_on=first_on, last_on=last_on, items=items))
