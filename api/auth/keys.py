"""Keys that sign access tokens, kept in the database so that every server process verifies every process's tokens."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from joserfc.jwk import KeySet, OKPKey
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

SIGNING_ALGORITHM: Final = "Ed25519"
# A new key waits this long before it signs, so that the other processes have read it by then.
HANDOVER: Final = timedelta(seconds=30)
# One process at a time makes keys; the number is arbitrary and used for nothing else.
_KEY_LOCK: Final = 7_361_902_211

_SELECT: Final = """
SELECT kid, private_jwk, signs_from FROM escrow.signing_keys
WHERE retired_at IS NULL OR retired_at > %(now)s
ORDER BY signs_from, kid
"""
_INSERT: Final = """
INSERT INTO escrow.signing_keys (kid, algorithm, private_jwk, created_at, signs_from)
VALUES (%(kid)s, 'Ed25519', %(private_jwk)s, %(now)s, %(signs_from)s)
"""
_RETIRE_OTHERS: Final = """
UPDATE escrow.signing_keys SET retired_at = %(retired_at)s WHERE retired_at IS NULL AND kid <> %(kid)s
"""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The key that signs now, the keys that verify, and the public set as served at `/.well-known/jwks.json`."""

    signing: OKPKey
    verifying: KeySet
    public_jwks: dict[str, Any]


async def load_key_ring(connection: AsyncConnection[Any], *, now: datetime) -> KeyRing | None:
    """The keys in force at `now`, or None when there is none that signs yet."""
    rows = await (await connection.execute(_SELECT, {"now": now})).fetchall()
    if not rows:
        return None
    keys = [OKPKey.import_key({**private_jwk, "kid": kid}) for kid, private_jwk, _ in rows]
    due = [key for key, (_, _, signs_from) in zip(keys, rows, strict=True) if signs_from <= now]
    public = [{**key.as_dict(private=False), "alg": SIGNING_ALGORITHM, "use": "sig"} for key in keys]
    return KeyRing(signing=due[-1] if due else keys[0], verifying=KeySet(list(keys)), public_jwks={"keys": public})


async def ensure_key_ring(connection: AsyncConnection[Any], *, now: datetime) -> KeyRing:
    """The keys in force; makes the first one if the store has none. Runs in a transaction of its own."""
    async with connection.transaction():
        ring = await load_key_ring(connection, now=now)
        if ring is not None:
            return ring
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_KEY_LOCK,))
        ring = await load_key_ring(connection, now=now)
        if ring is None:
            await _insert_key(connection, now=now, signs_from=now)
            ring = await load_key_ring(connection, now=now)
    return cast(KeyRing, ring)


async def rotate_signing_key(connection: AsyncConnection[Any], *, now: datetime, token_ttl_s: int) -> str:
    """Makes a key that signs half a minute from now and lets the others verify until their last token has expired.

    Returns the new key's id. Runs in a transaction of its own.
    """
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_KEY_LOCK,))
        kid = await _insert_key(connection, now=now, signs_from=now + HANDOVER)
        retired_at = now + 2 * HANDOVER + timedelta(seconds=token_ttl_s)
        await connection.execute(_RETIRE_OTHERS, {"kid": kid, "retired_at": retired_at})
    return kid


async def _insert_key(connection: AsyncConnection[Any], *, now: datetime, signs_from: datetime) -> str:
    kid = str(uuid7())
    private_jwk = Jsonb(OKPKey.generate_key("Ed25519").as_dict(private=True))
    await connection.execute(_INSERT, {"kid": kid, "private_jwk": private_jwk, "now": now, "signs_from": signs_from})
    return kid
