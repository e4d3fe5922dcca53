"""Two institutions in memory: one closes, the other is willing; families move between them as the store lets them."""

from typing import Any
from uuid import UUID

import msgspec

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.account import EscrowAccount
from ledger.domain.continuity_commands import TransferCommands, transfer_commands
from ledger.domain.decisions import decide
from tests.domain.scenario import Scenario
from tests.domain.winding_down import families

OTHER_ID = UUID("01890000-0000-7000-8000-000000000002")
LEAVE: dict[str, Any] = {
    "transfer_id": "t1",
    "contract_id": "c1",
    "offer_id": "offer-1",
    "to_account_id": str(OTHER_ID),
    "to_contract_id": "c9",
    "route": "ICBC/6222-2",
    "lines": (),
    "refunds": (),
    "payments": (),
}
"""A transfer that nobody planned: what the account says of it before it looks at the plan."""


class Moving:
    """`old` closes; `new` offers to go on. What both hold together changes only by what comes in or goes out."""

    def __init__(self, *paid_fen: int, old: Scenario | None = None) -> None:
        self.old = old or families(*paid_fen)
        self.new = Scenario(opened=False)
        self.new.account = EscrowAccount(id=OTHER_ID)
        self.new.do(c.OpenAccount, institution_id="school-2", account_no="6222-2")
        self.new.do(c.OfferContinuity)
        self._entries = 0

    def accept(self, contract_id: str = "c1") -> None:
        """The family chooses the offer."""
        self.old.do(c.AcceptContinuity, contract_id=contract_id, to_account_id=str(OTHER_ID))

    def plan(self, contract_id: str = "c1") -> TransferCommands:
        """The two halves as they would be now."""
        return transfer_commands(
            self.old.account, contract_id, to_bank="ICBC", to_account_no="6222-2", on=self.old.today
        )

    def move(self, contract_id: str = "c1", *, planned: TransferCommands | None = None) -> e.ContinuityReceived:
        """Both halves or none, as the store records them; the second account's event."""
        leave, take_over = planned or self.plan(contract_id)
        decide(self.new.account, take_over, self.new.context())  # a refusal of either leaves both as they are
        self.old.do(type(leave), **msgspec.structs.asdict(leave))
        *_, received = self.new.do(type(take_over), **msgspec.structs.asdict(take_over))
        assert isinstance(received, e.ContinuityReceived)
        return received

    def bank_sends(self, outcome: str = "settled") -> list[e.Event]:
        """The old account's bank speaks of the transfer that waits for it."""
        self._entries += 1
        [instruction_id] = [i for i in self.old.pending() if self.old.account.instructions[i].kind == "transfer"]
        return self.old.settle(instruction_id, outcome, bank_reference=f"sent-{self._entries}")

    def bank_receives(self, transfer_id: str, amount_fen: int) -> list[e.Event]:
        """The new account's bank reports a receipt that names the transfer."""
        self._entries += 1
        return self.new.pay(transfer_id, amount_fen, bank_reference=f"arrived-{self._entries}")

    def bank_receives_without_text(self, amount_fen: int, reference: str = "") -> e.DepositHeldInSuspense:
        """The new account's bank dropped the text, or left that of it; the receipt waits in suspense."""
        [held] = self.bank_receives(reference, amount_fen)
        assert isinstance(held, e.DepositHeldInSuspense)
        return held

    @property
    def money_fen(self) -> int:
        """Cash and money in transit of both, without what the old one still has to send."""
        old, new = self.old.account, self.new.account
        unsent_fen = sum(transfer.amount_fen for transfer in old.transfers_out.values())
        return old.buckets.cash - unsent_fen + new.buckets.cash + new.buckets.in_transit
