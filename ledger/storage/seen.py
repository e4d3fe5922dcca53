"""Commands that are recorded already: the newest in memory, so that a repetition costs no query."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from ledger.domain.errors import LedgerError
from ledger.domain.unique_keys import UniqueKey, key_of_command
from ledger.storage.log import EventLog, Place
from ledger.storage.mapper import decode_event
from ledger.storage.requests import Outcome, Request


class Seen:
    """Idempotency keys and unique keys with the outcomes of the commands that took them.

    Two generations of up to `limit` each: when the younger one is full, the older one is forgotten. So remembering
    costs one insertion, and nothing is looked for among the oldest.
    """

    def __init__(self, limit: int = 40_000) -> None:
        self._limit = limit
        # Idempotency keys by their integers, which hash faster than UUIDs.
        self._keys: dict[int, tuple[bytes, Outcome]] = {}
        self._older_keys: dict[int, tuple[bytes, Outcome]] = {}
        self._claims: dict[tuple[str, str], tuple[str, Outcome]] = {}
        self._older_claims: dict[tuple[str, str], tuple[str, Outcome]] = {}

    def earlier(self, key: UUID | None, request_hash: bytes | None, claim: UniqueKey | None) -> Outcome | None:
        """The outcome of the same request made before, if it is in memory.

        Raises `idempotency_key_reused`, `entry_reused` or `account_no_taken` when the key was taken by another one.
        """
        if key is not None:
            keyed = self._keys.get(key.int) or self._older_keys.get(key.int)
            if keyed is not None:
                if keyed[0] != (request_hash or b""):
                    raise LedgerError("idempotency_key_reused")
                return keyed[1].again()
        if claim is not None:
            taken = claim[:2]
            claimed = self._claims.get(taken) or self._older_claims.get(taken)
            if claimed is not None:
                if claimed[0] != claim.digest:
                    raise claim.refusal()
                return claimed[1].again()
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
        keys = {key for key in (r.idempotency_key for r in requests) if key is not None and not self._knows_key(key)}
        claims = {
            (claim.kind, claim.key)
            for claim in (key_of_command(request.command) for request in requests)
            if claim is not None and claim[:2] not in self._claims and claim[:2] not in self._older_claims
        }
        if keys:
            for key, (request_hash, place) in (await log.find_keys(partitions, list(keys))).items():
                self.add_key(key, request_hash, await _outcome_at(log, place))
        if claims:
            for (kind, key), (digest, place) in (await log.find_claims(list(claims))).items():
                self.add_claim((kind, key), digest, await _outcome_at(log, place))

    def _knows_key(self, key: UUID) -> bool:
        return key.int in self._keys or key.int in self._older_keys

    def add_key(self, key: UUID, request_hash: bytes, outcome: Outcome) -> None:
        """Remember a recorded (or about to be recorded) command by its idempotency key."""
        if len(self._keys) >= self._limit:
            self._older_keys, self._keys = self._keys, {}
        self._keys[key.int] = request_hash, outcome

    def add_claim(self, taken: tuple[str, str], digest: str, outcome: Outcome) -> None:
        """Remember a recorded (or about to be recorded) command by its unique key's kind and key."""
        if len(self._claims) >= self._limit:
            self._older_claims, self._claims = self._claims, {}
        self._claims[taken] = digest, outcome

    def forget(self, keys: Iterable[UUID], claims: Iterable[tuple[str, str]]) -> None:
        """Take back what was about to be recorded and was not."""
        for key in keys:
            self._keys.pop(key.int, None)
            self._older_keys.pop(key.int, None)
        for claim in claims:
            self._claims.pop(claim, None)
            self._older_claims.pop(claim, None)


async def _outcome_at(log: EventLog, place: Place) -> Outcome:
    last = place.position + place.size - 1
    rows = await log.read(place.partition, after=place.position - 1, until=last)
    events = tuple(decode_event(row.topic, row.state) for row in rows)
    return Outcome(rows[-1].account_id, place.partition, last, rows[-1].version, events)
