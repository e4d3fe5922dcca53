"""One connection driven from the event loop by libpq's pipeline mode: many statements, one round trip, one commit."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import psycopg
from psycopg import pq, sql

Parameter = bytes | None
_BINARY = 1


class Statement(NamedTuple):
    """A prepared statement by name with its parameters in binary form (None is SQL's null)."""

    name: bytes
    parameters: Sequence[Parameter]


class ConnectionLost(Exception):
    """The connection ended before the server answered: what was sent may or may not have been committed."""


class StatementRefused(Exception):
    """PostgreSQL refused a statement; nothing of its transaction remains. `sqlstate` says why."""

    def __init__(self, sqlstate: str, message: str) -> None:
        super().__init__(f"{sqlstate}: {message}")
        self.sqlstate = sqlstate


class Pipeline:
    """A libpq connection in pipeline mode. One caller at a time; statements between two syncs are one transaction."""

    def __init__(self, connection: "psycopg.AsyncConnection[tuple[object, ...]]") -> None:
        self._connection = connection
        self._pg = connection.pgconn
        self._loop = asyncio.get_running_loop()
        self.backend_pid = self._pg.backend_pid

    @classmethod
    async def connect(
        cls, url: str, prepared: Mapping[bytes, str], *, session: str, role: str | None = None
    ) -> "Pipeline":
        """Connect under the session's name, take the role where the store has it, and prepare.

        Raises `psycopg.OperationalError` or `ConnectionLost` when the server cannot be reached, `StatementRefused`
        when the store has another schema.
        """
        connection = await psycopg.AsyncConnection.connect(
            url, autocommit=True, connect_timeout=10, application_name=session
        )
        if role is not None:
            await _assume_role(connection, role)
        self = cls(connection)
        self._pg.nonblocking = 1
        self._pg.enter_pipeline_mode()
        for name, text in prepared.items():
            self._pg.send_prepare(name, text.encode())
        await self._sync()
        return self

    async def run(self, statements: Sequence[Statement]) -> list[pq.abc.PGresult]:
        """Send the statements with one sync and return one result each, not those of what `send` sent before.

        Raises `StatementRefused` (the first refusal; the rest was skipped) or `ConnectionLost`.
        """
        self.send(statements)
        try:
            results = await self._sync()
            return results[len(results) - len(statements) :]
        except (psycopg.OperationalError, OSError) as error:
            raise ConnectionLost(str(error)) from error

    def send(self, statements: Sequence[Statement]) -> None:
        """Send the statements without a sync: the server begins with them, and the next `run` tells if one was refused.

        Does not wait: what the socket does not take stays in libpq's buffer. Raises `ConnectionLost`.
        """
        pg = self._pg
        try:
            for name, parameters in statements:
                pg.send_query_prepared(name, parameters, [_BINARY] * len(parameters), _BINARY)
            pg.flush()
        except (psycopg.OperationalError, OSError) as error:
            raise ConnectionLost(str(error)) from error

    async def _sync(self) -> list[pq.abc.PGresult]:
        self._pg.pipeline_sync()
        while self._pg.flush():
            await self._wait(writing=True)
        return await self._results()

    async def _results(self) -> list[pq.abc.PGresult]:
        pg = self._pg
        results: list[pq.abc.PGresult] = []
        refused: StatementRefused | None = None
        while True:
            while pg.is_busy():
                await self._wait()
                pg.consume_input()
            result = pg.get_result()
            if pg.status == pq.ConnStatus.BAD:
                raise ConnectionLost(pg.error_message.decode(errors="replace"))
            if result is None or result.status == pq.ExecStatus.PIPELINE_ABORTED:
                continue
            if result.status == pq.ExecStatus.PIPELINE_SYNC:
                break
            if result.status == pq.ExecStatus.FATAL_ERROR:
                state = (result.error_field(pq.DiagnosticField.SQLSTATE) or b"").decode()
                refused = refused or StatementRefused(state, result.error_message.decode(errors="replace"))
                continue
            results.append(result)
        if refused is not None:
            if refused.sqlstate.startswith("57P"):  # the server ends this backend
                raise ConnectionLost(str(refused))
            raise refused
        return results

    async def _wait(self, *, writing: bool = False) -> None:
        """Until the socket can be read (or written, when the send buffer is full)."""
        ready: asyncio.Future[None] = self._loop.create_future()

        def wake() -> None:
            if not ready.done():
                ready.set_result(None)

        socket = self._pg.socket
        self._loop.add_reader(socket, wake)
        if writing:
            self._loop.add_writer(socket, wake)
        try:
            await ready
        finally:
            self._loop.remove_reader(socket)
            if writing:
                self._loop.remove_writer(socket)
        if writing:
            self._pg.consume_input()

    async def close(self) -> None:
        """Close the connection; what was not committed is rolled back by the server."""
        await self._connection.close()


async def _assume_role(connection: "psycopg.AsyncConnection[tuple[object, ...]]", role: str) -> None:
    """Work with the rights of the role, when the store has it and the user may take it."""
    cursor = await connection.execute(
        "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s AND pg_has_role(oid, 'MEMBER'))", [role]
    )
    if await cursor.fetchone() == (True,):
        await connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
