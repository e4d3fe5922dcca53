"""The client against a real socket: kept connections, and one that the server has closed."""

import asyncio

import pytest

from ledger.simulation.http_client import HttpClient

pytestmark = pytest.mark.anyio


class _Server:
    """Answers each request with the connection's number and the request's target; may close after each answer."""

    def __init__(self, *, closing: bool = False) -> None:
        self.connections = 0
        self.closing = closing
        self.bodies: list[bytes] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                break
            length = next((int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")), 0)
            self.bodies.append(await reader.readexactly(length))
            body = b"%d %s" % (number, head.split(b" ")[1])
            writer.write(b"HTTP/1.1 200 OK\r\nX-Seen: yes\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            await writer.drain()
            if self.closing:
                break
        writer.close()


async def test_a_connection_is_kept() -> None:
    server = _Server()
    listening = await asyncio.start_server(server.answer, "127.0.0.1", 0)
    async with listening, HttpClient(_url(listening), connections=4) as client:
        first = await client.request("GET", "/one", parameters={"limit": 5, "only_open": True})
        second = await client.request("POST", "/two", content=b"body")
    assert (first.status, first.body, first.headers["x-seen"]) == (200, b"1 /one?limit=5&only_open=true", "yes")
    assert second.body == b"1 /two"
    assert server.bodies == [b"", b"body"]


async def test_a_connection_that_the_server_closed_is_replaced() -> None:
    server = _Server(closing=True)
    listening = await asyncio.start_server(server.answer, "127.0.0.1", 0)
    async with listening, HttpClient(_url(listening), connections=4) as client:
        answers = [(await client.request("GET", f"/{n}")).body for n in range(3)]
    assert answers == [b"1 /0", b"2 /1", b"3 /2"]


def test_only_plain_http_is_spoken() -> None:
    with pytest.raises(ValueError, match="not a plain HTTP address"):
        HttpClient("https://escrow.example", connections=1)


def _url(listening: asyncio.Server) -> str:
    host, port = listening.sockets[0].getsockname()
    return f"http://{host}:{port}"
