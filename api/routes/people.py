"""`/v1/people`: institutions tell of families' persons, regulators reveal and erase them, a family sees its own."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Query
from msgspec import Meta
from starlette.responses import Response

from api.answers import found, item_results
from api.calls import Call, command
from api.documentation import described
from api.fields import Body, Reason
from api.pages import Limit, Page, PageCursor, Reading, page_of, read_cursor, reading, scope_of
from api.routes.people_fields import (
    NewPerson,
    PersonChange,
    PersonReceipt,
    PersonShown,
    Tie,
    payment_routes,
    person_id_of,
    receipt_of_person,
    shown,
)
from ledger.application.people.erasing import erase_person
from ledger.application.people.registry import Asker
from ledger.application.people.seeing import FIELDS, list_accesses, list_persons, own_persons, reveal
from ledger.application.people.writing import Written, add_person, change_person
from ledger.application.recording import take_key
from ledger.people.access_log import Access, Action
from ledger.people.person import Details
from ledger.projections.paging import Cursor

router = APIRouter()

_WRITING = ("idempotency_key_reused", "route_taken", "person_routes_many", "person_data_erased")
_OF_PERSON = ("person_data_not_found", "person_data_unreadable")


class Reveal(Body, frozen=True, kw_only=True):
    """What is wanted in clear, and why."""

    reason: Reason
    fields: Annotated[
        tuple[Literal["name", "phones", "contract_nos", "families", "routes"], ...], Meta(min_length=1, max_length=5)
    ] = ("name", "phones", "contract_nos", "families", "routes")


class Erasure(Body, frozen=True, kw_only=True):
    """Why the person is erased."""

    reason: Reason


class ErasureReceipt(msgspec.Struct, kw_only=True):
    """Since when nothing can be read of the person any more, in this database and in all its backups."""

    person_id: str
    erased_at: datetime


class AccessEntry(msgspec.Struct, kw_only=True):
    """Who did what with whose data, when and why."""

    seq: int
    at: datetime
    actor: str
    action: Action
    person_id: str
    fields: list[str]
    reason: str


@router.post(
    "/v1/people",
    tags=["institution"],
    **described(
        summary="Tell of a person of a family",
        description="The family must have a contract here. Everything personal is sealed with a key of this person's "
        "own; the answer has none of it.",
        answer=PersonReceipt,
        body=NewPerson,
        status=201,
        codes=("family_not_found", *_WRITING),
        command=True,
    ),
)
async def tell_of_person(call: Annotated[Call[NewPerson], Depends(command(NewPerson, "people:write"))]) -> Response:
    body = call.body
    written = await add_person(
        call.books.people,
        call.caller,
        scope_of(call.principal),
        tie=body.family.told(),
        details=Details(name=body.name, phones=body.phones, contract_nos=body.contract_nos),
        routes=payment_routes(body.routes, call.caller.idempotency_key),
    )
    return _written(written, status=201)


@router.get(
    "/v1/people",
    tags=["institution"],
    **described(
        summary="List the persons of a family",
        description="That they are there, without anything personal.",
        answer=Page[PersonReceipt],
        codes=("cursor_malformed",),
    ),
)
async def list_people(
    read: Annotated[Reading, Depends(reading("people:read"))],
    family_id: Annotated[str, Query(min_length=1, max_length=64, pattern=r"^[^\x00]*$", examples=["f-1"])],
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    records = await list_persons(read.books.people, _asker(read), family_id, after=_after(cursor), limit=limit + 1)
    return found(page_of(records, limit, receipt_of_person, _place))


@router.post(
    "/v1/people/{person_id}/details",
    tags=["institution"],
    **described(
        summary="Change what is kept of a person",
        description="A payment route is never changed: another account gets another token.",
        answer=PersonReceipt,
        body=PersonChange,
        codes=(*_OF_PERSON, "person_data_not_own", *_WRITING),
        command=True,
    ),
)
async def change_details(
    person_id: str, call: Annotated[Call[PersonChange], Depends(command(PersonChange, "people:write"))]
) -> Response:
    body = call.body
    written = await change_person(
        call.books.people,
        call.caller,
        scope_of(call.principal),
        person_id_of(person_id),
        details=Details(name=body.name, phones=body.phones, contract_nos=body.contract_nos),
        routes=payment_routes(body.routes, call.caller.idempotency_key),
    )
    return _written(written)


@router.post(
    "/v1/people/{person_id}/families",
    tags=["institution"],
    **described(
        summary="Link a person to a family",
        description="A person may belong to several; linked again, the relation and the students are replaced.",
        answer=PersonReceipt,
        body=Tie,
        codes=(*_OF_PERSON, "family_not_found", "person_data_not_own", *_WRITING),
        command=True,
    ),
)
async def link_to_family(person_id: str, call: Annotated[Call[Tie], Depends(command(Tie, "people:write"))]) -> Response:
    written = await change_person(
        call.books.people,
        call.caller,
        scope_of(call.principal),
        person_id_of(person_id),
        tie=call.body.told(),
    )
    return _written(written)


@router.post(
    "/v1/people/{person_id}/reveal",
    tags=["regulator"],
    **described(
        summary="Reveal a person",
        description="Who asked, when and why is in the access log for ever, with each repetition.",
        answer=PersonShown,
        body=Reveal,
        codes=(*_OF_PERSON, "person_data_erased", "reveal_reason_missing"),
        command=True,
    ),
)
async def reveal_person(
    person_id: str, call: Annotated[Call[Reveal], Depends(command(Reveal, "people:reveal"))]
) -> Response:
    first = await _take_key(call)
    person = await reveal(
        call.books.people,
        Asker(call.caller.actor, scope_of(call.principal)),
        person_id_of(person_id),
        reason=call.body.reason,
        fields=[field for field in FIELDS if field in call.body.fields],
    )
    return item_results(shown(person), replayed=not first)


@router.post(
    "/v1/people/{person_id}/erasure",
    tags=["regulator"],
    **described(
        summary="Erase a person",
        description="Its key is destroyed: nothing can be read of it any more, here and in every backup. Balances, "
        "proofs and history stay as they are. Erased again, it answers since when.",
        answer=ErasureReceipt,
        body=Erasure,
        codes=(*_OF_PERSON, "person_refund_pending", "reveal_reason_missing"),
        command=True,
    ),
)
async def erase_data(
    person_id: str, call: Annotated[Call[Erasure], Depends(command(Erasure, "people:erase"))]
) -> Response:
    first = await _take_key(call)
    erased = await erase_person(
        call.books.people,
        Asker(call.caller.actor, scope_of(call.principal)),
        person_id_of(person_id),
        reason=call.body.reason,
    )
    receipt = ErasureReceipt(person_id=str(erased.person_id), erased_at=erased.erased_at)
    return item_results(receipt, replayed=not first)


@router.get(
    "/v1/families/{family_id}/people",
    tags=["parent"],
    **described(
        summary="See what is kept of one's own family",
        answer=Page[PersonShown],
        codes=("family_not_found", "person_data_unreadable"),
    ),
)
async def see_own_people(family_id: str, read: Annotated[Reading, Depends(reading("people:own"))]) -> Response:
    persons = await own_persons(read.books.people, _asker(read), family_id)
    return found(Page(items=[shown(person) for person in persons], next=None))


@router.get(
    "/v1/people-accesses",
    tags=["regulator"],
    **described(
        summary="List who saw whose data",
        description="Of persons whose families had an account in the row scope at that time. Nothing leaves this list.",
        answer=Page[AccessEntry],
        codes=("cursor_malformed", "person_data_not_found"),
    ),
)
async def list_people_accesses(
    read: Annotated[Reading, Depends(reading("people:audit"))],
    person_id: Annotated[str | None, Query(max_length=100)] = None,
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    whose: UUID | None = None if person_id is None else person_id_of(person_id)
    rows = await list_accesses(read.books.people, _asker(read), person_id=whose, after=_after(cursor), limit=limit + 1)
    return found(page_of(rows, limit, _entry, _place))


async def _take_key(call: Call[Any]) -> bool:
    async with call.pool.connection() as connection:
        return await take_key(connection, call.caller)


def _asker(read: Reading) -> Asker:
    return Asker(read.principal.actor, read.scope)


def _written(written: Written, *, status: int = 200) -> Response:
    answer = item_results(receipt_of_person(written.record), replayed=written.replayed)
    answer.status_code = status
    return answer


def _after(cursor: str | None) -> int:
    place = read_cursor(cursor)
    return place.position if place else 0


def _place(row: Any) -> Cursor:
    return Cursor(0, row.seq)


def _entry(access: Access) -> AccessEntry:
    return AccessEntry(
        seq=access.seq,
        at=access.at,
        actor=access.actor,
        action=access.action,
        person_id=str(access.person_id),
        fields=access.fields,
        reason=access.reason,
    )
