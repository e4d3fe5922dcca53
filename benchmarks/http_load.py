"""Asks an HTTP server over many connections: `python -m benchmarks.http_load PORT CONNECTIONS < REQUESTS`.

Standard input holds length-prefixed requests (4 bytes, big-endian); prints answers a second, and fails on any answer
that is not of class 2xx.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from typing import cast

import uvloop


class Client(asyncio.Protocol):
    """One connection: sends the next request when the answer to the last one is complete."""

    def __init__(self, requests: Iterator[bytes]) -> None:
        self._requests = requests
        self._answer = b""
        self.done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._count = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self.done.set_result(self._count)
            self._transport.close()
        else:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, separator, body = self._answer.partition(b"\r\n\r\n")
        if not separator:
            return
        lower = head.lower()
        start = lower.index(b"content-length:") + 15
        length = int(lower[start:].split(b"\r\n", 1)[0])
        if len(body) < length:
            return
        if not head.startswith(b"HTTP/1.1 2"):
            self.done.set_exception(RuntimeError(self._answer.decode(errors="replace")))
            return
        self._answer = body[length:]
        self._count += 1
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server closed the connection"))


async def run(port: int, connections: int, requests: list[bytes]) -> float:
    """Answers a second."""
    loop = asyncio.get_running_loop()
    remaining = iter(requests)
    started = time.perf_counter()
    clients = [
        (await loop.create_connection(lambda: Client(remaining), "127.0.0.1", port))[1] for _ in range(connections)
    ]
    answered = sum(await asyncio.gather(*(client.done for client in clients)))
    assert answered == len(requests)
    return answered / (time.perf_counter() - started)


def split(data: bytes) -> Iterator[bytes]:
    """The requests of standard input."""
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 4 + length]
        at += 4 + length


if __name__ == "__main__":
    print(uvloop.run(run(int(sys.argv[1]), int(sys.argv[2]), list(split(sys.stdin.buffer.read())))))
