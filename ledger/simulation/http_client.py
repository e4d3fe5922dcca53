"""A small HTTP/1.1 client on kept connections: a load that measures the server must not cost more than the server."""

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urlencode, urlsplit

import httptools

_READ_BYTES = 65_536


class Answer(NamedTuple):
    """Status, headers (names in lower case) and body."""

    status: int
    headers: dict[str, str]
    body: bytes


class _Parsed:
    """What httptools' parser tells of one response."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.complete = False
        self.kept = False
        self.parser = httptools.HttpResponseParser(self)

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("ascii").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.complete = True
        self.kept = self.parser.should_keep_alive()  # known only here: the parser is ready for the next message after


class _Connection(NamedTuple):
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class HttpClient:
    """Requests to one server over plain HTTP, as many at once as there are `connections`. An async context manager."""

    def __init__(self, url: str, *, connections: int) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.hostname is None:
            raise ValueError(f"{url} is not a plain HTTP address")
        self._host, self._port = parts.hostname, parts.port or 80
        self._authority = parts.netloc
        self._gate = asyncio.Semaphore(connections)
        self._idle: list[_Connection] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._idle:
            self._idle.pop().writer.close()

    async def request(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, str | int | bool] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """One request and its answer. A kept connection that the server has closed meanwhile is replaced once.

        Requests must be repeatable, as they are with an idempotency key. Raises OSError, EOFError.
        """
        target = path if not parameters else f"{path}?{urlencode({k: _text(v) for k, v in parameters.items()})}"
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self._authority}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if content is not None:
            lines.append(f"Content-Length: {len(content)}")
        message = "\r\n".join([*lines, "", ""]).encode("ascii") + (content or b"")
        async with self._gate:
            if self._idle:
                try:
                    return await self._exchange(self._idle.pop(), message)
                except (OSError, EOFError):
                    self._idle.clear()
            return await self._exchange(_Connection(*await asyncio.open_connection(self._host, self._port)), message)

    async def _exchange(self, connection: _Connection, message: bytes) -> Answer:
        parsed = _Parsed()
        connection.writer.write(message)
        while not parsed.complete:
            data = await connection.reader.read(_READ_BYTES)
            if not data:
                connection.writer.close()
                raise EOFError("the server closed the connection before it had answered")
            parsed.parser.feed_data(data)
        if parsed.kept:
            self._idle.append(connection)
        else:
            connection.writer.close()
        return Answer(parsed.parser.get_status_code(), parsed.headers, bytes(parsed.body))


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
