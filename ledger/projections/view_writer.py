"""Writing what a batch of events changed: rows and positions in one transaction and two round trips."""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple, Self
from uuid import uuid4

import msgspec
import psycopg

from ledger.postgres.pipeline import ConnectionLost, Pipeline, Statement, StatementRefused
from ledger.projections.positions import MovedError
from ledger.projections.table import TableWrite
from ledger.projections.view import View, Views

_SETTINGS = {
    # A commit that a crash of the database takes back is followed again: rows and positions go together.
    b"asynchronous": "SET synchronous_commit = off",
    # Rows are found by their keys, also by a plan that was made while their table was small.
    b"no hashing": "SET enable_hashjoin = off",
    b"no merging": "SET enable_mergejoin = off",
    b"no scanning": "SET enable_seqscan = off",
}
_PREPARED = {
    b"begin": "BEGIN",
    b"commit": "COMMIT",
    b"rollback": "ROLLBACK",
    # Locks the views in the order of their names, as everybody does.
    b"move": """
WITH asked AS MATERIALIZED (
    SELECT * FROM json_to_recordset($1)
        AS a (partition int, view text, generation bigint, before bigint, after bigint)
), owned AS MATERIALIZED (
    SELECT p.view FROM escrow_views.positions p JOIN asked USING (partition, view) ORDER BY p.view FOR UPDATE OF p
)
UPDATE escrow_views.positions p SET position = asked.after FROM asked JOIN owned USING (view)
 WHERE p.partition = asked.partition AND p.view = asked.view
   AND p.position = asked.before AND p.generation = asked.generation
RETURNING p.view
""",
}


class Move(NamedTuple):
    """Views of these generations go from one position of a partition to another."""

    partition: int
    generations: Mapping[type[View], int]
    before: int
    after: int


class RowsMissingError(Exception):
    """Stored rows are not those that the log and the positions say: the view is to be rebuilt."""


class ViewWriter:
    """A connection on which all statements of a batch are sent at once.

    Beside a busy writer each wait for the database is a wait for the event loop too: one for each statement made most
    of the time that views were late.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    @classmethod
    async def connect(cls, url: str, views: Views) -> Self:
        """Connect, with the statements of the views' tables, which are prepared already. Raises psycopg.Error."""
        prepared = _SETTINGS | _PREPARED
        for view in views:
            for table in view.tables:
                prepared |= table.prepared
        try:
            pipeline = await Pipeline.connect(url, prepared, session=f"escrow-views-{uuid4().hex}")
            await pipeline.run([Statement(name, ()) for name in _SETTINGS])
        except (ConnectionLost, StatementRefused) as error:
            raise _as_psycopg(error) from error
        return cls(pipeline)

    async def write(self, moves: Sequence[Move], writes: Sequence[TableWrite]) -> None:
        """Move the views and write their rows, all or nothing.

        MovedError when a view does not stand where its move begins; RowsMissingError when a row is not stored that
        should be; psycopg.Error by the database's own code.
        """
        asked = [Statement(b"move", (_asked(move),)) for move in sorted(moves, key=attrgetter("partition", "before"))]
        try:
            _, *results = await self._pipeline.run(
                [Statement(b"begin", ()), *asked, *(write.statement for write in writes)]
            )
            moved = sum(result.ntuples for result in results[: len(asked)])
            whole = moved == sum(len(move.generations) for move in moves)
            missing = [
                write.statement.name.decode()
                for write, result in zip(writes, results[len(asked) :], strict=True)
                if result.command_tuples != write.rows
            ]
            await self._pipeline.run([Statement(b"commit" if whole and not missing else b"rollback", ())])
        except (ConnectionLost, StatementRefused) as error:
            raise _as_psycopg(error) from error
        if not whole:
            raise MovedError(", ".join(f"partition {move.partition} at {move.before}" for move in moves))
        if missing:
            raise RowsMissingError(f"not all rows are stored: {', '.join(missing)}")

    async def close(self) -> None:
        """Close the connection; what was not committed is rolled back by the server."""
        await self._pipeline.close()


def _asked(move: Move) -> bytes:
    return msgspec.json.encode(
        [
            {
                "partition": move.partition,
                "view": view.name,
                "generation": generation,
                "before": move.before,
                "after": move.after,
            }
            for view, generation in move.generations.items()
        ]
    )


def _as_psycopg(error: ConnectionLost | StatementRefused) -> psycopg.Error:
    """The class that psycopg has for the refusal; a lost connection is its OperationalError."""
    if isinstance(error, ConnectionLost):
        return psycopg.OperationalError(str(error))
    return psycopg.errors.lookup(error.sqlstate)(str(error))
