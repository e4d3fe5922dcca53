"""The one client on whose behalf a request is made, as its access token describes it."""

from dataclasses import dataclass
from typing import Any

import msgspec

from ledger.application.access import Bindings, Role
from ledger.domain.actors import actor_name
from ledger.domain.authorities import codes_of


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated client: its permissions (`scopes`) and its row scope, of which one kind is filled, by role.

    `districts` may hold "*", the whole city; `authorities`, if any, narrow a regulator's districts.
    """

    client_id: str
    role: Role
    scopes: frozenset[str]
    bank: str | None = None
    institutions: frozenset[str] = frozenset()
    families: frozenset[str] = frozenset()
    districts: frozenset[str] = frozenset()
    authorities: frozenset[str] = frozenset()

    @property
    def acting(self) -> tuple[str, ...]:
        """The codes of the authorities that a regulator's client acts for; none for others."""
        return codes_of(self.districts, self.authorities)

    @property
    def actor(self) -> str:
        """Who events say it was: `role:client`, of a regulator with the authorities that it acts for."""
        return self.actor_for("")

    def actor_for(self, person: str) -> str:
        """The same with the person for whom the client says it asks, if it names one (`ledger.domain.actors`)."""
        return actor_name(self.role, self.client_id, person=person, acting=self.acting)


class AccessClaims(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The claims of an access token (RFC 9068), its row scope in `bindings`. Instants are seconds since 1970."""

    iss: str
    aud: str
    sub: str
    client_id: str
    jti: str
    iat: int
    exp: int
    scope: str
    role: Role
    bindings: dict[str, str | list[str]]

    def principal(self) -> Principal:
        """The principal that these claims describe."""
        bound = Bindings.from_json(self.bindings)
        return Principal(
            client_id=self.client_id,
            role=self.role,
            scopes=frozenset(self.scope.split()),
            bank=bound.bank,
            institutions=bound.institutions,
            families=bound.families,
            districts=bound.districts,
            authorities=bound.authorities,
        )

    def to_json(self) -> dict[str, Any]:
        """The claims set as it is signed."""
        return msgspec.to_builtins(self)
