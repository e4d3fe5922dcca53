"""The event log as the writer uses it: append, lock heads, read what others appended, find earlier commands."""

import contextlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, Self
from uuid import UUID, uuid4

from psycopg import pq

from ledger.postgres import wire
from ledger.postgres.pipeline import ConnectionLost, Pipeline, Statement, StatementRefused

WRITER_ROLE = "escrow_writer"
HEAD_MOVED = "ES001"

_PREPARED = {
    b"append": "SELECT escrow.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    b"claim": "INSERT INTO escrow.unique_keys (kind, key, digest, partition, position) "
    "SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::bigint[]) ORDER BY 1, 2",
    b"begin": "BEGIN",
    b"commit": "COMMIT",
    b"rollback": "ROLLBACK",
    b"heads": "SELECT partition, position FROM escrow.heads ORDER BY partition",
    b"lock": "SELECT partition, position FROM escrow.heads WHERE partition = ANY($1::int[]) ORDER BY 1 FOR UPDATE",
    b"after": "SELECT partition, position, account_id, version, topic, state FROM escrow.events "
    "WHERE partition = $1 AND position > $2 AND position <= $3 ORDER BY position",
    b"by_key": "SELECT idempotency_key, request_hash, partition, position, command_size FROM escrow.events "
    "WHERE partition = ANY($1::int[]) AND idempotency_key = ANY($2::uuid[])",
    b"by_claim": "SELECT u.kind, u.key, u.digest, u.partition, e.position, e.command_size "
    "FROM escrow.unique_keys u JOIN unnest($1::text[], $2::text[]) w (kind, key) USING (kind, key), "
    "LATERAL (SELECT position, command_size FROM escrow.events WHERE partition = u.partition "
    "AND position <= u.position AND command_size > 0 ORDER BY position DESC LIMIT 1) e",
}


AppendRow = tuple[bytes, int, str, bytes, int, bytes | None, bytes | None]
"""Account, version, topic, state; then of a command's first event the number of its events, the command's key and hash,
of the following ones 0 and None. A plain tuple, because there is one for every event."""
LARGEST_COMMAND = 2**15 - 1
"""So many events the column `command_size` counts; a larger command is recorded as several, one behind the other."""
ClaimRow = tuple[str, str, str, int, int]
"""Kind, key and digest; partition and position of the event that takes it."""


class Append:
    """Events for one partition, decided on the head `expected`; the first `sent` rows are on their way already."""

    __slots__ = ("expected", "partition", "rows", "sent")

    def __init__(self, partition: int, expected: int) -> None:
        self.partition = partition
        self.expected = expected
        self.rows: list[AppendRow] = []
        self.sent = 0

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def head(self) -> int:
        """The partition's last position once this is recorded."""
        return self.expected + len(self.rows)

    @property
    def sent_head(self) -> int:
        """The partition's last position as far as this was sent."""
        return self.expected + self.sent

    def divide(self, size: int) -> None:
        """Have the last `size` events, of one command that is too large, stand there as those of several commands.

        They are recorded together all the same. Only a repetition by the command's key is told the first part alone.
        """
        for first in range(len(self.rows) - size, len(self.rows), LARGEST_COMMAND):
            account_id, version, topic, state, _, key, hashed = self.rows[first]
            part = min(LARGEST_COMMAND, len(self.rows) - first)
            self.rows[first] = (account_id, version, topic, state, part, key, hashed)

    def cut_back(self, length: int) -> None:
        """Keep the first `length` events and no others."""
        del self.rows[length:]


class Claims:
    """Unique keys and the events that take them; the first `sent` rows are on their way already."""

    __slots__ = ("rows", "sent")

    def __init__(self) -> None:
        self.rows: list[ClaimRow] = []
        self.sent = 0

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def taken(self) -> list[tuple[str, str]]:
        """Kind and key of each."""
        return [row[:2] for row in self.rows]

    def cut_back(self, length: int) -> list[tuple[str, str]]:
        """Keep the first `length` claims; returns kind and key of the others."""
        gone = [row[:2] for row in self.rows[length:]]
        del self.rows[length:]
        return gone


class StoredRow(NamedTuple):
    """One recorded event in its place."""

    partition: int
    position: int
    account_id: UUID
    version: int
    topic: str
    state: bytes


class Place(NamedTuple):
    """Where a command's events lie: `size` positions from `position` on."""

    partition: int
    position: int
    size: int


