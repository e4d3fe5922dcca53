"""What is known of one refund: its quote, its steps with their clocks, and the legs that go to the bank."""

from datetime import date, datetime
from typing import Literal

import msgspec

from ledger.domain.events import AgreedBy, Event, QuoteLine, RefundBasis

RefundProgressState = Literal["requested", "contested", "agreed", "paying", "paid", "withdrawn", "returned"]
StepName = Literal["answer", "decision", "payment"]
Who = Literal["institution", "regulator", "bank", "clock"]
LegState = Literal["pending", "paid", "rejected", "returned"]


class ProgressStep(msgspec.Struct, gc=False):
    """A step waits for `who` since `since_on`, by law until `until_on`, and ended on `done_on`.

    `policy` and `rules` are the legal basis: the pack version and the rule ids of the event that began the step.
    """

    name: StepName
    who: Who
    since_on: date
    until_on: date | None
    policy: str | None
    rules: list[str]
    done_on: date | None = None
    overdue: bool = False


class ProgressLeg(msgspec.Struct, gc=False):
    """The part of a refund (fen) that goes back along one payment's route."""

    instruction_id: str
    end_to_end_id: str
    payment_reference: str
    route: str
    amount_fen: int
    instructed_on: date
    state: LegState = "pending"
    done_on: date | None = None
    bank_reference: str | None = None
    reason: str | None = None


class RefundProgress(msgspec.Struct, gc=False):
    """A refund at `updated_position` of its partition; `position` is where it was requested (its place in lists).

    `requested` and `contested` wait for how much; of what is owed, `agreed` waits to be sent (for cash), `paying` is
    with the bank, and `returned` came back and waits to be sent again.
    """

    account_id: str
    refund_id: str
    partition: int
    position: int
    contract_id: str
    reason: str
    requested_on: date
    requested_at: datetime
    answer_due_on: date
    updated_position: int
    updated_at: datetime
    state: RefundProgressState = "requested"
    final: bool = False
    basis: RefundBasis | None = None
    quoted_fen: int = 0
    quote: list[QuoteLine] = []
    offered_fen: int | None = None
    contest_reason: str | None = None
    agreed_by: AgreedBy | None = None
    agreed_fen: int = 0
    in_flight_fen: int = 0
    paid_fen: int = 0
    returns: int = 0
    pay_due_on: date | None = None
    steps: list[ProgressStep] = []
    legs: list[ProgressLeg] = []

    def running(self, *names: StepName) -> ProgressStep | None:
        """The step of these names that is under way."""
        return next((step for step in self.steps if step.done_on is None and step.name in names), None)

    def begin(self, name: StepName, who: Who, event: Event, until_on: date | None) -> None:
        """A step begins with the event."""
        self.steps = [*self.steps, ProgressStep(name, who, event.effective_on, until_on, event.policy, [*event.rules])]

    def end(self, event: Event, *names: StepName) -> None:
        """The running step of these names, if any, ends with the event."""
        step = self.running(*names)
        if step is not None:
            step.done_on = event.effective_on

    def leg(self, instruction_id: str) -> ProgressLeg:
        """The leg of an instruction."""
        return next(leg for leg in self.legs if leg.instruction_id == instruction_id)

    def settle_state(self) -> None:
        """Say where the refund stands, from its amounts."""
        if self.state == "withdrawn":
            return
        if not self.final:
            self.state = "requested" if self.offered_fen is None else "contested"
        elif self.paid_fen == self.agreed_fen:
            self.state = "paid"
        elif self.in_flight_fen:
            self.state = "paying"
        else:
            sent_back = bool(self.legs) and self.legs[-1].state in ("rejected", "returned")
            self.state = "returned" if self.returns and sent_back else "agreed"
