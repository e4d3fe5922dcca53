"""Machine clients of the API: adding one, listing them, revoking one.

A client proves itself with a public key set (`private_key_jwt`) or, in development, with a secret of 32 random bytes of
which only the SHA-256 is kept. A revoked client stays in the table: its id is named by events and is never given again.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, KeySetSerialization, OKPKey, RSAKey
from psycopg import AsyncConnection, sql
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from ledger.application.access import Bindings, Role, check_grant
from ledger.domain.errors import LedgerError

SECRET_BYTES: Final = 32
MIN_RSA_BITS: Final = 2048
MAX_KEYS: Final = 8
CLIENT_ID_CHARACTERS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
_PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"})

_INSERT: Final = """
INSERT INTO escrow.api_clients (client_id, name, role, scopes, bindings, secret_sha256, public_jwks, created_at)
VALUES (%(client_id)s, %(name)s, %(role)s, %(scopes)s, %(bindings)s, %(secret_sha256)s, %(public_jwks)s, %(now)s)
ON CONFLICT (client_id) DO NOTHING
RETURNING client_id
"""
_COLUMNS: Final = sql.SQL(
    "SELECT client_id, name, role, scopes, bindings, secret_sha256, public_jwks, created_at, revoked_at"
    " FROM escrow.api_clients"
)
_REVOKE: Final = """
UPDATE escrow.api_clients SET revoked_at = coalesce(revoked_at, %(now)s) WHERE client_id = %(client_id)s
RETURNING revoked_at
"""


@dataclass(frozen=True, slots=True)
class Client:
    """One client as stored. Exactly one of `secret_sha256` (32 bytes) and `public_jwks` (an RFC 7517 set) is there."""

    client_id: str
    name: str
    role: Role
    scopes: frozenset[str]
    bindings: Bindings
    secret_sha256: bytes | None
    public_jwks: Mapping[str, Any] | None
    created_at: datetime
    revoked_at: datetime | None

    def has_secret(self, secret: str) -> bool:
        """Whether the secret is this client's, compared in constant time."""
        if self.secret_sha256 is None:
            return False
        return secrets.compare_digest(hashlib.sha256(secret.encode()).digest(), self.secret_sha256)


async def add_client(
    connection: AsyncConnection[Any],
    *,
    client_id: str,
    name: str,
    role: Role,
    scopes: frozenset[str],
    bindings: Bindings,
    now: datetime,
    public_jwks: Mapping[str, Any] | None = None,
) -> str | None:
    """Stores a client in the connection's transaction; the caller commits.

    Returns the generated secret, which is shown once and not kept, or None where the client has a public key set.
    Errors: LedgerError `client_id_malformed`, `client_exists`, `client_scope_not_allowed`, `client_bindings_wrong`,
    `bank_code_malformed`, `client_key_wrong`.
    """
    if not 1 <= len(client_id) <= 64 or not CLIENT_ID_CHARACTERS.issuperset(client_id):
        raise LedgerError("client_id_malformed")
    check_grant(role, scopes, bindings)
    if public_jwks is not None:
        import_public_keys(public_jwks)
    secret = None if public_jwks is not None else secrets.token_urlsafe(SECRET_BYTES)
    row = {
        "client_id": client_id,
        "name": name,
        "role": role,
        "scopes": sorted(scopes),
        "bindings": Jsonb(bindings.to_json()),
        "secret_sha256": None if secret is None else hashlib.sha256(secret.encode()).digest(),
        "public_jwks": None if public_jwks is None else Jsonb(public_jwks),
        "now": now,
    }
    cursor = await connection.execute(_INSERT, row)
    if await cursor.fetchone() is None:
        raise LedgerError("client_exists", client_id=client_id)
    return secret


async def find_client(connection: AsyncConnection[Any], client_id: str) -> Client | None:
    """The client of this id, revoked or not, or None."""
    found = await _select(connection, sql.SQL(" WHERE client_id = %s"), (client_id,))
    return found[0] if found else None


async def list_clients(connection: AsyncConnection[Any]) -> list[Client]:
    """All clients, oldest first, the revoked ones too."""
    return await _select(connection, sql.SQL(" ORDER BY created_at, client_id"), ())


async def clients_of_bank(connection: AsyncConnection[Any], bank: str) -> list[Client]:
    """The clients that act for a bank, oldest first, the revoked ones too."""
    condition = sql.SQL(" WHERE role = 'bank' AND bindings ->> 'bank' = %s ORDER BY created_at, client_id")
    return await _select(connection, condition, (bank,))


async def revoke_client(connection: AsyncConnection[Any], *, client_id: str, now: datetime) -> datetime:
    """Revokes the client in the connection's transaction and returns since when it is revoked; repeatable.

    Errors: LedgerError `client_not_found`.
    """
    cursor = connection.cursor(row_factory=dict_row)
    row = await (await cursor.execute(_REVOKE, {"client_id": client_id, "now": now})).fetchone()
    if row is None:
        raise LedgerError("client_not_found", client_id=client_id)
    return row["revoked_at"]


def import_public_keys(public_jwks: Mapping[str, Any]) -> KeySet:
    """The key set of a client: Ed25519, P-256 or RSA public keys, named by distinct `kid`s where there are several.

    Errors: LedgerError `client_key_wrong` for anything else, a private key included.
    """
    keys = public_jwks.get("keys")
    if not isinstance(keys, list) or not 1 <= len(cast(list[object], keys)) <= MAX_KEYS:
        raise LedgerError("client_key_wrong")
    for key in cast(list[object], keys):
        if not isinstance(key, dict) or _PRIVATE_MEMBERS & cast(dict[str, object], key).keys():
            raise LedgerError("client_key_wrong")
    try:
        imported = KeySet.import_key_set(cast(KeySetSerialization, cast(object, public_jwks)))
        usable = all(_is_usable(key) for key in imported.keys)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise LedgerError("client_key_wrong") from error
    names = [key.kid for key in imported.keys]
    if not usable or len(names) != len(cast(list[object], keys)):
        raise LedgerError("client_key_wrong")
    if len(names) > 1 and (None in names or len(set(names)) != len(names)):
        raise LedgerError("client_key_wrong")
    return imported


def _is_usable(key: object) -> bool:
    match key:
        case OKPKey():
            return key.curve_name == "Ed25519"
        case ECKey():
            return key.curve_name == "P-256"
        case RSAKey():
            return key.public_key.key_size >= MIN_RSA_BITS
        case _:
            return False


@dataclass(frozen=True, slots=True)
class _Row:
    client_id: str
    name: str
    role: Role
    scopes: list[str]
    bindings: dict[str, str | list[str]]
    secret_sha256: bytes | None
    public_jwks: dict[str, Any] | None
    created_at: datetime
    revoked_at: datetime | None


async def _select(connection: AsyncConnection[Any], condition: sql.SQL, values: tuple[object, ...]) -> list[Client]:
    cursor = connection.cursor(row_factory=class_row(_Row))
    rows = await (await cursor.execute(_COLUMNS + condition, values)).fetchall()
    return [
        Client(
            client_id=row.client_id,
            name=row.name,
            role=row.role,
            scopes=frozenset(row.scopes),
            bindings=Bindings.from_json(row.bindings),
            secret_sha256=row.secret_sha256,
            public_jwks=row.public_jwks,
            created_at=row.created_at,
            revoked_at=row.revoked_at,
        )
        for row in rows
    ]
