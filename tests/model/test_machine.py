"""The machine over one account in memory, decided and evolved by the domain alone."""

from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from ledger.domain import commands as c
from ledger.domain.decisions import decide
from ledger.domain.errors import LedgerError
from ledger.domain.evolution import evolve
from ledger.storage.mapper import decode_account, encode_account
from tests.model.machine import LedgerMachine, picks
from tests.model.memory_driver import MemoryDriver

TORTURED = settings.get_current_profile_name() == "torture"


class MemoryMachine(MemoryDriver, LedgerMachine):
    """The oracle beside the domain alone."""

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
                events = decide(copy, command, self.context(self.today))
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
