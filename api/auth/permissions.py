"""May this client do that, and to that row: permissions by scope, row scopes by the account's own ids.

A missing permission is answered 403. A row outside the client's row scope is answered as if it were not there, because
whether it exists is part of what the client may not see.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated, Final

from fastapi import Request, Security
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import OAuth2

from api.auth.principal import Principal
from api.auth.tokens import Tokens
from api.codes import ApiError
from api.query import require_known_query
from api.ratelimit import RateLimits
from api.request_context import Scope, context_of, header_of
from ledger.application.access import ROLE_SCOPES, SCOPES
from ledger.domain.authorities import is_supervised_by
from ledger.domain.errors import LedgerError

__all__ = [
    "ROLE_SCOPES",
    "SCOPES",
    "authorise",
    "may_see_account",
    "may_see_family",
    "require",
    "require_permission",
    "require_row",
]

TOKEN_PATH: Final = "/v1/oauth/token"

_scheme = OAuth2(
    scheme_name="oauth2",
    description="Client credentials; see `/.well-known/oauth-authorization-server`.",
    flows=OAuthFlows(
        clientCredentials=OAuthFlowClientCredentials(
            tokenUrl=TOKEN_PATH,
            scopes={
                scope: f"For {', '.join(role for role, held in ROLE_SCOPES.items() if scope in held)}."
                for scope in sorted(SCOPES)
            },
        )
    ),
    auto_error=False,
)


def authorise(scope: Scope, permission: str) -> Principal:
    """The principal of an ASGI scope, if it holds the permission. For thin routes; others use `require`.

    Errors: ApiError `unauthenticated`, `token_invalid`, `permission_denied`, `rate_limited`, `access_state_stale`; and
    those of `require_known_query`, last.
    """
    assert permission in SCOPES, permission
    state = scope["app"].state
    tokens: Tokens = state.tokens
    limits: RateLimits = state.rate_limits
    principal = tokens.principal(header_of(scope, b"authorization"))
    context_of(scope).is_client(principal.client_id)
    limits.count_client(principal.client_id)
    require_permission(principal, permission)
    require_known_query(scope)
    return principal


def require_permission(principal: Principal, permission: str) -> None:
    """Errors: ApiError `permission_denied`. For what a route needs beside the permission that opens it."""
    assert permission in SCOPES, permission
    if permission not in principal.scopes:
        challenge = f'Bearer realm="escrow", error="insufficient_scope", scope="{permission}"'
        raise ApiError("permission_denied", headers={"www-authenticate": challenge}, permission=permission)


def require(permission: str) -> Callable[..., Awaitable[Principal]]:
    """A FastAPI dependency that yields the principal, if it holds the permission; documented in OpenAPI.

    Use as `principal: Annotated[Principal, Depends(require("deposits:write"))]`. Errors: as `authorise`.
    """
    assert permission in SCOPES, permission

    async def required_principal(
        request: Request, _documented: Annotated[str | None, Security(_scheme, scopes=[permission])]
    ) -> Principal:
        return authorise(request.scope, permission)

    return required_principal


def may_see_account(
    principal: Principal,
    *,
    bank: str,
    institution_id: str,
    district: str,
    authorities: Iterable[str] = (),
    family_ids: Iterable[str] = (),
) -> bool:
    """Whether the account is within the principal's row scope.

    `authorities` are those that have a say over the account: names of authorities of its own district, or codes of
    districts.
    `family_ids` are the families that the request is about: a parent sees an account only through its own family, and
    sees nothing where any other family is concerned.
    """
    match principal.role:
        case "bank":
            return principal.bank == bank
        case "institution":
            return institution_id in principal.institutions
        case "regulator":
            return is_supervised_by(
                district=district,
                authorities=authorities,
                districts=principal.districts,
                acting_authorities=principal.authorities,
            )
        case "parent":
            families = frozenset(family_ids)
            return bool(families) and families <= principal.families
        case "operator":
            return False


def may_see_family(principal: Principal, family_id: str) -> bool:
    """Whether a parent's row scope has the family. Other roles see families through accounts, not by their ids."""
    return principal.role == "parent" and family_id in principal.families


def require_row(visible: bool, not_found_code: str = "account_not_found", **figures: int | str) -> None:
    """Refuses a row out of scope with the very answer that a row which does not exist gets.

    Errors: LedgerError with `not_found_code`.
    """
    if not visible:
        raise LedgerError(not_found_code, **figures)
