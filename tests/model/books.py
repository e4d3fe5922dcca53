"""An account's books in plain Python, kept from what events say and not by the ledger's code.

Nothing is a balance: every figure is added up from facts when it is asked for. The institution's claim, for example, is
all that it earned or laid out less all that it was given or kept. What `follow` asserts on the way are rules that no
event may break, whatever led to it; `tests.model.life_invariants` compares the account with what is added up here.
"""

from ledger.domain import events as e
from tests.model.books_refunds import RefundBooks


class Books(RefundBooks):
    """All of an account: families, refunds, what the institution is given, what stops it, and the end."""

    def follow(self, event: e.Event) -> None:
        """Remember a fact; an event that moves no money and stops none is not looked at."""
        self.follow_money_in(event)
        self.follow_lessons(event)
        self.follow_refunds(event)
        self._institution(event)
        self._rules(event)
        self._ending(event)

    def _institution(self, event: e.Event) -> None:
        match event:
            case e.PayoutInstructed():
                self.order(event, "payout", event.instruction_id)
                self.given += event.amount_fen
                self._check_payout(event)
            case e.AdvanceApproved():
                self.allowed = event.limit_fen
                assert event.amount_fen + event.outstanding_fen <= event.limit_fen
            case e.AdvanceInstructed():
                self.order(event, "advance", event.instruction_id)
                self.given += event.amount_fen
                self.advance += event.amount_fen
                self._check_advance()
            case e.PayoutSettled() | e.AdvancePaid():
                self.settle(event)
            case e.PayoutFailed() | e.AdvanceFailed():
                assert self.orders.pop(event.instruction_id).amount == event.amount_fen
                self.given -= event.amount_fen
                if isinstance(event, e.AdvanceFailed):
                    self.advance += event.recouped_fen - event.amount_fen
            case e.AdvanceRecouped():
                self.advance -= event.amount_fen
            case e.KeptFeesConsumed():
                self.held -= event.amount_fen
            case e.SuspenseReturnFailed() | e.TransferFailed():
                assert self.orders.pop(event.instruction_id).amount == event.amount_fen
            case _:
                pass

    def _check_payout(self, event: e.PayoutInstructed) -> None:
        """What a payout leaves: families' money, the minimum balance, held funds, lessons that are not payable yet."""
        self._check_may_pay()
        b, left = self.buckets(), self.cash - sum(self.short.values()) - self.in_flight
        families = b["prepaid"] + b["refund_payable"]
        assert left >= families + b["suspense"] - b["advance"]
        if self.winding_down:
            assert families == 0, "the institution comes last"
        else:
            assert left >= self.minimum
        waiting = sum(drawn.amount for drawn in self.drawn.values() if drawn.payable_on > event.effective_on)
        assert self.earned - waiting - sum(self.holds.values()) >= 0

    def _check_advance(self) -> None:
        self._check_may_pay()
        b, left = self.buckets(), self.cash - self.in_flight
        assert not self.winding_down
        assert not self.holds
        assert left >= max(self.minimum, b["refund_payable"] + b["suspense"])
        assert left >= b["prepaid"] + b["refund_payable"] + b["suspense"] - b["advance"]
        assert self.advance <= self.allowed

    def _check_may_pay(self) -> None:
        assert not self.suspended
        assert not self.frozen & {"all", "payouts"}
        assert self.given - self.ever_due - self.laid_out <= self.allowed, "no family's fen pays the institution"

    # what stops money, and the end

    def _rules(self, event: e.Event) -> None:
        match event:
            case e.MinimumBalanceHeld():
                self.minimum = event.amount_fen
            case e.FundsHeld():
                assert event.hold_id not in self.holds
                self.holds[event.hold_id] = event.amount_fen
            case e.HoldReleased():
                assert self.holds.pop(event.hold_id) == event.amount_fen
            case e.AccountFrozen():
                self.frozen.add(event.scope)
            case e.AccountUnfrozen():
                self.frozen.remove(event.scope)
            case e.TeachingSuspended() | e.TeachingResumed():
                assert self.suspended == isinstance(event, e.TeachingResumed)
                self.suspended = not self.suspended
            case e.BreakFound():
                self.short[event.break_id] = event.short_fen
            case e.BreakResolved():
                del self.short[event.break_id]
            case _:
                pass

    def _ending(self, event: e.Event) -> None:
        match event:
            case e.WindDownStarted():
                self.winding_down = True
                b = self.buckets()
                assert event.cash_fen == b["cash"]
                assert event.obligation_fen == b["prepaid"] + b["refund_payable"]
            case e.ClaimRecorded():
                for claim in event.claims:
                    assert claim.claim_fen == self.refunds[claim.refund_id].open
            case e.DistributionOpened():
                assert self.shares == 0
                assert event.amount_fen <= min(event.available_fen, event.claims_fen)
                assert event.available_fen <= self.cash - self.in_flight
                self.shares = event.amount_fen
            case e.ClaimAllocated():
                self._allocate(event)
            case e.WindDownClosed():
                came_to = event.paid_fen + event.transferred_fen + event.held_fen + event.lost_fen
                assert event.claims_fen == came_to
                assert not event.lost_fen or not event.institution_fen
            case e.ContinuityTransferred():
                assert event.amount_fen == sum(part.amount_fen for part in (*event.lines, *event.refunds))
                assert event.amount_fen == sum(payment.amount_fen for payment in event.payments)
                self.leave(event.contract_id, event.lines, event.payments)
                for part in event.refunds:
                    self.refunds[part.refund_id].paid += part.amount_fen
                    assert self.refunds[part.refund_id].open >= 0
                self.unsent[event.transfer_id] = event.amount_fen
                self.order(event, "transfer", event.transfer_id)
            case e.TransferInstructed():
                assert self.unsent[event.transfer_id] == event.amount_fen
                self.order(event, "transfer", event.transfer_id)
            case e.TransferSettled():
                self.settle(event)
                assert self.unsent.pop(event.transfer_id) == event.amount_fen
            case e.TransferReturned():
                order = self.orders.pop(event.instruction_id)
                assert (order.kind, order.amount, order.paid) == ("transfer", event.amount_fen, True)
                assert event.transfer_id not in self.unsent
                self.unsent[event.transfer_id] = event.amount_fen
                self.book(event, event.amount_fen)
            case e.ContinuityReceived():
                self.transit[event.transfer_id] = event.amount_fen
                self.fill(event.contract_id, event.amount_fen, event.lines)
                self.arrive(self.families[event.contract_id], event.payments)
            case e.ContinuityArrived():
                assert self.transit.pop(event.transfer_id) == event.amount_fen
                self.book(event, event.amount_fen)
            case e.ContinuityMatched():
                assert self.transit.pop(event.transfer_id) == event.amount_fen
                self.take_stray(event.suspense_id, event.amount_fen)
            case _:
                pass

    def _allocate(self, event: e.ClaimAllocated) -> None:
        for line in event.lines:
            assert 0 <= line.allocated_fen <= line.uncovered_fen
            self.shares -= line.allocated_fen
            for part in line.kept:
                self.families[line.contract_id].receipts[part.payment_reference].kept -= part.amount_fen
        assert self.shares >= 0, "what is shared out is shared once"
        self.reserve -= event.from_reserve_fen
        self.held -= event.from_reserve_fen
        self.laid_out += event.from_reserve_fen
