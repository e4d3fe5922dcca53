"""How one-time codes reach families: by a gateway of the operator (SMS, WeChat), or into a file for trying out."""

import asyncio
import base64
import os
import time
from pathlib import Path
from typing import Final

import httpx
import msgspec
import structlog
from uuid_utils.compat import uuid7

from ledger.application.sign_in.one_time_codes import CodeToSend, Delivery
from ledger.notifications.signatures import SECRET_PREFIX, headers_of

CODE_FILE: Final = "one-time-codes.jsonl"
TIMEOUT_S: Final = 5.0
_log = structlog.get_logger("ledger.codes")


def to_gateway(url: str, secret: bytes) -> Delivery:
    """Posts `{family_id, contract_no, code, expires_at}` to the operator's gateway, signed like a webhook.

    Who the family is and how it is reached, the gateway knows or asks the people store; a failure is logged without
    the code, and the family asks again.
    """

    async def deliver(code: CodeToSend) -> None:
        body = msgspec.json.encode(code)
        sent_at = int(time.time())
        headers = headers_of(body, message_id=str(uuid7()), timestamp=sent_at, keys=[secret])
        headers["content-type"] = "application/json"
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as http:
                answer = await http.post(url, content=body, headers=headers)
        except httpx.HTTPError as error:
            _log.error("code_not_delivered", reason=type(error).__name__)
            return
        if not answer.is_success:
            _log.error("code_not_delivered", status=answer.status_code)

    return deliver


def key_bytes(secret: str) -> bytes:
    """The signing key of a secret as it is set: `whsec_` and base64, or plain text."""
    if secret.startswith(SECRET_PREFIX):
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    return secret.encode()


def to_file(directory: Path) -> Delivery:
    """Appends codes to a file that its owner alone may read. For demonstrations; never in production."""

    def append(line: bytes) -> None:
        descriptor = os.open(directory / CODE_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(line + b"\n")

    async def deliver(code: CodeToSend) -> None:
        await asyncio.to_thread(append, msgspec.json.encode(code))

    return deliver
