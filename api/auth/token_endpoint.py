"""`POST /v1/oauth/token` (RFC 6749, client credentials) and the documents by which clients find it (RFC 8414, 7517).

Its refusals have the form that OAuth clients expect, `error` and `error_description`, in place of problem details.
"""

from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from api.auth.access_state import AccessState
from api.auth.client_authentication import ASSERTION_ALGORITHMS, OAuthError, authenticate_client
from api.auth.permissions import TOKEN_PATH
from api.auth.tokens import Tokens
from api.codes import ApiError
from api.errors import BodyTooLarge
from api.ratelimit import RateLimits
from api.request_context import context_of, header_of
from api.services import Services
from ledger.application.access import ROLE_SCOPES, SCOPES
from ledger.application.clients import Client

FORM_MEDIA_TYPE: Final = "application/x-www-form-urlencoded"
MAX_FORM_BYTES: Final = 16_384
MAX_FORM_FIELDS: Final = 20
# Discovery documents change when a key is added, which is known half a minute before it signs.
_DISCOVERY_CACHE: Final = {"cache-control": "public, max-age=15"}

_FORM_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"type": "string", "enum": ["client_credentials"]},
        "scope": {"type": "string", "description": "Permissions, separated by spaces; all of the client's if absent."},
        "client_id": {"type": "string"},
        "client_assertion_type": {
            "type": "string",
            "enum": ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"],
        },
        "client_assertion": {"type": "string", "description": "The signed JWT of private_key_jwt (RFC 7523)."},
        "client_secret": {"type": "string", "description": "Development only."},
    },
    "example": {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": "eyJhbGciOiJFZDI1NTE5In0.eyJpc3MiOiJiYW5rLTEifQ.c2lnbmF0dXJl",
        "scope": "deposits:write",
    },
}


class AccessToken(BaseModel):
    """An access token for the Authorization header of every other request."""

    access_token: str = Field(examples=["eyJhbGciOiJFZDI1NTE5IiwidHlwIjoiYXQrand0In0.e30.c2lnbmF0dXJl"])
    token_type: str = Field(examples=["Bearer"])
    expires_in: int = Field(description="Seconds.", examples=[600])
    scope: str = Field(examples=["deposits:write"])


class TokenRefusal(BaseModel):
    """A refusal after RFC 6749, 5.2."""

    error: str = Field(examples=["invalid_client"])
    error_description: str = Field(examples=["The assertion has expired."])
    request_id: str = Field(examples=["019ab3c4-7e1f-7a51-9d7e-3f1b7c2d4e5f"])


class ServerMetadata(BaseModel):
    """Authorization server metadata after RFC 8414."""

    issuer: str = Field(examples=["https://escrow.example"])
    token_endpoint: str = Field(examples=["https://escrow.example/v1/oauth/token"])
    jwks_uri: str = Field(examples=["https://escrow.example/.well-known/jwks.json"])
    grant_types_supported: list[str]
    response_types_supported: list[str]
    scopes_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]
    service_documentation: str


class JsonWebKeySet(BaseModel):
    """Public keys after RFC 7517, with which anyone can verify our tokens."""

    keys: list[dict[str, str | list[str]]]


def token_router(services: Services, *, state: AccessState, tokens: Tokens, limits: RateLimits) -> APIRouter:
    """The token endpoint and the discovery documents."""
    router = APIRouter(tags=["access"])
    settings = services.settings
    issuer = settings.public_url
    audiences = frozenset({issuer, issuer + TOKEN_PATH})
    methods = ["private_key_jwt"]
    if settings.allow_dev_secrets:
        methods += ["client_secret_basic", "client_secret_post"]

    @router.post(
        TOKEN_PATH,
        summary="Exchange a client's proof for an access token",
        response_model=AccessToken,
        responses={
            400: {"model": TokenRefusal, "description": "The request is refused."},
            401: {"model": TokenRefusal, "description": "The client's proof is refused."},
        },
        openapi_extra={"requestBody": {"required": True, "content": {FORM_MEDIA_TYPE: {"schema": _FORM_SCHEMA}}}},
    )
    async def issue_token(request: Request) -> Response:
        limits.count_token_request(request.client.host if request.client else "")
        authorization = header_of(request.scope, b"authorization")
        try:
            form = await _read_form(request)
            if form.get("grant_type") != "client_credentials":
                code = "unsupported_grant_type" if form.get("grant_type") else "invalid_request"
                raise OAuthError(code, "grant_type must be client_credentials.")
            async with services.pool.connection() as connection:
                client = await authenticate_client(
                    connection,
                    form,
                    authorization,
                    audiences=audiences,
                    allow_secrets=settings.allow_dev_secrets,
                    now=services.clock(),
                )
            context_of(request.scope).is_client(client.client_id)
            scopes = _granted_scopes(client, form.get("scope"))
        except OAuthError as refusal:
            return _refuse(request, refusal)
        token = tokens.issue(client, scopes)
        answer = AccessToken(
            access_token=token, token_type="Bearer", expires_in=tokens.ttl_s, scope=" ".join(sorted(scopes))
        )
        return JSONResponse(answer.model_dump(), headers={"cache-control": "no-store", "pragma": "no-cache"})

    @router.get("/.well-known/oauth-authorization-server", summary="Where and how tokens are issued")
    async def server_metadata() -> ServerMetadata:
        return ServerMetadata(
            issuer=issuer,
            token_endpoint=issuer + TOKEN_PATH,
            jwks_uri=issuer + "/.well-known/jwks.json",
            grant_types_supported=["client_credentials"],
            response_types_supported=[],
            scopes_supported=sorted(SCOPES),
            token_endpoint_auth_methods_supported=methods,
            token_endpoint_auth_signing_alg_values_supported=list(ASSERTION_ALGORITHMS),
            service_documentation=issuer + "/docs",
        )

    @router.get(
        "/.well-known/jwks.json", summary="The public keys that verify access tokens", response_model=JsonWebKeySet
    )
    async def public_keys() -> Response:
        return Response(msgspec.json.encode(state.ring.public_jwks), 200, _DISCOVERY_CACHE, "application/json")

    return router


async def _read_form(request: Request) -> dict[str, str]:
    media_type = (header_of(request.scope, b"content-type") or b"").partition(b";")[0].strip().lower()
    if media_type != FORM_MEDIA_TYPE.encode():
        raise ApiError("media_type_unsupported")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise BodyTooLarge(MAX_FORM_BYTES)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS, errors="strict")
    except ValueError as error:
        raise OAuthError("invalid_request", "The form is malformed.") from error
    form = dict(pairs)
    if len(form) != len(pairs):
        raise OAuthError("invalid_request", "A field of the form stands twice.")
    if any("\0" in value for value in form.values()):
        raise OAuthError("invalid_request", "The form is malformed.")
    return form


def _granted_scopes(client: Client, asked: str | None) -> frozenset[str]:
    held = client.scopes & ROLE_SCOPES[client.role]
    if not asked:
        return held
    scopes = frozenset(asked.split())
    if not scopes <= held:
        raise OAuthError("invalid_scope", "A scope was asked for which the client does not hold.")
    return scopes


def _refuse(request: Request, refusal: OAuthError) -> Response:
    context = context_of(request.scope)
    context.code = refusal.error
    body = TokenRefusal(error=refusal.error, error_description=refusal.description, request_id=context.request_id)
    headers = {"cache-control": "no-store", "pragma": "no-cache"}
    if refusal.challenge:
        headers["www-authenticate"] = 'Basic realm="escrow"'
    return JSONResponse(body.model_dump(), refusal.status, headers)
