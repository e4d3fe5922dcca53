"""Lists and fresh reads: opaque cursors, row scopes, and `at_least`."""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec
from fastapi import Depends, Query, Request

from api.auth.permissions import require
from api.auth.principal import Principal
from api.codes import ApiError
from api.services import Books, Pool, Services
from ledger.application.access import WHOLE_CITY
from ledger.application.reading import as_uuid
from ledger.domain.errors import LedgerError
from ledger.projections.paging import Cursor, Scope

T = TypeVar("T")

_NUMBERS: Final = re.compile(r"([0-9]{1,9})\.([0-9]{1,18})\.([0-9]{1,9})")

AtLeast = Annotated[
    str | None,
    Query(
        pattern=r"^[0-9]{1,4}:[0-9]{1,15}$",
        description="`partition:position` of a receipt: wait until the answer can show it.",
        examples=["0:12"],
    ),
]
PageCursor = Annotated[
    str | None,
    Query(max_length=80, description="`next` of the page before.", examples=["MC4xMi4w"]),
]
Limit = Annotated[int, Query(ge=1, le=500, description="Most items on the page.")]
Id = Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$")]
QuotedAccount = Annotated[
    str,
    Query(
        max_length=100,
        pattern=r"^[^\x00]*$",
        description="The account that is asked about.",
        examples=["019ab3c4-7e1f-7a51-9d7e-3f1b7c2d4e5f"],
    ),
]


class Page(msgspec.Struct, Generic[T], kw_only=True):
    """Items in the order of their creation within each partition; `next` is the cursor of the page after, if any.

    New items never move others between pages.
    """

    items: list[T]
    next: str | None


class Reading(msgspec.Struct, frozen=True):
    """One authorised read."""

    principal: Principal
    books: Books
    pool: Pool
    scope: Scope


def reading(permission: str) -> Callable[..., Any]:
    """A FastAPI dependency for a GET: authorised, and as fresh as `at_least` asks."""
    required = require(permission)

    async def read(
        request: Request, principal: Annotated[Principal, Depends(required)], at_least: AtLeast = None
    ) -> Reading:
        services: Services = request.app.state.services
        assert services.books is not None
        if at_least is not None:
            partition, _, position = at_least.partition(":")
            await services.books.reader.wait_for(int(partition), int(position))
        return Reading(principal, services.books, services.pool, scope_of(principal))

    return read


def scope_of(principal: Principal) -> Scope:
    """The rows that the principal may see, for queries."""
    match principal.role:
        case "bank":
            return Scope(bank=principal.bank or "")
        case "institution":
            return Scope(institution_ids=tuple(principal.institutions))
        case "regulator":
            return Scope(
                districts=None if WHOLE_CITY in principal.districts else tuple(principal.districts),
                authorities=tuple(principal.authorities) or None,
            )
        case "parent":
            return Scope(family_ids=tuple(principal.families))
        case "operator":
            return Scope(institution_ids=())


def read_cursor(text: str | None) -> Cursor | None:
    """The place that a cursor stands for. Errors: ApiError `cursor_malformed`."""
    if text is None:
        return None
    try:
        decoded = base64.urlsafe_b64decode(text.encode("ascii") + b"==").decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise ApiError("cursor_malformed") from error
    numbers = _NUMBERS.fullmatch(decoded)
    if numbers is None:
        raise ApiError("cursor_malformed")
    partition, position, ordinal = map(int, numbers.groups())
    return Cursor(partition, position, ordinal)


def write_cursor(cursor: Cursor) -> str:
    """The opaque form of a place."""
    return base64.urlsafe_b64encode(".".join(map(str, cursor)).encode()).decode().rstrip("=")


def page_of(rows: Sequence[Any], limit: int, item: Callable[[Any], T], place: Callable[[Any], Cursor]) -> Page[T]:
    """The page of at most `limit` items when `limit + 1` rows were asked for."""
    shown = rows[:limit]
    more = write_cursor(place(shown[-1])) if len(rows) > limit else None
    return Page(items=[item(row) for row in shown], next=more)


def place_of(row: Any) -> Cursor:
    """The place of a view's row."""
    return Cursor(row.partition, row.position, getattr(row, "ordinal", 0))


def account_filter(account_id: str | None) -> str | None:
    """An account's id as a filter. Errors: LedgerError `account_not_found` for text that is no id of ours."""
    if account_id is not None and as_uuid(account_id) is None:
        raise LedgerError("account_not_found")
    return account_id
