"""A proxy before PostgreSQL that can swallow an answer and cut the line: the commit happened, its word is lost."""

import asyncio
from contextlib import suppress
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo


class CuttingProxy:
    """Forwards one Unix socket to another. `cut_after(n)` lets n more bytes of requests through, then none back."""

    def __init__(self, url: str, directory: Path) -> None:
        parts = conninfo_to_dict(url)
        self._server_socket = f"{parts['host']}/.s.PGSQL.{parts.get('port') or 5432}"
        self._directory = directory
        self.url = make_conninfo(url, host=str(directory), port=5432)
        self.swallow = False
        self.cuts = 0

    async def __aenter__(self) -> "CuttingProxy":
        self._listener = await asyncio.start_unix_server(self._serve, self._directory / ".s.PGSQL.5432")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listener.close()

    async def _serve(self, client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter) -> None:
        server_in, server_out = await asyncio.open_unix_connection(self._server_socket)

        async def requests() -> None:
            while data := await client_in.read(65_536):
                server_out.write(data)
                await server_out.drain()

        async def answers() -> None:
            while data := await server_in.read(65_536):
                if self.swallow:
                    self.swallow = False
                    self.cuts += 1
                    return
                client_out.write(data)
                await client_out.drain()

        tasks = [asyncio.create_task(requests()), asyncio.create_task(answers())]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await task
        for writer in (client_out, server_out):
            writer.close()
