"""A receiver of webhooks on a port of its own: keeps what it gets and answers as the test says."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import msgspec


@dataclass
class Got:
    """One request: headers by lower-case name, and the body."""

    headers: dict[str, str]
    body: bytes

    @property
    def message_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> dict[str, Any]:
        return msgspec.json.decode(self.body)


def _accept(_got: Got) -> int:
    return 204


@dataclass
class Receiver:
    """`answer` gives the status of each request; 0 closes the connection without an answer."""

    answer: Callable[[Got], int] = _accept
    got: list[Got] = field(default_factory=list[Got])
    _server: asyncio.Server | None = None
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/hook?of=bank"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def wait_for(self, count: int, timeout_s: float = 20.0) -> list[Got]:
        """The requests, once there are so many."""
        async with self._news:
            await asyncio.wait_for(self._news.wait_for(lambda: len(self.got) >= count), timeout_s)
        return self.got

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (head := await reader.readuntil(b"\r\n\r\n")).startswith(b"POST /hook?of=bank "):
                lines = head.decode().split("\r\n")[1:]
                pairs = [line.split(": ", 1) for line in lines if ": " in line]
                headers = {name.lower(): value for name, value in pairs}
                got = Got(headers, await reader.readexactly(int(headers["content-length"])))
                status = self.answer(got)
                self.got.append(got)
                async with self._news:
                    self._news.notify_all()
                if not status:
                    break
                writer.write(f"HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
