"""What the state machine asks of a ledger, and how every answer is compared with the oracle's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine, invariant

from ledger.domain import commands as c
from ledger.domain.account import EscrowAccount
from ledger.domain.errors import LedgerError
from ledger.domain.events import Event
from tests.model.invariants import check_account, check_events, check_payout
from tests.model.oracle import Oracle
from tests.model.oracle_reasons import reasons

T = TypeVar("T")

FIRST_DAY = date(2025, 3, 3)


@dataclass(frozen=True)
class Accepted:
    """A request that was accepted, kept to be repeated."""

    command: c.Command
    key: UUID
    events: tuple[Event, ...]


class ComparedLedger(RuleBasedStateMachine):
    """A ledger of one account beside its oracle. A driver says how commands reach the ledger, in four methods."""

    def __init__(self) -> None:
        super().__init__()
        self.account_id = UUID(int=0x01890000_0000_7000_8000_000000000001)
        self.oracle = Oracle()
        self.today: date = FIRST_DAY
        self.accepted: list[Accepted] = []
        self.snapshot: tuple[int, EscrowAccount] | None = None
        self._count = 0
        self._keys = 0

    # what a driver gives

    def submit(self, command: c.Command, *, today: date, key: UUID) -> Sequence[Event]:
        """The events of the command, decided on that day; for a repeated key or bank entry, the first ones again.

        Raises `LedgerError` for a refusal, which leaves no trace, not even of the key.
        """
        raise NotImplementedError

    def account(self) -> EscrowAccount:
        """The account as the ledger knows it now; never changed by the machine."""
        raise NotImplementedError

    def history(self) -> Sequence[Event]:
        """Every event that was recorded, in order."""
        raise NotImplementedError

    def restart(self) -> None:
        """Lose whatever is in memory only."""
        raise NotImplementedError

    # asking

    def ask(self, command: type[c.Command], *, back: int = 0, **said: Any) -> None:
        """A new request, dated today or `back` days ago."""
        self.send(command(account_id=self.account_id, effective_on=self.today - timedelta(days=back), **said))

    def send(self, command: c.Command) -> None:
        """Submit under a new key and compare with the oracle."""
        self._keys += 1
        key = UUID(int=self._keys)
        refused = reasons(self.oracle, command, self.today)
        replayed = self.oracle.replays(command)
        try:
            events = tuple(self.submit(command, today=self.today, key=key))
        except LedgerError as refusal:
            note(f"refused {refusal.code}: {command}")
            if replayed or refusal.code not in refused:
                raise AssertionError(f"{refusal.code} is not among {refused or 'no reasons'}") from refusal
            return
        note(f"accepted: {command} -> {[type(event).__name__ for event in events]}")
        if replayed:
            return
        assert not refused, f"accepted in spite of {refused}"
        self.oracle.apply(command, events, self.today)
        self.accepted.append(Accepted(command, key, events))
        if isinstance(command, c.RequestPayout):
            check_payout(self.account(), self.oracle)

    def fresh(self, kind: str) -> str:
        """An id that sorts by age, as the ledger's own do."""
        self._count += 1
        return f"{kind}-{self._count:06d}"

    def reference(self) -> str:
        """A reference of the bank, which does not sort by age."""
        self._count += 1
        return f"entry-{self._count * 611_953 % 1_000_000:06d}"

    def choose(self, among: Sequence[T], pick: int, unknown: T) -> T:
        """One of them; now and then one that does not exist."""
        return unknown if pick == 30 or not among else among[pick % len(among)]

    @invariant()
    def everything_adds_up(self) -> None:
        check_account(self.account(), self.oracle)

    def teardown(self) -> None:
        """At the end, the history alone explains the account."""
        if self.accepted:
            check_events(self.account(), list(self.history()), self.snapshot)
