"""The server's hot routes, asked from another process, beside its empty endpoint."""

import base64
import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from uuid import UUID

import psycopg

from benchmarks.made_up import BANK, DAY
from ledger.application.access import Bindings
from ledger.application.clients import add_client

ROOT = Path(__file__).parents[1]
_references = count()


async def bank_secret(url: str) -> str:
    """A bank's client for measuring; returns its secret."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        secret = await add_client(
            connection,
            client_id="bench-bank",
            name="bench",
            role="bank",
            scopes=frozenset({"deposits:write"}),
            bindings=Bindings(bank=BANK),
            now=datetime.now(UTC),
        )
        await connection.commit()
    assert secret is not None
    return secret


class Server:
    """The server in a process of its own."""

    def __init__(self, port: int, process: "subprocess.Popen[bytes]", secret: str) -> None:
        self.port = port
        self.pid = process.pid
        self._secret = secret

    def get(self, path: str, *, method: str = "GET", body: str = "", headers: dict[str, str] | None = None) -> bytes:
        """One request; fails on any answer but 200."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection):
            connection.request(method, path, body or None, headers or {})
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 200:
                raise ConnectionError(f"{answer.status}: {text.decode(errors='replace')}")
            return text

    def token(self) -> str:
        """An access token of the bank."""
        basic = base64.b64encode(f"bench-bank:{self._secret}".encode()).decode()
        headers = {"authorization": f"Basic {basic}", "content-type": "application/x-www-form-urlencoded"}
        answer = self.get("/v1/oauth/token", method="POST", body="grant_type=client_credentials", headers=headers)
        return json.loads(answer)["access_token"]

    def per_second(self, requests: list[bytes], *, connections: int = 64) -> float:
        """Answers a second over so many connections, counted by a process of its own."""
        data = b"".join(len(request).to_bytes(4, "big") + request for request in requests)
        command = [sys.executable, "-m", "benchmarks.http_load", str(self.port), str(connections)]
        result = subprocess.run(command, cwd=ROOT, input=data, capture_output=True, check=False)
        if result.returncode:
            raise RuntimeError(result.stderr.decode())
        return float(result.stdout)


@contextlib.contextmanager
def server(url: str, secret: str) -> Generator[Server]:
    """A ready server over this database, ended afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "ESCROW_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    command = [sys.executable, "-m", "benchmarks.http_server", url, str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        one = Server(port, process, secret)
        _wait_until_ready(one, process)
        yield one
    finally:
        process.terminate()
        process.wait()


def _wait_until_ready(one: Server, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            one.get("/readyz")
        except (OSError, http.client.HTTPException):
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def empty_requests(number: int) -> list[bytes]:
    """Requests of the empty endpoint."""
    return [b"GET /bench/empty HTTP/1.1\r\nHost: bench\r\n\r\n"] * number


def _deposit(account_id: UUID) -> dict[str, object]:
    return {
        "bank_reference": f"h{time.time_ns()}-{next(_references)}",
        "amount_fen": 100,
        "value_on": DAY.isoformat(),
        "account_no": account_id.hex,
        "contract_reference": "c0",
        "payer_route": "route-of-the-payer",
    }


def _post(path: str, token: str, body: object) -> bytes:
    content = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Idempotency-Key: bench-{time.time_ns()}-{next(_references)}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def deposit_requests(token: str, accounts: list[UUID], number: int) -> list[bytes]:
    """Single deposits."""
    return [_post("/v1/deposits", token, _deposit(accounts[n % len(accounts)])) for n in range(number)]


def batch_requests(token: str, accounts: list[UUID], number: int, size: int = 100) -> list[bytes]:
    """Batches of deposits."""
    return [
        _post(
            "/v1/deposits/batch", token, {"items": [_deposit(accounts[(n + k) % len(accounts)]) for k in range(size)]}
        )
        for n in range(number)
    ]
