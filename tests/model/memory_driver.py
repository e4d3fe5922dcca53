"""The driver in memory: decides and evolves one account; remembers keys and bank entries as the store does."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from ledger.domain import commands as c
from ledger.domain.account import EscrowAccount
from ledger.domain.decisions import Context, decide
from ledger.domain.events import Event
from ledger.domain.evolution import evolve
from ledger.domain.unique_keys import key_of_command, key_of_event
from ledger.storage.mapper import decode_account, encode_account
from tests.model.driven_ledger import DrivenLedger


class MemoryDriver(DrivenLedger):
    """No store and no process: the domain alone."""

    def __init__(self) -> None:
        super().__init__()
        self._account = EscrowAccount(id=self.account_id)
        self._events: list[Event] = []
        self._answers: dict[UUID, tuple[Event, ...]] = {}
        self._taken: dict[tuple[str, str], tuple[str, tuple[Event, ...]]] = {}

    def context(self, today: date) -> Context:
        """Evening of that day in China."""
        recorded_at = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
        return Context(recorded_at=recorded_at, today=today, actor=self.actor, policies=self.policies)

    def submit(self, command: c.Command, *, today: date, key: UUID) -> Sequence[Event]:
        if key in self._answers:
            return self._answers[key]
        unique = key_of_command(command)
        if unique is not None and (unique.kind, unique.key) in self._taken:
            digest, first = self._taken[unique.kind, unique.key]
            if digest != unique.digest:
                raise unique.refusal()
            return first
        before = encode_account(self._account)
        try:
            events = tuple(decide(self._account, command, self.context(today)))
        finally:
            assert encode_account(self._account) == before, "a decision changed the account"
        for event in events:
            evolve(self._account, event)
            if (taken := key_of_event(self.account_id, event)) is not None:
                self._taken[taken.kind, taken.key] = (taken.digest, events)
        self._events += events
        self._answers[key] = events
        return events

    def account(self) -> EscrowAccount:
        return self._account

    def history(self) -> Sequence[Event]:
        return self._events

    def restart(self) -> None:
        self._account = decode_account(encode_account(self._account))
