"""Roles, permissions and row scopes of API clients: which role may hold which permission, and over whose rows.

A permission says what a client may do (`deposits:write`); a row scope says on whose accounts (a bank's code, the ids of
institutions or families, district codes). Both are needed for every request.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeGuard, get_args

from ledger.domain.decisions.account import BANK_CODE
from ledger.domain.errors import LedgerError

Role = Literal["bank", "institution", "parent", "regulator", "operator"]

ROLES: Final[tuple[Role, ...]] = get_args(Role)
WHOLE_CITY: Final = "*"
AUTHORITY: Final = re.compile("[0-9A-Za-z]{1,12}")
"""The name of an authority, as an account's `authorities` give it."""

ROLE_SCOPES: Final[dict[Role, frozenset[str]]] = {
    "bank": frozenset(
        {
            "accounts:read",
            "balances:read",
            "bank_files:write",
            "deposits:write",
            "history:read",
            "instructions:export",
            "instructions:read",
            "instructions:settle",
            "loss:read",
            "reconciliation:read",
            "rules:read",
            "statements:write",
            "stream:read",
            "webhooks:read",
            "webhooks:write",
        }
    ),
    "institution": frozenset(
        {
            "accounts:read",
            "advances:write",
            "balances:read",
            "closures:write",
            "contracts:read",
            "contracts:write",
            "fee_notices:write",
            "history:read",
            "instructions:approve",
            "instructions:read",
            "lessons:read",
            "lessons:write",
            "loss:read",
            "payouts:write",
            "people:read",
            "people:write",
            "reconciliation:read",
            "rectifications:answer",
            "rectifications:read",
            "refunds:answer",
            "refunds:read",
            "rules:read",
            "stream:read",
            "suspense:read",
            "suspense:write",
            "webhooks:read",
            "webhooks:write",
        }
    ),
    "parent": frozenset(
        {
            "complaints:read",
            "complaints:write",
            "contracts:accept",
            "contracts:read",
            "lessons:confirm",
            "lessons:read",
            "loss:read",
            "people:own",
            "receipts:read",
            "refunds:read",
            "refunds:request",
            "rules:read",
        }
    ),
    "regulator": frozenset(
        {
            "accounts:read",
            "accounts:write",
            "alerts:read",
            "alerts:write",
            "balances:read",
            "cases:read",
            "cases:write",
            "contracts:read",
            "days:close",
            "districts:read",
            "facts:write",
            "freeze:write",
            "history:read",
            "holds:write",
            "inspections:read",
            "inspections:write",
            "instructions:approve",
            "instructions:read",
            "lessons:decide",
            "lessons:read",
            "loss:read",
            "minimum_balance:write",
            "packs:read",
            "people:audit",
            "people:erase",
            "people:read",
            "people:reveal",
            "reconciliation:read",
            "reconciliation:write",
            "rectifications:read",
            "refunds:order",
            "refunds:read",
            "rules:read",
            "stream:read",
            "suspense:read",
            "suspense:write",
            "webhooks:read",
            "webhooks:write",
            "wind_down:write",
        }
    ),
    "operator": frozenset({"operations:read", "rules:read"}),
}
SCOPES: Final[frozenset[str]] = frozenset(scope for scopes in ROLE_SCOPES.values() for scope in scopes)

# The kind of row scope which a role is bound to. An operator keeps the machine and sees nobody's rows.
ROLE_BINDING: Final[dict[Role, str | None]] = {
    "bank": "bank",
    "institution": "institutions",
    "parent": "families",
    "regulator": "districts",
    "operator": None,
}


@dataclass(frozen=True, slots=True)
class Bindings:
    """A client's row scope: at most one kind is filled, the one of its role. `districts` may be {"*"}, the city.

    `authorities` narrow a regulator's districts to accounts that name one of them (`ledger.domain.authorities`).
    """

    bank: str | None = None
    institutions: frozenset[str] = frozenset()
    families: frozenset[str] = frozenset()
    districts: frozenset[str] = frozenset()
    authorities: frozenset[str] = frozenset()

    def to_json(self) -> dict[str, str | list[str]]:
        """The stored form: only the kind that is filled, lists in order."""
        stored: dict[str, str | list[str]] = {} if self.bank is None else {"bank": self.bank}
        for kind, ids in (
            ("institutions", self.institutions),
            ("families", self.families),
            ("districts", self.districts),
            ("authorities", self.authorities),
        ):
            if ids:
                stored[kind] = sorted(ids)
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, str | list[str]]) -> "Bindings":
        """The inverse of `to_json`. Errors: LedgerError `client_bindings_wrong` for any other shape."""
        bank = stored.get("bank")
        lists: dict[str, frozenset[str]] = {}
        for kind in stored.keys() - {"bank"}:
            ids = stored[kind]
            if kind not in ("institutions", "families", "districts", "authorities") or not isinstance(ids, list):
                raise LedgerError("client_bindings_wrong")
            lists[kind] = frozenset(ids)
        if bank is not None and not isinstance(bank, str):
            raise LedgerError("client_bindings_wrong")
        return cls(bank=bank, **lists)


def is_role(text: str) -> TypeGuard[Role]:
    """Whether the text names a role."""
    return text in ROLES


def check_grant(role: Role, scopes: frozenset[str], bindings: Bindings) -> None:
    """Refuses a client whose permissions or row scope do not fit its role.

    Errors: LedgerError `client_scope_not_allowed` with the first such scope, `client_bindings_wrong`,
    `bank_code_malformed`: no account could ever be held at such a bank.
    """
    beyond = sorted(scopes - ROLE_SCOPES[role])
    if beyond:
        raise LedgerError("client_scope_not_allowed", role=role, scope=beyond[0])
    kind = ROLE_BINDING[role]
    stored = bindings.to_json()
    optional = {"authorities"} if kind == "districts" else set[str]()
    if set(stored) - optional != ({kind} if kind else set()):
        raise LedgerError("client_bindings_wrong")
    if bindings.bank is not None and not BANK_CODE.fullmatch(bindings.bank):
        raise LedgerError("bank_code_malformed")
    if any(not AUTHORITY.fullmatch(name) for name in bindings.authorities):
        raise LedgerError("client_bindings_wrong")
    if any(not item.strip() for value in stored.values() for item in ([value] if isinstance(value, str) else value)):
        raise LedgerError("client_bindings_wrong")
    if WHOLE_CITY in bindings.institutions | bindings.families:
        raise LedgerError("client_bindings_wrong")
