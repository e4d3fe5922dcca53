"""What is known of one refund: its quote, its steps with their clocks, and the legs that go to the bank."""

from datetime import date, datetime
from typing import Literal

import msgspec

from ledger.domain.events import AgreedBy, Event, QuoteLine, RefundBasis, RefundGround, Term

RefundProgressState = Literal["requested", "contested", "agreed", "paying", "paid", "withdrawn", "returned"]
StepName = Literal["answer", "decision", "payment"]
Who = Literal["institution", "regulator", "bank", "clock"]
LegState = Literal["pending", "paid", "rejected", "returned"]


class ProgressStep(msgspec.Struct, gc=False):
    """A step waits for `who` since `since_on`, by law until `until_on`, and ended on `done_on`.

    `policy` and `rules` are the legal basis: the pack version and the rule ids of the event that began the step.
    `provisional`: the day may move when the holidays of its year are published.
    """

    name: StepName
    who: Who
    since_on: date
    until_on: date | None
    policy: str | None
    rules: list[str]
    done_on: date | None = None
    overdue: bool = False
    provisional: bool = False

    def set_deadline(self, until_on: date | None, term: Term | None) -> None:
        """The step is due on another day; with more time it is not late."""
        if self.until_on is not None and until_on is not None and until_on > self.until_on:
            self.overdue = False
        self.until_on = until_on
        self.provisional = term is not None and term.provisional


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
    with the bank, and `returned` came back and waits to be sent again. `who_acts` until `due_on`, on the
    `legal_basis` (rule ids), is that of the running step that is due first. `quote` is the best line of each package,
    `bases` are all lines of all lawful bases.
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
    ground: RefundGround = "own"
    who_acts: Who | None = None
    due_on: date | None = None
    legal_basis: list[str] = []
    overdue: bool = False
    provisional: bool = False
    basis: RefundBasis | None = None
    quoted_fen: int = 0
    quote: list[QuoteLine] = []
    bases: list[QuoteLine] = []
    same_service_before: bool = False
    offered_fen: int | None = None
    contest_reason: str | None = None
    agreed_by: AgreedBy | None = None
    case_id: str = ""
    charged_fen: int = 0
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

    def begin(
        self, name: StepName, who: Who, event: Event, until_on: date | None, term: Term | None = None
    ) -> ProgressStep:
        """A step begins with the event."""
        step = ProgressStep(name, who, event.effective_on, until_on, event.policy, [*event.rules])
        step.set_deadline(until_on, term)
        self.steps = [*self.steps, step]
        return step

    def end(self, event: Event, *names: StepName) -> None:
        """The running step of these names, if any, ends with the event."""
        step = self.running(*names)
        if step is not None:
            step.done_on = event.effective_on

    def point(self) -> None:
        """Say who has to act now: the running step that is due first."""
        running = [step for step in self.steps if step.done_on is None]
        step = min(running, key=lambda step: step.until_on or date.max, default=None)
        self.who_acts = None if step is None else step.who
        self.due_on = None if step is None else step.until_on
        self.legal_basis = [] if step is None else [*step.rules]
        self.overdue = any(step.overdue for step in running)
        self.provisional = step is not None and step.provisional

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
