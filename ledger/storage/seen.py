"""Commands that are recorded already: the newest in memory, so that a repetition costs no query."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from ledger.domain.errors import LedgerError
from ledger.domain.unique_keys import UniqueKey, key_of_command
from ledger.storage.log import EventLog, Place
from ledger.storage.mapper import decode_event
from ledger.storage.requests import Outcome, Request


class _Keyed(NamedTuple):
    request_hash: bytes
    outcome: Outcome


class _Claimed(NamedTuple):
    digest: str
    outcome: Outcome


class Seen:
    """Idempotency keys and unique keys with the outcomes of the commands that took them; oldest forgotten first."""

    def __init__(self, limit: int = 50_000) -> None:
        self._limit = limit
        self._keys: OrderedDict[UUID, _Keyed] = OrderedDict()
        self._claims: OrderedDict[tuple[str, str], _Claimed] = OrderedDict()

    def earlier(self, request: Request, claim: UniqueKey | None) -> Outcome | None:
        """The outcome of the same request made before, if it is in memory.

        Raises `idempotency_key_reused`, `entry_reused` or `account_no_taken` when the key was taken by another one.
        """
        if request.idempotency_key is not None:
            keyed = self._keys.get(request.idempotency_key)
            if keyed is not None:
                if keyed.request_hash != (request.request_hash or b""):
                    raise LedgerError("idempotency_key_reused")
                return keyed.outcome._replace(replayed=True)
        if claim is not None:
            claimed = self._claims.get((claim.kind, claim.key))
            if claimed is not None:
                if claimed.digest != claim.digest:
                    raise claim.refusal()
                return claimed.outcome._replace(replayed=True)
        return None

    def earlier_of(self, requests: Iterable[Request]) -> list[Outcome] | LedgerError | None:
        """The outcomes of requests that were all made before, the refusal of one whose key was taken, else None."""
        try:
            outcomes = [self.earlier(request, key_of_command(request.command)) for request in requests]
        except LedgerError as refusal:
            return refusal
        found = [outcome for outcome in outcomes if outcome is not None]
        return found if len(found) == len(outcomes) else None

    async def look_up(self, log: EventLog, partitions: Iterable[int], requests: Sequence[Request]) -> None:
        """Fetch from the log what is recorded of these requests and is not in memory."""
        keys = {r.idempotency_key for r in requests if r.idempotency_key and r.idempotency_key not in self._keys}
        claims = {
            (claim.kind, claim.key)
            for claim in (key_of_command(request.command) for request in requests)
            if claim is not None and (claim.kind, claim.key) not in self._claims
        }
        if keys:
            for key, (request_hash, place) in (await log.find_keys(partitions, list(keys))).items():
                self.add_key(key, request_hash, await _outcome_at(log, place))
        if claims:
            for (kind, key), (digest, place) in (await log.find_claims(list(claims))).items():
                self.add_claim(kind, key, digest, await _outcome_at(log, place))

    def add_key(self, key: UUID, request_hash: bytes, outcome: Outcome) -> None:
        """Remember a recorded (or about to be recorded) command by its idempotency key."""
        self._keys[key] = _Keyed(request_hash, outcome)
        if len(self._keys) > self._limit:
            self._keys.popitem(last=False)

    def add_claim(self, kind: str, key: str, digest: str, outcome: Outcome) -> None:
        """Remember a recorded (or about to be recorded) command by its unique key."""
        self._claims[kind, key] = _Claimed(digest, outcome)
        if len(self._claims) > self._limit:
            self._claims.popitem(last=False)

    def forget(self, keys: list[UUID], claims: list[tuple[str, str]]) -> None:
        """Take back what was about to be recorded and was not."""
        for key in keys:
            self._keys.pop(key, None)
        for claim in claims:
            self._claims.pop(claim, None)


async def _outcome_at(log: EventLog, place: Place) -> Outcome:
    last = place.position + place.size - 1
    rows = await log.read(place.partition, after=place.position - 1, until=last)
    events = tuple(decode_event(row.topic, row.state) for row in rows)
    return Outcome(rows[-1].account_id, place.partition, last, rows[-1].version, events)
