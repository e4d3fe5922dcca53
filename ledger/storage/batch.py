"""One batch of commands on its way to one commit: what is decided, what is appended, who is answered."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from ledger.domain.account import EscrowAccount
from ledger.domain.decisions import Context, decide
from ledger.domain.errors import LedgerError
from ledger.domain.evolution import evolve
from ledger.domain.partition import partition_of
from ledger.domain.unique_keys import UniqueKey, key_of_command, key_of_event
from ledger.storage.log import Append, Claim
from ledger.storage.mapper import encode_event
from ledger.storage.requests import Outcome, Request
from ledger.storage.seen import Seen


class Unit(NamedTuple):
    """Requests that are recorded together or not at all, and the future of their outcomes."""

    requests: tuple[Request, ...]
    answer: "asyncio.Future[list[Outcome]]"


class Answer(NamedTuple):
    """What a unit is told once the batch is durable. `doubtful`: look for earlier recordings first."""

    unit: Unit
    outcomes: list[Outcome] | LedgerError
    doubtful: bool


class BrokenUnit(Exception):
    """A decision failed for another reason than a refusal: a defect, which must not touch other commands."""

    def __init__(self, unit: Unit, error: Exception) -> None:
        super().__init__(str(error))
        self.unit = unit
        self.error = error


class Batch:
    """Decides units one after the other on the accounts in memory, ahead of the commit.

    `heads` are those that the batch stands on; `context` makes the context of an actor's decisions at `instant`.
    """

    def __init__(
        self,
        accounts: dict[UUID, EscrowAccount],
        heads: Mapping[int, int],
        seen: Seen,
        context: Callable[[datetime, str], Context],
        instant: datetime,
    ) -> None:
        self.accounts = accounts
        self.heads = dict(heads)
        self.partitions = len(heads)
        self.seen = seen
        self.context = context
        self.instant = instant
        self._contexts: dict[str, Context] = {}
        self._appends: dict[int, Append] = {}
        self.claims: list[Claim] = []
        self.answers: list[Answer] = []
        self.touched: set[UUID] = set()
        self._keys: list[UUID] = []

    @property
    def appends(self) -> list[Append]:
        """What is to be recorded, partitions in ascending order."""
        return [append for _, append in sorted(self._appends.items())]

    @property
    def heads_after(self) -> dict[int, int]:
        """The heads once this is recorded."""
        return self.heads | {append.partition: append.head for append in self._appends.values()}

    def decide(self, unit: Unit) -> None:
        """Decide a unit; its answer waits for the commit. Raises `BrokenUnit` for a defect."""
        try:
            if len(unit.requests) == 1:
                outcomes = [self._decide(unit.requests[0], self.accounts)]
            else:
                outcomes = self._decide_together(unit.requests)
        except LedgerError as refusal:
            self.answers.append(Answer(unit, refusal, True))
        except Exception as error:
            raise BrokenUnit(unit, error) from error
        else:
            self.answers.append(Answer(unit, outcomes, any(not outcome.events for outcome in outcomes)))

    def _decide_together(self, requests: tuple[Request, ...]) -> list[Outcome]:
        """All or nothing: decide on copies, which take the accounts' places only if none is refused."""
        ids = {request.command.account_id for request in requests}
        copies = {account_id: self.accounts[account_id].copy() for account_id in ids}
        trial = Batch(copies, self.heads, self.seen, self.context, self.instant)
        trial._appends = {partition: append.copy() for partition, append in self._appends.items()}
        try:
            outcomes = [trial._decide_item(item, request) for item, request in enumerate(requests)]
        except BaseException:
            trial.forget()
            raise
        self.accounts.update(copies)
        self._appends = trial._appends
        self.claims += trial.claims
        self.touched |= trial.touched
        self._keys += trial._keys
        return outcomes

    def _decide_item(self, item: int, request: Request) -> Outcome:
        try:
            return self._decide(request, self.accounts)
        except LedgerError as refusal:
            refusal.item = item
            raise

    def _decide(self, request: Request, accounts: dict[UUID, EscrowAccount]) -> Outcome:
        command = request.command
        claim = key_of_command(command)
        if request.idempotency_key is not None or claim is not None:
            earlier = self.seen.earlier(request, claim)
            if earlier is not None:
                return earlier
        account_id = command.account_id
        account = accounts[account_id]
        if request.visible is not None and account.version and not request.visible(account):
            raise LedgerError("account_not_found")
        if request.expected_version is not None and request.expected_version != account.version:
            raise LedgerError("version_mismatch", version=account.version, expected=request.expected_version)
        events = decide(account, command, self._context_of(request.actor))
        partition = partition_of(account_id, self.partitions)
        if not events:
            return Outcome(account_id, partition, self.heads[partition], account.version, ())
        append = self._appends.get(partition)
        if append is None:
            append = self._appends[partition] = Append(partition, self.heads[partition])
        self.touched.add(account_id)
        size, key, hashed = len(events), request.idempotency_key, request.request_hash
        taken: UniqueKey | None = None
        for event in events:
            evolve(account, event)
            append.account_ids.append(account_id)
            append.versions.append(account.version)
            append.topics.append(event.topic)
            append.states.append(encode_event(event))
            append.sizes.append(size)
            append.keys.append(key)
            append.hashes.append(hashed)
            size, key, hashed = 0, None, None
            if taken is None and (taken := key_of_event(account_id, event)) is not None:
                self.claims.append(Claim(taken.kind, taken.key, taken.digest, partition, append.head))
        outcome = Outcome(account_id, partition, append.head, account.version, tuple(events))
        if request.idempotency_key is not None:
            self._keys.append(request.idempotency_key)
            self.seen.add_key(request.idempotency_key, request.request_hash or b"", outcome)
        if taken is not None:
            self.seen.add_claim(taken.kind, taken.key, taken.digest, outcome)
        return outcome

    def _context_of(self, actor: str) -> Context:
        known = self._contexts.get(actor)
        if known is None:
            known = self._contexts[actor] = self.context(self.instant, actor)
        return known

    def forget(self) -> None:
        """Take back from memory what was not recorded: touched accounts must be loaded anew."""
        self.seen.forget(self._keys, [(claim.kind, claim.key) for claim in self.claims])
        for account_id in self.touched:
            self.accounts.pop(account_id, None)
