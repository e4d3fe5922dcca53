"""A ledger of one account as a state machine drives it, and what must hold of any run at its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from hypothesis.stateful import RuleBasedStateMachine

from ledger.domain import commands as c
from ledger.domain.account import EscrowAccount
from ledger.domain.events import Event
from ledger.domain.policy import Policies
from tests.model.invariants import check_events

T = TypeVar("T")

FIRST_DAY = date(2025, 3, 3)


@dataclass(frozen=True)
class Accepted:
    """A request that was accepted, kept to be repeated."""

    command: c.Command
    key: UUID
    events: tuple[Event, ...]
    actor: str


class DrivenLedger(RuleBasedStateMachine):
    """A ledger of one account. A driver says how commands reach it, in four methods."""

    policies: Policies

    def __init__(self) -> None:
        super().__init__()
        self.account_id = UUID(int=0x01890000_0000_7000_8000_000000000001)
        self.today: date = FIRST_DAY
        self.actor = "operator:model"
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

    # names

    def new_key(self) -> UUID:
        """An idempotency key that was never used."""
        self._keys += 1
        return UUID(int=self._keys)

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

    def teardown(self) -> None:
        """At the end, the history alone explains the account."""
        if self.accepted:
            check_events(self.account(), list(self.history()), self.snapshot)
