"""`/v1/webhooks`: endpoints to which changes are sent, and what became of each delivery."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from msgspec import Meta
from psycopg import AsyncConnection
from starlette.responses import Response

from api.answers import found, item_results
from api.calls import Call, command
from api.documentation import described
from api.fields import Body, OptionalText, Reason
from api.pages import Limit, Page, PageCursor, Reading, page_of, read_cursor, reading
from api.topics import audience
from ledger.application.reading import as_uuid
from ledger.application.recording import take_key
from ledger.domain.errors import LedgerError
from ledger.notifications import deliveries, endpoints
from ledger.notifications.addresses import AddressRefused, check_url, resolve
from ledger.notifications.deliveries import Delivery, DeliveryLog, DeliveryState
from ledger.notifications.endpoints import Endpoint
from ledger.notifications.signatures import shown
from ledger.projections.paging import Cursor

router = APIRouter(tags=["notifications"])

_WHOSE = "A client sees its own endpoints and no others."


class NewWebhook(Body, frozen=True, kw_only=True):
    """Where to send what. `topics` name changes (`refund.paid`) or kinds (`refund.*`); none: all that may be read."""

    url: Annotated[str, Meta(min_length=1, max_length=2_000, examples=["https://bank.example/escrow"])]
    topics: Annotated[tuple[Annotated[str, Meta(max_length=64, examples=["refund.*"])], ...], Meta(max_length=50)] = ()
    description: OptionalText = ""


class WebhookReason(Body, frozen=True, kw_only=True):
    """Why."""

    reason: Reason


class Nothing(Body, frozen=True, kw_only=True):
    """No more is to be said."""


class Webhook(msgspec.Struct, kw_only=True):
    """One endpoint. `disabled_because`: a reason of the client, `failing` (too long), or `receiver_gone` (status 410).

    A disabled endpoint keeps its place: what comes meanwhile is delivered when it is enabled.
    """

    endpoint_id: str
    url: str
    topics: list[str]
    description: str
    state: str
    created_at: datetime
    disabled_at: datetime | None
    disabled_because: str | None
    failing_since: datetime | None


class WebhookSecret(Webhook, kw_only=True):
    """The endpoint with the secret that signs its deliveries (Standard Webhooks), shown here and nowhere else.

    Until `old_secret_until` the one before it signs too.
    """

    secret: str
    old_secret_until: datetime | None


@router.post(
    "/v1/webhooks",
    **described(
        summary="Register a webhook endpoint",
        description="It is told of what is recorded from now on. https only, to a public address; the answer has the "
        "secret by which the receiver checks signatures.",
        answer=WebhookSecret,
        body=NewWebhook,
        status=201,
        codes=("webhook_url_wrong", "webhook_address_private", "topic_unknown", "topic_not_allowed", "webhooks_many"),
        command=True,
    ),
)
async def register(
    request: Request, call: Annotated[Call[NewWebhook], Depends(command(NewWebhook, "webhooks:write"))]
) -> Response:
    body, client_id, services = call.body, call.principal.client_id, request.app.state.services
    allowed = audience(call.principal, body.topics)
    check_url(body.url)
    try:
        await resolve(body.url, allow_private=services.settings.webhook_private_addresses)
    except AddressRefused as refused:
        raise LedgerError("webhook_address_private") from refused
    assert call.caller.idempotency_key is not None
    async with call.pool.connection() as connection:
        first = await take_key(connection, call.caller)
        if first:
            endpoint = await endpoints.register(
                connection,
                client_id=client_id,
                url=body.url,
                topics=body.topics or sorted(allowed.topics),
                description=body.description,
                key=call.caller.idempotency_key,
                now=datetime.now(UTC),
            )
        else:
            endpoint = await endpoints.made_by(connection, client_id, call.caller.idempotency_key)
    return _answered(_with_secret(endpoint), first, status=201)


@router.get(
    "/v1/webhooks",
    **described(summary="List webhook endpoints", description=_WHOSE, answer=Page[Webhook]),
)
async def list_webhooks(read: Annotated[Reading, Depends(reading("webhooks:read"))]) -> Response:
    async with read.pool.connection() as connection:
        listed = await endpoints.list_endpoints(connection, read.principal.client_id)
    return found(Page(items=[_shown(one) for one in listed], next=None))


@router.get(
    "/v1/webhooks/{endpoint_id}",
    **described(summary="Get one webhook endpoint", description=_WHOSE, answer=Webhook, codes=("webhook_not_found",)),
)
async def get_webhook(endpoint_id: str, read: Annotated[Reading, Depends(reading("webhooks:read"))]) -> Response:
    async with read.pool.connection() as connection:
        return found(_shown(await endpoints.get(connection, _id(endpoint_id), client_id=read.principal.client_id)))


@router.post(
    "/v1/webhooks/{endpoint_id}/secret",
    **described(
        summary="Change the secret of an endpoint",
        description="Both secrets sign for a day, so that the receiver can change hers in peace.",
        answer=WebhookSecret,
        body=Nothing,
        codes=("webhook_not_found",),
        command=True,
    ),
)
async def rotate(
    endpoint_id: str, call: Annotated[Call[Nothing], Depends(command(Nothing, "webhooks:write"))]
) -> Response:
    async with _own(call, endpoint_id) as (connection, own, first):
        if first:
            await endpoints.rotate(connection, own, now=datetime.now(UTC))
        return _answered(_with_secret(await endpoints.get(connection, own)), first)


@router.post(
    "/v1/webhooks/{endpoint_id}/disable",
    **described(
        summary="Disable an endpoint",
        description="Nothing is sent until it is enabled; nothing is lost.",
        answer=Webhook,
        body=WebhookReason,
        codes=("webhook_not_found",),
        command=True,
    ),
)
async def disable(
    endpoint_id: str, call: Annotated[Call[WebhookReason], Depends(command(WebhookReason, "webhooks:write"))]
) -> Response:
    async with _own(call, endpoint_id) as (connection, own, first):
        if first:
            await endpoints.disable(connection, own, because=call.body.reason, now=datetime.now(UTC))
        return _answered(_shown(await endpoints.get(connection, own)), first)


@router.post(
    "/v1/webhooks/{endpoint_id}/enable",
    **described(
        summary="Enable an endpoint",
        description="It goes on where it stopped.",
        answer=Webhook,
        body=Nothing,
        codes=("webhook_not_found",),
        command=True,
    ),
)
async def enable(
    endpoint_id: str, call: Annotated[Call[Nothing], Depends(command(Nothing, "webhooks:write"))]
) -> Response:
    async with _own(call, endpoint_id) as (connection, own, first):
        if first:
            await endpoints.enable(connection, own, now=datetime.now(UTC))
        return _answered(_shown(await endpoints.get(connection, own)), first)


@router.get(
    "/v1/webhooks/{endpoint_id}/deliveries",
    **described(
        summary="List an endpoint's deliveries",
        description="In the order in which they are sent. `state=dead` are the dead letters: given up after the last "
        "attempt.",
        answer=Page[Delivery],
        codes=("webhook_not_found", "cursor_malformed"),
    ),
)
async def list_deliveries(
    endpoint_id: str,
    read: Annotated[Reading, Depends(reading("webhooks:read"))],
    state: Annotated[DeliveryState | None, Query()] = None,
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    after = read_cursor(cursor)
    async with read.pool.connection() as connection:
        endpoint = await endpoints.get(connection, _id(endpoint_id), client_id=read.principal.client_id)
        rows = await deliveries.list_page(
            connection, endpoint.endpoint_id, state=state, after=after.position if after else 0, limit=limit + 1
        )
    return found(page_of(rows, limit, lambda row: row, lambda row: Cursor(0, row.seq)))


@router.get(
    "/v1/webhooks/{endpoint_id}/deliveries/{delivery_id}",
    **described(
        summary="Get one delivery",
        description="With what was sent, and every attempt.",
        answer=DeliveryLog,
        codes=("webhook_not_found", "delivery_not_found"),
    ),
)
async def get_delivery(
    endpoint_id: str, delivery_id: str, read: Annotated[Reading, Depends(reading("webhooks:read"))]
) -> Response:
    async with read.pool.connection() as connection:
        endpoint = await endpoints.get(connection, _id(endpoint_id), client_id=read.principal.client_id)
        return found(await deliveries.get(connection, endpoint.endpoint_id, _delivery_id(delivery_id)))


@router.post(
    "/v1/webhooks/{endpoint_id}/deliveries/{delivery_id}/resend",
    **described(
        summary="Send a delivery again",
        description="A dead letter, or one that was delivered: it is sent before all later ones, with the same id.",
        answer=Delivery,
        body=Nothing,
        codes=("webhook_not_found", "delivery_not_found", "delivery_waiting"),
        command=True,
    ),
)
async def resend(
    endpoint_id: str, delivery_id: str, call: Annotated[Call[Nothing], Depends(command(Nothing, "webhooks:write"))]
) -> Response:
    async with _own(call, endpoint_id) as (connection, own, first):
        wanted = _delivery_id(delivery_id)
        if first:
            await deliveries.resend(connection, own, wanted, now=datetime.now(UTC))
        return _answered((await deliveries.get(connection, own, wanted)).delivery, first)


@asynccontextmanager
async def _own(call: Call[Any], endpoint_id: str) -> AsyncGenerator[tuple[AsyncConnection[Any], UUID, bool]]:
    """The client's endpoint in a transaction, and whether the request is made for the first time."""
    async with call.pool.connection() as connection:
        endpoint = await endpoints.get(connection, _id(endpoint_id), client_id=call.principal.client_id)
        yield connection, endpoint.endpoint_id, await take_key(connection, call.caller)


def _answered(value: object, first: bool, *, status: int = 200) -> Response:
    answer = item_results(value, replayed=not first)
    answer.status_code = status
    return answer


def _id(text: str) -> UUID:
    endpoint_id = as_uuid(text)
    if endpoint_id is None:
        raise LedgerError("webhook_not_found")
    return endpoint_id


def _delivery_id(text: str) -> UUID:
    delivery_id = as_uuid(text)
    if delivery_id is None:
        raise LedgerError("delivery_not_found")
    return delivery_id


def _fields(endpoint: Endpoint) -> dict[str, Any]:
    return {name: getattr(endpoint, name) for name in Webhook.__struct_fields__} | {
        "endpoint_id": str(endpoint.endpoint_id)
    }


def _shown(endpoint: Endpoint) -> Webhook:
    return Webhook(**_fields(endpoint))


def _with_secret(endpoint: Endpoint) -> WebhookSecret:
    return WebhookSecret(**_fields(endpoint), secret=shown(endpoint.secret), old_secret_until=endpoint.previous_until)
