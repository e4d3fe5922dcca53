"""The machine over one account in memory, decided and evolved by the domain alone."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from ledger.domain import commands as c
from ledger.domain.account import EscrowAccount
from ledger.domain.decisions import Context, decide
from ledger.domain.errors import LedgerError
from ledger.domain.events import Event
from ledger.domain.evolution import evolve
from ledger.domain.policy import FixedPolicies
from ledger.domain.unique_keys import key_of_command, key_of_event
from ledger.storage.mapper import decode_account, encode_account
from tests.model.machine import POLICIES, LedgerMachine, picks

TORTURED = settings.get_current_profile_name() == "torture"


def context(today: date) -> Context:
    """Evening of that day in China."""
    recorded_at = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    return Context(recorded_at=recorded_at, today=today, actor="operator:model", policies=FixedPolicies(POLICIES))


class MemoryMachine(LedgerMachine):
    """Decides and evolves one account; remembers keys and bank entries as the store does."""

    def __init__(self) -> None:
        super().__init__()
        self._account = EscrowAccount(id=self.account_id)
        self._events: list[Event] = []
        self._answers: dict[UUID, tuple[Event, ...]] = {}
        self._entries: dict[str, tuple[str, tuple[Event, ...]]] = {}

    def submit(self, command: c.Command, *, today: date, key: UUID) -> Sequence[Event]:
        if key in self._answers:
            return self._answers[key]
        unique = key_of_command(command)
        if unique is not None and unique.key in self._entries:
            digest, first = self._entries[unique.key]
            if digest != unique.digest:
                raise unique.refusal()
            return first
        before = encode_account(self._account)
        try:
            events = tuple(decide(self._account, command, context(today)))
        finally:
            assert encode_account(self._account) == before, "a decision changed the account"
        for event in events:
            evolve(self._account, event)
            if (taken := key_of_event(self.account_id, event)) is not None:
                self._entries[taken.key] = (taken.digest, events)
        self._events += events
        self._answers[key] = events
        return events

    def account(self) -> EscrowAccount:
        return self._account

    def history(self) -> Sequence[Event]:
        return self._events

    def restart(self) -> None:
        self._account = decode_account(encode_account(self._account))

    @precondition(lambda self: len(self.oracle.contracts) > 1)
    @rule(pick=picks, amounts=st.tuples(st.integers(1, 99), st.integers(1, 99)), kinds=st.tuples(picks, picks))
    def independent_commands_in_any_order(self, pick: int, amounts: tuple[int, int], kinds: tuple[int, int]) -> None:
        """Two commands about different families lead to the same account whichever comes first."""
        families = sorted(self.oracle.contracts)
        first, second = (
            self._about(families[(pick + n) % len(families)], kind, amount)
            for n, (kind, amount) in enumerate(zip(kinds, amounts, strict=True))
        )
        there = self._try(first, second)
        back = self._try(second, first)
        if there is not None and back is not None:
            assert there == back

    def _about(self, contract_id: str, kind: int, amount_fen: int) -> c.Command:
        said: dict[str, Any] = {"account_id": self.account_id, "effective_on": self.today}
        lessons = sorted(self.oracle.contracts[contract_id].lessons)
        if kind % 3 == 0 and lessons:
            return c.CorrectLesson(**said, lesson_id=lessons[0], contracts=(contract_id,), reason="absent")
        if kind % 3 == 1:
            contracts = (contract_id,)
            return c.DeliverLesson(**said, lesson_id="any order", course_id="c", minutes=45, contracts=contracts)
        reference = f"any order {contract_id}"
        return c.PostDeposit(
            **said,
            bank=self._account.bank,
            bank_reference=reference,
            amount_fen=amount_fen,
            contract_reference=contract_id,
            suspense_id=reference,
            digest=reference,
        )

    def _try(self, *commands: c.Command) -> bytes | None:
        """The account after the commands, on a copy; None when one is refused."""
        copy = decode_account(encode_account(self._account))
        for command in commands:
            try:
                events = decide(copy, command, context(self.today))
            except LedgerError:
                return None
            for event in events:
                evolve(copy, event)
        # An advance that one order creates and recoups takes more events than the other order needs.
        copy.version = copy.movements = 0
        return msgspec.json.encode(copy, order="deterministic")


TestMemoryMachine = MemoryMachine.TestCase
TestMemoryMachine.settings = settings(
    max_examples=5_000 if TORTURED else 200, stateful_step_count=120 if TORTURED else 50
)
