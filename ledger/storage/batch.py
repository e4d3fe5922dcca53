"""One batch of commands on its way to one commit: what is decided, what is appended, who is answered."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from ledger.domain.account import EscrowAccount
from ledger.domain.decisions import Context, decide
from ledger.domain.errors import LedgerError
from ledger.domain.events import BankEntryEvent, Event
from ledger.domain.evolution import evolve
from ledger.domain.partition import partition_of
from ledger.domain.streams import StreamState, asked_of
from ledger.domain.unique_keys import UniqueKey, key_of_command, key_of_event
from ledger.storage.log import LARGEST_COMMAND, Append, Claims
from ledger.storage.mapper import encode_event
from ledger.storage.requests import Outcome, Request
from ledger.storage.seen import Seen
from ledger.storage.units import Unit


def _key_taken(account_id: UUID, event: Event, claim: UniqueKey | None) -> UniqueKey | None:
    """The key that the event takes: mostly the command's, which was made already."""
    if claim is not None and isinstance(event, BankEntryEvent) and event.digest == claim.digest:
        return claim
    return key_of_event(account_id, event)


class BrokenUnit(Exception):
    """A decision failed for another reason than a refusal: a defect, which must not touch other commands."""

    def __init__(self, unit: Unit, error: Exception) -> None:
        super().__init__(str(error))
        self.unit = unit
        self.error = error


class Batch:
    """Decides units one after the other on the accounts in memory, ahead of the commit.

    `accounts` are by the integers of their ids; `heads` are those that the batch stands on; `context` makes the context
    of an actor's decisions at `instant`.
    """

    def __init__(
        self,
        accounts: dict[int, StreamState],
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
        self.claims = Claims()
        self.units: list[Unit] = []
        self.last_part = 0
        """How many of the units were decided last, and are not sent on ahead."""
        self.outcomes: list[list[Outcome] | LedgerError] = []
        """What each of the units is told once the batch is durable."""
        self.doubtful: list[int] = []
        """Places of the units that may have been recorded earlier: the log is to be asked first."""
        self.touched: dict[int, StreamState] = {}
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
        requests = unit.requests
        try:
            if len(requests) == 1:
                outcome = self._decide(requests[0])
                outcomes: list[Outcome] | LedgerError = [outcome]
                doubtful = not outcome.events
            else:
                outcomes = self._decide_together(requests)
                doubtful = not all(outcome.events for outcome in outcomes)
        except LedgerError as refusal:
            outcomes, doubtful = refusal, True
        except Exception as error:
            raise BrokenUnit(unit, error) from error
        if doubtful:
            self.doubtful.append(len(self.units))
        self.units.append(unit)
        self.outcomes.append(outcomes)

    def _decide_together(self, requests: tuple[Request, ...]) -> list[Outcome]:
        """All or nothing: decide on copies, which take the accounts' places only if none is refused."""
        ids = {request.command.account_id.int for request in requests}
        trial = Batch(
            {account_id: self.accounts[account_id].copy() for account_id in ids},
            self.heads,
            self.seen,
            self.context,
            self.instant,
        )
        trial._contexts, trial._appends, trial.claims = self._contexts, self._appends, self.claims
        lengths = {partition: len(append) for partition, append in self._appends.items()}
        claimed = len(self.claims)
        try:
            outcomes = [trial._decide_item(item, request) for item, request in enumerate(requests)]
        except BaseException:
            self.seen.forget(trial._keys, self.claims.cut_back(claimed))
            for partition, append in list(self._appends.items()):
                append.cut_back(lengths.get(partition, 0))
                if not len(append):
                    del self._appends[partition]
            raise
        self.accounts.update(trial.accounts)
        self.touched.update(trial.touched)
        self._keys += trial._keys
        return outcomes

    def _decide_item(self, item: int, request: Request) -> Outcome:
        try:
            return self._decide(request)
        except LedgerError as refusal:
            refusal.item = item
            raise

    def _decide(self, request: Request) -> Outcome:
        command, actor, key, request_hash, expected_version, visible = request
        claim = key_of_command(command)
        if key is not None or claim is not None:
            earlier = self.seen.earlier(key, request_hash, claim)
            if earlier is not None:
                return earlier
        account_id = command.account_id
        account = self.accounts[account_id.int]
        if account.version == 0:
            if type(account) is not (asked := asked_of(command)):
                account = self.accounts[account_id.int] = asked(id=account_id)
        elif visible is not None and not (isinstance(account, EscrowAccount) and visible(account)):
            raise LedgerError("account_not_found")
        if expected_version is not None and expected_version != account.version:
            raise LedgerError("version_mismatch", version=account.version, expected=expected_version)
        context = self._contexts.get(actor)
        if context is None:
            context = self._contexts[actor] = self.context(self.instant, actor)
        events = decide(account, command, context)
        partition = partition_of(account_id, self.partitions)
        if not events:
            return Outcome(account_id, partition, self.heads[partition], account.version, ())
        append = self._appends.get(partition)
        if append is None:
            append = self._appends[partition] = Append(partition, self.heads[partition])
        self.touched[account_id.int] = account
        taken: UniqueKey | None = None
        rows = append.rows
        id_bytes = account_id.int.to_bytes(16, "big")
        size, key_bytes, hashed = len(events), None if key is None else key.bytes, request_hash
        for event in events:
            evolve(account, event)
            rows.append((id_bytes, account.version, event.topic, encode_event(event), size, key_bytes, hashed))
            size, key_bytes, hashed = 0, None, None
            if taken is None and (taken := _key_taken(account_id, event, claim)) is not None:
                self.claims.rows.append((taken.kind, taken.key, taken.digest, partition, append.expected + len(rows)))
        if len(events) > LARGEST_COMMAND:
            append.divide(len(events))
        outcome = Outcome(account_id, partition, append.expected + len(rows), account.version, tuple(events))
        if key is not None:
            self._keys.append(key)
            self.seen.add_key(key, request_hash or b"", outcome)
        if taken is not None:
            self.seen.add_claim(taken, outcome)
        return outcome

    def forget(self) -> None:
        """Take back from memory what was not recorded: touched accounts must be loaded anew."""
        self.seen.forget(self._keys, self.claims.taken)
        for account_id in self.touched:
            self.accounts.pop(account_id, None)
