"""Persons of the staff: a user name, an argon2id password, an authenticator's codes (RFC 6238), a row scope."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pyotp
from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pyotp.totp import TOTP

from ledger.application.access import ROLE_SCOPES, Bindings, Role, check_grant
from ledger.application.sign_in.installation_key import InstallationKey
from ledger.domain.errors import LedgerError

MIN_PASSWORD: Final = 12
TOTP_STEP_S: Final = 30
ISSUER: Final = "Escrow ledger"
_USER_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_COMMON: Final = ("password", "123456789012", "qwertyuiop", "111111111111", "abcdefghijkl", "1qaz2wsx3edc")

# RFC 9106's second recommended option: 64 MiB, three passes, four lanes.
_hashes = PasswordHash((Argon2Hasher(memory_cost=65_536, time_cost=3, parallelism=4),))
_nobody = _hashes.hash(secrets.token_hex())
"""Checked for user names that do not exist, so that the answer takes as long."""

_INSERT: Final = """
INSERT INTO escrow.users (user_id, name, role, bindings, password_hash, totp_secret, created_at)
VALUES (%(user_id)s, %(name)s, %(role)s, %(bindings)s, %(password_hash)s, %(totp_secret)s, %(now)s)
ON CONFLICT (user_id) DO NOTHING RETURNING user_id
"""
_SELECT: Final = (
    "SELECT user_id, name, role, bindings, password_hash, totp_secret, totp_used, created_at, disabled_at "
    "FROM escrow.users"
)
_USE_STEP: Final = "UPDATE escrow.users SET totp_used = %s WHERE user_id = %s AND totp_used < %s RETURNING user_id"
_DISABLE: Final = """
UPDATE escrow.users SET disabled_at = coalesce(disabled_at, %(now)s) WHERE user_id = %(user_id)s
RETURNING disabled_at
"""
_RENEW: Final = """
UPDATE escrow.users SET password_hash = %(password_hash)s, totp_secret = %(totp_secret)s, totp_used = 0
 WHERE user_id = %(user_id)s RETURNING user_id
"""


@dataclass(frozen=True, slots=True)
class User:
    """One user as stored. Disabled ones stay: events and visits name them."""

    user_id: str
    name: str
    role: Role
    bindings: dict[str, str | list[str]]
    password_hash: str
    totp_secret: bytes
    totp_used: int
    created_at: datetime
    disabled_at: datetime | None

    @property
    def bound(self) -> Bindings:
        """The row scope."""
        return Bindings.from_json(self.bindings)


async def add_user(
    connection: AsyncConnection[Any],
    key: InstallationKey,
    *,
    user_id: str,
    name: str,
    role: Role,
    bindings: Bindings,
    password: str | None,
    now: datetime,
) -> str:
    """Store a user in the connection's transaction; returns the provisioning address for an authenticator app.

    Without a password she signs in by the identity provider alone.

    Raises LedgerError `user_id_malformed`, `user_role_wrong`, `client_bindings_wrong`, `bank_code_malformed`,
    `password_weak`, `user_exists`.
    """
    if not _USER_ID.fullmatch(user_id):
        raise LedgerError("user_id_malformed")
    if role == "parent":
        raise LedgerError("user_role_wrong")
    check_grant(role, ROLE_SCOPES[role], bindings)
    secret = pyotp.random_base32()
    row = {
        "user_id": user_id,
        "name": name,
        "role": role,
        "bindings": Jsonb(bindings.to_json()),
        "password_hash": _hashes.hash(secrets.token_hex() if password is None else _require_strong(password, user_id)),
        "totp_secret": key.seal(secret.encode(), name=f"totp/{user_id}"),
        "now": now,
    }
    if await (await connection.execute(_INSERT, row)).fetchone() is None:
        raise LedgerError("user_exists", user_id=user_id)
    return _provisioning(secret, user_id)


async def renew_credentials(
    connection: AsyncConnection[Any], key: InstallationKey, *, user_id: str, password: str
) -> str:
    """Give a user another password and authenticator; returns as `add_user`. Raises `user_not_found` too."""
    secret = pyotp.random_base32()
    row = {
        "user_id": user_id,
        "password_hash": _hashes.hash(_require_strong(password, user_id)),
        "totp_secret": key.seal(secret.encode(), name=f"totp/{user_id}"),
    }
    if await (await connection.execute(_RENEW, row)).fetchone() is None:
        raise LedgerError("user_not_found", user_id=user_id)
    return _provisioning(secret, user_id)


async def disable_user(connection: AsyncConnection[Any], *, user_id: str, now: datetime) -> datetime:
    """Keep a user from signing in, from now on. Their sessions are the caller's to end. Raises `user_not_found`."""
    row = await (await connection.execute(_DISABLE, {"user_id": user_id, "now": now})).fetchone()
    if row is None:
        raise LedgerError("user_not_found", user_id=user_id)
    return row[0]


async def list_users(connection: AsyncConnection[Any]) -> list[User]:
    """All users by user name, the disabled ones too."""
    cursor = connection.cursor(row_factory=class_row(User))
    return await (await cursor.execute(f"{_SELECT} ORDER BY user_id".encode())).fetchall()


async def find_user(connection: AsyncConnection[Any], user_id: str) -> User | None:
    """The user, disabled or not."""
    if "\0" in user_id:
        return None
    cursor = connection.cursor(row_factory=class_row(User))
    return await (await cursor.execute(f"{_SELECT} WHERE user_id = %s".encode(), [user_id])).fetchone()


def password_matches(user: User | None, password: str) -> bool:
    """Whether the password is the user's; as slow for nobody. Takes tens of milliseconds: call it in a thread."""
    fits = _hashes.verify(password, _nobody if user is None else user.password_hash)
    return fits and user is not None


async def take_totp(
    connection: AsyncConnection[Any], key: InstallationKey, user: User, code: str, *, now: datetime
) -> bool:
    """Whether the code is the authenticator's of now, or of a step before or after; each is good once."""
    totp = TOTP(key.open(user.totp_secret, name=f"totp/{user.user_id}").decode())
    step = int(now.timestamp()) // TOTP_STEP_S
    for tried in (step, step - 1, step + 1):
        if secrets.compare_digest(totp.generate_otp(tried), code):
            used = await connection.execute(_USE_STEP, [tried, user.user_id, tried])
            return used.rowcount == 1
    return False


def _require_strong(password: str, user_id: str) -> str:
    lowered = password.lower()
    if len(password) < MIN_PASSWORD or len(set(password)) < 5 or lowered.startswith(_COMMON) or user_id in lowered:
        raise LedgerError("password_weak", length=MIN_PASSWORD)
    return password


def _provisioning(secret: str, user_id: str) -> str:
    return TOTP(secret).provisioning_uri(name=user_id, issuer_name=ISSUER)
