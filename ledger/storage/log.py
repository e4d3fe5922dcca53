"""The event log as the writer uses it: append, lock heads, read what others appended, find earlier commands."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, Self
from uuid import UUID, uuid4

from psycopg import pq

from ledger.domain.unique_keys import UniqueKey
from ledger.storage import wire
from ledger.storage.pipeline import Pipeline, Statement

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


class Append:
    """Events for one partition, decided on the head `expected`, as the columns that the append sends.

    A command's first event has the number of its events in `sizes` and its key and hash, the following ones 0 and None.
    """

    __slots__ = ("account_ids", "expected", "hashes", "keys", "partition", "sizes", "states", "topics", "versions")

    def __init__(self, partition: int, expected: int) -> None:
        self.partition = partition
        self.expected = expected
        self.account_ids: list[bytes] = []
        self.versions: list[int] = []
        self.topics: list[str] = []
        self.states: list[bytes] = []
        self.sizes: list[int] = []
        self.keys: list[bytes | None] = []
        self.hashes: list[bytes | None] = []

    def __len__(self) -> int:
        return len(self.states)

    @property
    def head(self) -> int:
        """The partition's last position once this is recorded."""
        return self.expected + len(self.states)

    def add(self, account_id: UUID, version: int, topic: str, state: bytes) -> None:
        """One event of a command; when it has all of them, `add_command` says whose they are."""
        self.account_ids.append(account_id.bytes)
        self.versions.append(version)
        self.topics.append(topic)
        self.states.append(state)

    def add_command(self, size: int, key: UUID | None, request_hash: bytes | None) -> None:
        """The last `size` events are one command's."""
        self.sizes.append(size)
        self.keys.append(None if key is None else key.bytes)
        self.hashes.append(request_hash)
        for _ in range(size - 1):
            self.sizes.append(0)
            self.keys.append(None)
            self.hashes.append(None)

    def cut_back(self, length: int) -> None:
        """Keep the first `length` events and no others."""
        for name in ("account_ids", "versions", "topics", "states", "sizes", "keys", "hashes"):
            del getattr(self, name)[length:]


class Claims:
    """Unique keys and the events that take them, as the columns that the append sends."""

    __slots__ = ("digests", "keys", "kinds", "partitions", "positions")

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.keys: list[str] = []
        self.digests: list[str] = []
        self.partitions: list[int] = []
        self.positions: list[int] = []

    def __len__(self) -> int:
        return len(self.keys)

    def add(self, taken: UniqueKey, partition: int, position: int) -> None:
        """The event at that place takes the key."""
        self.kinds.append(taken.kind)
        self.keys.append(taken.key)
        self.digests.append(taken.digest)
        self.partitions.append(partition)
        self.positions.append(position)

    @property
    def taken(self) -> list[tuple[str, str]]:
        """Kind and key of each."""
        return list(zip(self.kinds, self.keys, strict=True))

    def cut_back(self, length: int) -> list[tuple[str, str]]:
        """Keep the first `length` claims; returns kind and key of the others."""
        gone = self.taken[length:]
        for name in self.__slots__:
            del getattr(self, name)[length:]
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
        and never in a circle.
        """
        statements = [
            Statement(
                b"append",
                (
                    wire.int4(append.partition),
                    wire.int8(append.expected),
                    wire.timestamptz(recorded_at),
                    wire.uuid_bytes(append.account_ids),
                    wire.int8s(append.versions),
                    wire.few_texts(append.topics),
                    wire.encoded_texts(append.states),
                    wire.int2s(append.sizes),
                    wire.uuid_bytes(append.keys),
                    wire.byteas(append.hashes),
                ),
            )
            for append in appends
        ]
        if len(claims):
            statements.append(
                Statement(
                    b"claim",
                    (
                        wire.few_texts(claims.kinds),
                        wire.texts(claims.keys),
                        wire.texts(claims.digests),
                        wire.int4s(claims.partitions),
                        wire.int8s(claims.positions),
                    ),
                )
            )
        if commit:
            statements.append(Statement(b"commit", ()))
        await self._pipeline.run(statements)

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
