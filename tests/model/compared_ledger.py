"""A ledger of one account beside its oracle: every answer is compared with the oracle's."""

from datetime import timedelta
from typing import Any

from hypothesis import note
from hypothesis.stateful import invariant

from ledger.domain import commands as c
from ledger.domain.errors import LedgerError
from tests.model.driven_ledger import Accepted, DrivenLedger
from tests.model.invariants import check_account, check_payout
from tests.model.oracle import Oracle
from tests.model.oracle_reasons import reasons


class ComparedLedger(DrivenLedger):
    """Every request goes to both; the oracle says whether it must be accepted, and why not if it must not."""

    def __init__(self) -> None:
        super().__init__()
        self.oracle = Oracle()

    def ask(self, command: type[c.Command], *, back: int = 0, **said: Any) -> None:
        """A new request, dated today or `back` days ago."""
        self.send(command(account_id=self.account_id, effective_on=self.today - timedelta(days=back), **said))

    def send(self, command: c.Command) -> None:
        """Submit under a new key and compare with the oracle."""
        key = self.new_key()
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
        self.accepted.append(Accepted(command, key, events, self.actor))
        if isinstance(command, c.RequestPayout):
            check_payout(self.account(), self.oracle)

    @invariant()
    def everything_adds_up(self) -> None:
        check_account(self.account(), self.oracle)
