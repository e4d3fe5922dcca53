"""Signatures of webhooks after the Standard Webhooks convention: HMAC-SHA256 over id, timestamp and body."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from typing import Final

SECRET_BYTES: Final = 32
SECRET_PREFIX: Final = "whsec_"
TOLERANCE_S: Final = 300
"""A receiver refuses what was signed longer ago, or so far in the future: it may be a recorded request."""


def new_secret() -> bytes:
    """32 random bytes."""
    return secrets.token_bytes(SECRET_BYTES)


def shown(secret: bytes) -> str:
    """The secret as the client keeps it: `whsec_` and base64."""
    return SECRET_PREFIX + base64.b64encode(secret).decode()


def headers_of(body: bytes, *, message_id: str, timestamp: int, keys: Sequence[bytes]) -> dict[str, str]:
    """The headers of one message, with one signature a secret. `timestamp` is in seconds since 1970."""
    signatures = " ".join("v1," + _signature(body, message_id, str(timestamp), key) for key in keys)
    return {"webhook-id": message_id, "webhook-timestamp": str(timestamp), "webhook-signature": signatures}


def is_genuine(body: bytes, headers: Mapping[str, str], secret: str, *, now: int) -> bool:
    """Whether a message was signed with the secret, and lately. `headers` by lower-case name; `now` as above."""
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(now - int(timestamp)) > TOLERANCE_S:
        return False
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    expected = _signature(body, message_id, timestamp, key)
    sent = [part.removeprefix("v1,") for part in headers.get("webhook-signature", "").split() if part.startswith("v1,")]
    return any(hmac.compare_digest(expected.encode(), one.encode()) for one in sent)


def _signature(body: bytes, message_id: str, timestamp: str, key: bytes) -> str:
    content = b".".join((message_id.encode(), timestamp.encode(), body))
    return base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