class EventLog:
    """The writer's connection to the log. Every method is one round trip; errors are those of `Pipeline.run`."""

    def __init__(self, pipeline: Pipeline, session: str) -> None:
        self._pipeline = pipeline
        self._begun = False
        self.session = session
        """The connection's `application_name`, its own among all: by it the server's side of it can be found."""

    @classmethod
    async def connect(cls, url: str) -> Self:
        """Connect as the writer role, which can append and nothing else."""
        session = f"escrow-writer-{uuid4().hex}"
        return cls(await Pipeline.connect(url, _PREPARED, role=WRITER_ROLE, session=session), session)

    @property
    def backend_pid(self) -> int:
        """PostgreSQL's process that serves this connection."""
        return self._pipeline.backend_pid

    async def append(
        self, recorded_at: datetime, appends: Sequence[Append], claims: Claims, *, commit: bool = False
    ) -> None:
        """Append all or nothing, durably. With `commit`, ends the transaction that `lock` began.

        Partitions in ascending order, then the claims in order of their keys, so that writers wait for each other
        and never in a circle. If the first part was sent before, this is the rest of it; refused, nothing remains.
        """
        statements = _statements(recorded_at, appends, claims)
        if commit or self._begun:
            statements.append(Statement(b"commit", ()))
        await self._pipeline.run(statements)
        self._begun = False

    def send(self, recorded_at: datetime, appends: Sequence[Append], claims: Claims, partitions: Iterable[int]) -> None:
        """Send what there is so far of a batch, so that the server works on it while the rest is decided.

        Nothing is durable before `append` has sent the rest; `abandon` takes it back. The first part begins the
        transaction and takes the locks of all that the batch may touch, in their order. Does not wait. Raises
        `ConnectionLost`.
        """
        statements: list[Statement] = []
        if not self._begun:
            self._begun = True
            statements += [Statement(b"begin", ()), Statement(b"lock", (wire.int4s(sorted(partitions)),))]
        self._pipeline.send([*statements, *_statements(recorded_at, appends, claims)])

    async def abandon(self) -> None:
        """Take back what was sent of a batch, if anything was."""
        if self._begun:
            self._begun = False
            with contextlib.suppress(ConnectionLost, StatementRefused):  # then nothing remains either
                await self._pipeline.run([])
            with contextlib.suppress(ConnectionLost):
                await self.rollback()

    async def heads(self) -> dict[int, int]:
        """The last position of every partition."""
        (result,) = await self._pipeline.run([Statement(b"heads", ())])
        return _positions(result)

    async def lock(self, partitions: Iterable[int]) -> dict[int, int]:
        """Begin a transaction that keeps other writers out of these partitions; returns their heads."""
        wanted = wire.int4s(sorted(partitions))
        results = await self._pipeline.run([Statement(b"begin", ()), Statement(b"lock", (wanted,))])
        return _positions(results[1])

    async def rollback(self) -> None:
        """End the transaction that `lock` began."""
        await self._pipeline.run([Statement(b"rollback", ())])

    async def read(self, partition: int, *, after: int, until: int) -> list[StoredRow]:
        """The events of a partition with `after < position <= until`."""
        parameters = (wire.int4(partition), wire.int8(after), wire.int8(until))
        (result,) = await self._pipeline.run([Statement(b"after", parameters)])
        return [
            StoredRow(
                wire.read_int4(_value(result, i, 0)),
                wire.read_int8(_value(result, i, 1)),
                UUID(bytes=_value(result, i, 2)),
                wire.read_int8(_value(result, i, 3)),
                _value(result, i, 4).decode(),
                _value(result, i, 5),
            )
            for i in range(result.ntuples)
        ]

    async def find_keys(self, partitions: Iterable[int], keys: Sequence[UUID]) -> dict[UUID, tuple[bytes, Place]]:
        """Idempotency key -> hash of its request and where its command is, for those that are recorded."""
        parameters = (wire.int4s(sorted(partitions)), wire.uuids(keys))
        (result,) = await self._pipeline.run([Statement(b"by_key", parameters)])
        return {
            UUID(bytes=_value(result, i, 0)): (result.get_value(i, 1) or b"", _place(result, i, 2))
            for i in range(result.ntuples)
        }

    async def find_claims(self, claims: Sequence[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, Place]]:
        """(kind, key) -> digest and where its command is, for those that are taken."""
        parameters = (wire.texts([kind for kind, _ in claims]), wire.texts([key for _, key in claims]))
        (result,) = await self._pipeline.run([Statement(b"by_claim", parameters)])
        return {
            (_value(result, i, 0).decode(), _value(result, i, 1).decode()): (
                _value(result, i, 2).decode(),
                _place(result, i, 3),
            )
            for i in range(result.ntuples)
        }

    async def close(self) -> None:
        """Close the connection."""
        await self._pipeline.close()


def _statements(recorded_at: datetime, appends: Iterable[Append], claims: Claims) -> list[Statement]:
    """The appends and claims of the rows that were not sent yet; from now on they are."""
    statements: list[Statement] = []
    for append in appends:
        if append.sent == len(append.rows):
            continue
        account_ids, versions, topics, states, sizes, keys, hashes = zip(*append.rows[append.sent :], strict=True)
        parameters = (
            wire.int4(append.partition),
            wire.int8(append.sent_head),
            wire.timestamptz(recorded_at),
            wire.uuid_bytes(account_ids),
            wire.int8s(versions),
            wire.few_texts(topics),
            wire.encoded_texts(states),
            wire.int2s(sizes),
            wire.uuid_bytes(keys),
            wire.byteas(hashes),
        )
        append.sent = len(append.rows)
        statements.append(Statement(b"append", parameters))
    if claims.sent < len(claims.rows):
        kinds, keys, digests, partitions, positions = zip(*claims.rows[claims.sent :], strict=True)
        parameters = (
            wire.few_texts(kinds),
            wire.texts(keys),
            wire.texts(digests),
            wire.int4s(partitions),
            wire.int8s(positions),
        )
        claims.sent = len(claims.rows)
        statements.append(Statement(b"claim", parameters))
    return statements


def _value(result: pq.abc.PGresult, row: int, column: int) -> bytes:
    value = result.get_value(row, column)
    assert value is not None
    return value


def _positions(result: pq.abc.PGresult) -> dict[int, int]:
    return {wire.read_int4(_value(result, i, 0)): wire.read_int8(_value(result, i, 1)) for i in range(result.ntuples)}


def _place(result: pq.abc.PGresult, row: int, column: int) -> Place:
    return Place(
        wire.read_int4(_value(result, row, column)),
        wire.read_int8(_value(result, row, column + 1)),
        int.from_bytes(_value(result, row, column + 2), "big"),
    )
