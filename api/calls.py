"""From an HTTP request to a call of a use case: who asks, by which key it is recognised, and for what."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Annotated, Final, Generic, TypeVar
from uuid import UUID

import msgspec
from fastapi import Depends, Request

from api.auth.permissions import may_see_account, require
from api.auth.principal import Principal
from api.bodies import read_json
from api.codes import ApiError
from api.request_context import header_of
from api.services import Books, Pool, Services
from ledger.application.caller import Caller, Visible, hash_of, key_of
from ledger.application.ledger import Ledger
from ledger.application.reading import Reader, as_uuid
from ledger.domain.account import EscrowAccount
from ledger.domain.errors import LedgerError

Body = TypeVar("Body")

_KEY: Final = re.compile(rb"[\x21-\x7e](?:[\x20-\x7e]{0,126}[\x21-\x7e])?")
_PERSON: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_ENTITY_TAG: Final = re.compile(rb'"([0-9]{1,15})"')


@dataclass(frozen=True, slots=True)
class Call(Generic[Body]):
    """One authorised request with its decoded body."""

    principal: Principal
    body: Body
    caller: Caller
    books: Books
    pool: Pool

    @property
    def ledger(self) -> Ledger:
        return self.books.ledger

    @property
    def reader(self) -> Reader:
        return self.books.reader

    @property
    def bank(self) -> str:
        """The bank that calls. It comes from the token and from nowhere else."""
        assert self.principal.bank is not None
        return self.principal.bank

    def caller_who(self, visible: Visible) -> Caller:
        """The caller with a narrower row scope."""
        return replace(self.caller, visible=visible)


def command(body: type[Body], permission: str) -> Callable[..., Awaitable[Call[Body]]]:
    """A FastAPI dependency for a POST that changes something; use with `Annotated[Call[B], Depends(command(B, p))]`."""
    decoder = msgspec.json.Decoder(body)
    required = require(permission)

    async def called(request: Request, principal: Annotated[Principal, Depends(required)]) -> Call[Body]:
        return await read_call(request, principal, decoder)

    return called


async def read_call(request: Request, principal: Principal, decoder: msgspec.json.Decoder[Body]) -> Call[Body]:
    """The call of a POST with a JSON body.

    Errors: ApiError and msgspec errors of `read_json`; LedgerError `idempotency_key_missing` or
    `idempotency_key_malformed`; ApiError `if_match_malformed`.
    """
    key = read_key(request, principal)
    body, _ = await read_json(request, decoder)
    # Encoded anew, so that white space and the order of fields do not make another request.
    hashed = hash_of("POST", request.scope["path"], msgspec.json.encode(body))
    return call_with(request, principal, body, key=key, request_hash=hashed)


def call_with(
    request: Request, principal: Principal, body: Body, *, key: UUID | None, request_hash: bytes | None
) -> Call[Body]:
    """The call of a request whose body was read."""
    services: Services = request.app.state.services
    assert services.books is not None
    caller = Caller(
        actor=principal.actor_for(_acting_person(request)),
        idempotency_key=key,
        request_hash=request_hash,
        visible=visible_to(principal),
        expected_version=_expected_version(request),
    )
    return Call(principal, body, caller, services.books, services.pool)


def read_key(request: Request, principal: Principal) -> UUID:
    """The request's idempotency key. Errors: LedgerError `idempotency_key_missing`, `idempotency_key_malformed`."""
    header = header_of(request.scope, b"idempotency-key")
    if header is None:
        raise LedgerError("idempotency_key_missing")
    if not _KEY.fullmatch(header):
        raise LedgerError("idempotency_key_malformed")
    return key_of(principal.client_id, header.decode("ascii"))


def _acting_person(request: Request) -> str:
    """The opaque id of the person for whom the client asks, empty if it names none. Errors: LedgerError
    `acting_person_malformed`."""
    header = header_of(request.scope, b"acting-person")
    if header is None:
        return ""
    if not _PERSON.fullmatch(header):
        raise LedgerError("acting_person_malformed")
    return header.decode("ascii")


def _expected_version(request: Request) -> int | None:
    header = header_of(request.scope, b"if-match")
    if header is None:
        return None
    found = _ENTITY_TAG.fullmatch(header)
    if found is None:
        raise ApiError("if_match_malformed")
    return int(found.group(1))


def visible_to(principal: Principal) -> Visible:
    """The principal's row scope over accounts. A parent's depends on the contract and is narrowed by the route."""
    bank = principal.bank
    if principal.role == "bank":
        return lambda account: account.bank == bank

    def visible(account: EscrowAccount) -> bool:
        return may_see_account(
            principal,
            bank=account.bank,
            institution_id=account.institution_id,
            district=account.district,
            authorities=account.authorities,
        )

    return visible


def account_id_of(text: str) -> UUID:
    """The account id of a path. Errors: LedgerError `account_not_found` for text that is no id of ours."""
    account_id = as_uuid(text)
    if account_id is None:
        raise LedgerError("account_not_found")
    return account_id
