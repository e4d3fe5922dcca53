"""Commands that are recorded already: the newest in memory, so that a repetition costs no query."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar
from uuid import UUID

import msgspec

from ledger.domain.errors import LedgerError
from ledger.domain.unique_keys import UniqueKey, key_of_command
from ledger.storage.log import EventLog, Place
from ledger.storage.mapper import decode_event
from ledger.storage.requests import Outcome, Request


class _Keyed(msgspec.Struct, frozen=True, gc=False):
    """What is kept by an idempotency key. No tuple: the collector of cycles would look at every one of them."""

    request_hash: bytes
    outcome: Outcome


class _Claimed(msgspec.Struct, frozen=True, gc=False):
    """What is kept by a unique key."""

    digest: str
    outcome: Outcome


K = TypeVar("K")
V = TypeVar("V", bound=msgspec.Struct)


class _Recent(Generic[K, V]):
    """Two generations of up to `limit` each: when the younger one is full, the older one is forgotten. So remembering
    costs one insertion, and nothing is looked for among the oldest."""

    __slots__ = ("_limit", "_older", "_younger")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._younger: dict[K, V] = {}
        self._older: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        return self._younger.get(key) or self._older.get(key)

    def put(self, key: K, value: V) -> None:
        if len(self._younger) >= self._limit:
            self._older, self._younger = self._younger, {}
        self._younger[key] = value

    def forget(self, key: K) -> None:
        self._younger.pop(key, None)
        self._older.pop(key, None)


class Seen:
    """Idempotency keys and unique keys with the outcomes of the commands that took them, the newest `limit` at least.

    Idempotency keys by their integers, which hash faster than UUIDs; unique keys by kind, then by key.
    """

    def __init__(self, limit: int = 40_000) -> None:
        self._keys: _Recent[int, _Keyed] = _Recent(limit)
        self._claims: defaultdict[str, _Recent[str, _Claimed]] = defaultdict(lambda: _Recent(limit))

    def earlier(self, key: UUID | None, request_hash: bytes | None, claim: UniqueKey | None) -> Outcome | None:
        """The outcome of the same request made before, if it is in memory.

        Raises `idempotency_key_reused`, `entry_reused` or `account_no_taken` when the key was taken by another one.
        """
        if key is not None:
            keyed = self._keys.get(key.int)
            if keyed is not None:
                if keyed.request_hash != (request_hash or b""):
                    raise LedgerError("idempotency_key_reused")
                return keyed.outcome.again()
        if claim is not None:
            claimed = self._claims[claim.kind].get(claim.key)
            if claimed is not None:
                if claimed.digest != claim.digest:
                    raise claim.refusal()
                return claimed.outcome.again()
        return None

    def earlier_of(self, requests: Iterable[Request]) -> list[Outcome] | LedgerError | None:
        """The outcomes of requests that were all made before, the refusal of one whose key was taken, else None."""
        try:
            outcomes = [
                self.earlier(request.idempotency_key, request.request_hash, key_of_command(request.command))
                for request in requests
            ]
        except LedgerError as refusal:
            return refusal
        found = [outcome for outcome in outcomes if outcome is not None]
        return found if len(found) == len(outcomes) else None

    async def look_up(self, log: EventLog, partitions: Iterable[int], requests: Sequence[Request]) -> None:
        """Fetch from the log what is recorded of these requests and is not in memory."""
        keys = {
            key
            for key in (request.idempotency_key for request in requests)
            if key is not None and self._keys.get(key.int) is None
        }
        claims = {
            (claim.kind, claim.key)
            for claim in (key_of_command(request.command) for request in requests)
            if claim is not None and self._claims[claim.kind].get(claim.key) is None
        }
        if keys:
            for key, (request_hash, place) in (await log.find_keys(partitions, list(keys))).items():
                self.add_key(key, request_hash, await _outcome_at(log, place))
        if claims:
            for (kind, key), (digest, place) in (await log.find_claims(list(claims))).items():
                self.add_claim(UniqueKey(kind, key, digest), await _outcome_at(log, place))

    def add_key(self, key: UUID, request_hash: bytes, outcome: Outcome) -> None:
        """Remember a recorded (or about to be recorded) command by its idempotency key."""
        self._keys.put(key.int, _Keyed(request_hash, outcome))

    def add_claim(self, taken: UniqueKey, outcome: Outcome) -> None:
        """Remember a recorded (or about to be recorded) command by the unique key that it took."""
        self._claims[taken.kind].put(taken.key, _Claimed(taken.digest, outcome))

    def forget(self, keys: Iterable[UUID], claims: Iterable[tuple[str, str]]) -> None:
        """Take back what was about to be recorded and was not."""
        for key in keys:
            self._keys.forget(key.int)
        for kind, key in claims:
            self._claims[kind].forget(key)


async def _outcome_at(log: EventLog, place: Place) -> Outcome:
    last = place.position + place.size - 1
    rows = await log.read(place.partition, after=place.position - 1, until=last)
    events = tuple(decode_event(row.topic, row.state) for row in rows)
    return Outcome(rows[-1].account_id, place.partition, last, rows[-1].version, events)
