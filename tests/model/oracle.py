"""An account in plain Python, written from the rules and not from the ledger's code: it says what must happen.

`reasons` names every refusal that would be right for a command (none: it must be accepted); `apply` takes an
accepted command, checks what its events say against the rules, and remembers the new facts. Balances are never
kept: they are added up from facts, e.g. the institution's claim is all lessons less all payouts.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from ledger.domain import commands as c
from ledger.domain import events as e
from tests.model.oracle_state import Agreement, Charge, Claim, Leg, Receipt, Stray, Taken, entry_of, working_days_after

ANSWER_DAYS, PAYMENT_DAYS, RETENTION_DAYS = 5, 10, 30
AT_ONCE = date.min
HOLDING_DAYS = {"default": 0, "held": 3, "gifts-last": 0}


class Oracle:
    """The facts of one account, by kind."""

    def __init__(self) -> None:
        self.pack, self.listing = "default", "normal"
        self.frozen: set[str] = set()
        self.book: list[int] = []
        self.entries: dict[tuple[str, bool], str] = {}
        self.contracts: dict[str, Agreement] = {}
        self.ended: list[Agreement] = []
        self.stray: dict[str, Stray] = {}
        self.refunds: dict[str, Claim] = {}
        self.payouts: dict[str, int] = {}
        self.legs: dict[str, Leg] = {}
        self.returns: dict[str, str] = {}
        self.holds: dict[str, int] = {}
        self.reserve = self.shortage = self.minimum = self.top_up = 0
        self.other_earned = self.paid_out = 0
        self.moved = False
        self.today = date.min

    # balances, added up

    @property
    def cash(self) -> int:
        return sum(self.book)

    @property
    def in_flight(self) -> int:
        return sum(self.payouts.values())

    @property
    def institution_claim(self) -> int:
        """Lessons and released money less payouts, those under way included; negative: paid too much."""
        lessons = sum(sum(charge.taken.values()) for a in self._all() for charge in a.charges)
        return lessons + self.other_earned - self.paid_out - self.in_flight

    @property
    def prepaid(self) -> int:
        return sum(agreement.left for agreement in self.contracts.values())

    @property
    def refund_payable(self) -> int:
        return sum(claim.agreed - claim.paid for claim in self.refunds.values())

    def buckets(self) -> dict[str, int]:
        """What each bucket of the account must hold."""
        return {
            "cash": self.cash,
            "advance": max(0, -self.institution_claim),
            "held_by_institution": 0,
            "shortage": self.shortage,
            "in_transit": 0,
            "prepaid": self.prepaid,
            "earned": max(0, self.institution_claim),
            "payout_in_flight": self.in_flight,
            "refund_payable": self.refund_payable,
            "reserve": self.reserve,
            "suspense": sum(stray.amount for stray in self.stray.values()),
        }

    def unreleased(self, on: date) -> int:
        """Lessons whose holding days have not passed."""
        return sum(t.amount for a in self._all() for t in a.lessons.values() if t.payable_on > on)

    def free(self, on: date) -> int:
        """What the institution may take on that day."""
        b = self.buckets()
        kept = max(b["prepaid"] + b["refund_payable"] + b["suspense"] - b["advance"], self.minimum)
        payable = b["earned"] - self.unreleased(on) - sum(self.holds.values())
        return max(0, min(payable, b["cash"] - b["payout_in_flight"] - kept))

    @property
    def unpromised_cash(self) -> int:
        refunds = sum(leg.amount for leg in self.legs.values() if not leg.paid)
        returns = sum(stray.amount for stray in self.stray.values() if stray.returning)
        return self.cash - self.in_flight - refunds - returns

    def _all(self) -> list[Agreement]:
        return [*self.contracts.values(), *self.ended]

    def to_instruct(self, refund_id: str) -> int:
        """Agreed and neither paid nor on its way."""
        pending = sum(leg.amount for leg in self.legs.values() if leg.refund == refund_id and not leg.paid)
        return self.refunds[refund_id].agreed - self.refunds[refund_id].paid - pending

    def busy(self, contract_id: str) -> bool:
        """A refund of the contract was never brought to its end."""
        return any(claim.contract == contract_id and not claim.concluded for claim in self.refunds.values())

    def find(self, reference: str) -> str | None:
        """The open contract that a payer means by its id or its number."""
        if reference in self.contracts:
            return reference
        return next((cid for cid, agreement in self.contracts.items() if agreement.number == reference), None)

    def amount_of(self, instruction_id: str) -> int | None:
        """The amount of an instruction that the bank may still speak about."""
        if instruction_id in self.payouts:
            return self.payouts[instruction_id]
        if instruction_id in self.legs:
            return self.legs[instruction_id].amount
        return self.stray[self.returns[instruction_id]].amount if instruction_id in self.returns else None

    def pending(self) -> list[str]:
        """The instructions that wait for the bank."""
        refunds = [instruction_id for instruction_id, leg in self.legs.items() if not leg.paid]
        return sorted([*self.payouts, *self.returns, *refunds])

    def unexplained(self, command: c.PostDeposit) -> int:
        """What of a receipt no open contract takes."""
        contract_id = self.find(command.contract_reference)
        if command.purpose == "reserve":
            return 0
        if contract_id is None or self.listing == "black":
            return command.amount_fen
        return max(0, command.amount_fen - self.contracts[contract_id].due)

    # what a command does

    def replays(self, command: c.Command) -> bool:
        """The command repeats an entry of the bank's books, word for word."""
        match command:
            case c.PostDeposit() | c.RecordUnexplainedDebit() | c.RestoreUnexplainedDebit() | c.SettleInstruction():
                return bool(command.bank_reference) and self.entries.get(entry_of(command)) == command.digest
            case _:
                return False

    def apply(self, command: c.Command, events: Sequence[e.Event], today: date) -> None:
        """Remember a command accepted on that day; `events` are checked against what the rules demand."""
        self.today = today
        for event in events:
            if isinstance(event, e.BankEntryEvent):
                self.entries[entry_of(command)] = event.digest
        match command:
            case c.OpenAccount() | c.AssignPolicy():
                self.pack = command.pack
            case c.SignContract():
                self.contracts[command.contract_id] = Agreement(
                    command.contract_no,
                    command.starts_on,
                    command.ends_on,
                    [
                        Charge(p.price_fen, p.paid_lessons, p.gift_lessons, self.pack == "gifts-last")
                        for p in command.packages
                    ],
                )
            case c.EndContract():
                self._end(command.contract_id)
            case c.ListInstitution():
                self.listing = command.listing
            case c.FreezeAccount():
                self.frozen.add(command.scope)
            case c.UnfreezeAccount():
                self.frozen.discard(command.scope)
            case c.HoldFunds():
                self.holds[command.hold_id] = command.amount_fen
            case c.ReleaseHold():
                del self.holds[command.hold_id]
            case c.SetMinimumBalance() if command.amount_fen != self.minimum:
                self.minimum = command.amount_fen
                self._top_up(events)
            case c.CloseDay():
                self._close(command.effective_on, events)
            case c.DeliverLesson() | c.CorrectLesson():
                self._lesson(command)
            case c.RequestRefund() | c.AnswerRefund() | c.OrderRefund() | c.InstructRefund() | c.WithdrawRefund():
                self._refund(command, events)
            case _:
                self._money(command)

    def _money(self, command: c.Command) -> None:
        match command:
            case c.ImportOpeningBalance():
                self._move(command.cash_fen)
                self.other_earned += command.earned_fen
                self.reserve += command.reserve_fen
                if command.suspense_fen:
                    self.stray["opening-balance"] = Stray(command.suspense_fen, "opening-balance", "")
            case c.PostDeposit():
                self._deposit(command)
            case c.MatchSuspense():
                stray = self.stray[command.suspense_id]
                agreement = self.contracts[command.contract_id]
                agreement.receive(command.amount_fen, stray.reference, stray.route)
                agreement.moves.add(command.effective_on)
                self._take_stray(command.suspense_id, command.amount_fen)
            case c.ReturnSuspense():
                self.stray[command.suspense_id].returning = command.instruction_id
                self.returns[command.instruction_id] = command.suspense_id
            case c.ReleaseReserve():
                self.reserve -= command.amount_fen
                self.other_earned += command.amount_fen
            case c.RecordUnexplainedDebit():
                self._move(-command.amount_fen)
                self.shortage += command.amount_fen
            case c.RestoreUnexplainedDebit():
                self._move(command.amount_fen)
                self.shortage -= command.amount_fen
            case c.RequestPayout():
                self.payouts[command.instruction_id] = command.amount_fen
            case c.SettleInstruction():
                self._settle(command)
            case _:
                moves_nothing = c.ChangeAuthority | c.RateInstitution | c.ReportBankBalance
                assert isinstance(command, moves_nothing | c.SetMinimumBalance)

    def _move(self, amount: int) -> None:
        self.book.append(amount)
        self.moved = True

    def _take_stray(self, suspense_id: str, amount: int) -> None:
        self.stray[suspense_id].amount -= amount
        if not self.stray[suspense_id].amount:
            del self.stray[suspense_id]

    def _deposit(self, command: c.PostDeposit) -> None:
        self._move(command.amount_fen)
        if command.purpose == "reserve":
            self.reserve += command.amount_fen
            return
        contract_id = self.find(command.contract_reference)
        rest = self.unexplained(command)
        if contract_id and rest < command.amount_fen:
            agreement = self.contracts[contract_id]
            agreement.receive(command.amount_fen - rest, command.bank_reference, command.payer_route)
            agreement.moves.add(command.effective_on)
        if rest:
            self.stray[command.suspense_id] = Stray(rest, command.bank_reference, command.payer_route)

    def _lesson(self, command: c.DeliverLesson | c.CorrectLesson) -> None:
        self.moved = True
        for contract_id in command.contracts:
            agreement = self.contracts[contract_id]
            agreement.moves.add(command.effective_on)
            if isinstance(command, c.CorrectLesson):
                taken = agreement.lessons.pop(command.lesson_id)
                assert agreement.charges[taken.charge].taken.pop(taken.number) == taken.amount
                continue
            found = agreement.next_lesson()
            assert found is not None
            index, number, amount, _ = found
            agreement.charges[index].taken[number] = amount
            days = HOLDING_DAYS[self.pack]
            payable_on = working_days_after(self.today, days) if days else AT_ONCE
            agreement.lessons[command.lesson_id] = Taken(index, number, amount, payable_on)

    def _settle(self, command: c.SettleInstruction) -> None:
        instruction_id, settled = command.instruction_id, command.outcome == "settled"
        if instruction_id in self.payouts:
            amount = self.payouts.pop(instruction_id)
            if settled:
                self.paid_out += amount
                self._move(-amount)
        elif instruction_id in self.returns:
            suspense_id = self.returns.pop(instruction_id)
            self.stray[suspense_id].returning = ""
            if settled:
                self._take_stray(suspense_id, command.amount_fen)
                self._move(-command.amount_fen)
        else:
            leg = self.legs[instruction_id]
            claim = self.refunds[leg.refund]
            if settled or leg.paid:
                self.contracts[claim.contract].moves.add(command.effective_on)
            if settled:
                leg.paid = True
                claim.paid += leg.amount
                self._move(-leg.amount)
                self._conclude(claim)
                return
            if leg.paid:
                claim.paid -= leg.amount
                self._move(leg.amount)
            leg.receipt.back -= leg.amount
            claim.bounced[leg.receipt.reference] = claim.bounced.get(leg.receipt.reference, 0) + 1
            del self.legs[instruction_id]

    # refunds

    def _refund(self, command: c.Command, events: Sequence[e.Event]) -> None:
        match command:
            case c.RequestRefund():
                due_on = working_days_after(self.today, ANSWER_DAYS)
                left = self.contracts[command.contract_id].left
                self.refunds[command.refund_id] = Claim(command.contract_id, left, due_on)
                self._check_quote(command.contract_id, events)
            case c.AnswerRefund():
                claim = self.refunds[command.refund_id]
                claim.answered = True
                amount = claim.quoted if command.agree else command.offered_fen
                if amount:
                    self._agree(command.refund_id, amount, command.agree, command.effective_on, events)
            case c.OrderRefund():
                more = command.amount_fen - self.refunds[command.refund_id].agreed
                self._agree(command.refund_id, more, True, command.effective_on, events)
            case c.WithdrawRefund():
                self.refunds[command.refund_id].final = True
                self._conclude(self.refunds[command.refund_id])
            case _:
                assert isinstance(command, c.InstructRefund)
                self._instruct(command.refund_id, events)

    def _check_quote(self, contract_id: str, events: Sequence[e.Event]) -> None:
        [quoted] = [event for event in events if isinstance(event, e.RefundQuoted)]
        charges = self.contracts[contract_id].charges
        assert [line.refund_fen for line in quoted.lines] == [charge.left for charge in charges]
        assert quoted.amount_fen == sum(charge.left for charge in charges)

    def _agree(self, refund_id: str, amount: int, final: bool, on: date, events: Sequence[e.Event]) -> None:
        claim = self.refunds[refund_id]
        self.contracts[claim.contract].give_up(amount)
        self.contracts[claim.contract].moves.add(on)
        claim.agreed += amount
        claim.final = final
        claim.pay_due_on = working_days_after(self.today, PAYMENT_DAYS)
        self._instruct(refund_id, events)
        self._conclude(claim)

    def _instruct(self, refund_id: str, events: Sequence[e.Event]) -> None:
        """All of what waits goes to the bank, or nothing when the cash does not suffice."""
        amount = self.to_instruct(refund_id)
        legs: list[tuple[Receipt, int]] = []
        if 0 < amount <= self.unpromised_cash:
            legs = self.contracts[self.refunds[refund_id].contract].route_back(amount)
        sent = [event for event in events if isinstance(event, e.RefundInstructed) and event.refund_id == refund_id]
        said = [leg for event in sent for leg in event.legs]
        assert [(leg.payment_reference, leg.route, leg.amount_fen) for leg in said] == [
            (receipt.reference, receipt.route, part) for receipt, part in legs
        ]
        for leg, (receipt, part) in zip(said, legs, strict=True):
            assert self.amount_of(leg.instruction_id) is None, "an instruction takes the place of another"
            self.legs[leg.instruction_id] = Leg(refund_id, receipt, part)

    def _conclude(self, claim: Claim) -> None:
        claim.concluded = claim.concluded or not claim.waits

    # the clock

    def _end(self, contract_id: str) -> None:
        self.ended.append(self.contracts.pop(contract_id))
        gone = {refund_id for refund_id, claim in self.refunds.items() if claim.contract == contract_id}
        self.refunds = {refund_id: claim for refund_id, claim in self.refunds.items() if refund_id not in gone}
        self.legs = {i: leg for i, leg in self.legs.items() if leg.refund not in gone}

    def _top_up(self, events: Sequence[e.Event]) -> None:
        missing = max(0, self.minimum - self.cash)
        demanded = [event.amount_fen for event in events if isinstance(event, e.TopUpDemanded)]
        assert demanded == ([missing] if missing and missing != self.top_up else [])
        assert any(isinstance(event, e.TopUpMet) for event in events) == (not missing and bool(self.top_up))
        self.top_up = missing

    def _close(self, today: date, events: Sequence[e.Event]) -> None:
        waiting = {claim.contract for claim in self.refunds.values() if claim.waits}
        finished = [
            contract_id
            for contract_id, agreement in sorted(self.contracts.items())
            if agreement.ends_on + timedelta(days=RETENTION_DAYS) < today
            and not agreement.left
            and not agreement.moved_within(RETENTION_DAYS, today)
            and contract_id not in waiting
        ]
        overdue: list[str] = []
        for refund_id, claim in sorted(self.refunds.items()):
            if not claim.waits:
                continue
            if not claim.answered and not claim.final and claim.answer_due_on < today:
                claim.answered = True
                self._agree(refund_id, claim.quoted, True, today, events)
                continue
            if claim.paid < claim.agreed and claim.pay_due_on and claim.pay_due_on < today and not claim.overdue:
                claim.overdue = True
                overdue.append(refund_id)
            if max(claim.bounced.values(), default=0) <= 1:
                self._instruct(refund_id, events)
        self._top_up(events)
        assert [event.refund_id for event in events if isinstance(event, e.RefundOverdue)] == overdue
        assert [event.contract_id for event in events if isinstance(event, e.ContractEnded)] == finished
        for contract_id in finished:
            self._end(contract_id)
